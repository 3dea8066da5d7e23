"""Clouds made by hand for the tests of maps and trust."""

import numpy as np

from compute.capture import sight
from compute.maps.cloud import Cloud


def random_cloud(passages=12, length=12, d=8, causal=False, seed=0, strength=1.0, ends=True):
    """Gaussian queries and keys; first and last token of each passage special, as in BERT."""
    rng = np.random.default_rng(seed)
    n = passages * length
    q, k = rng.normal(size=(2, n, d)).astype(np.float32) * strength
    place = np.arange(n) % length
    sink = (place == 0) | ((place == length - 1) & (not causal)) if ends else np.zeros(n, bool)
    return Cloud(
        q=q,
        k=k,
        starts=np.arange(passages + 1) * length,
        sink=sink,
        sight=sight.causal(length) if causal else sight.full(length, length),
    )


def topic_cloud(passages=20, length=14, topics=6, d=12, seed=0, strength=6.0):
    """Tokens of a topic attend to tokens of the next topic, by directions that q and k share."""
    rng = np.random.default_rng(seed)
    n = passages * length
    directions = np.linalg.qr(rng.normal(size=(d, d)))[0][:topics]
    topic = rng.integers(0, topics, n)
    q = directions[(topic + 1) % topics] * strength + rng.normal(size=(n, d)) * 0.3
    k = directions[topic] + rng.normal(size=(n, d)) * 0.3
    k = k + rng.normal(size=d) * 2  # a shift that attention does not see
    return Cloud(
        q=q.astype(np.float32),
        k=k.astype(np.float32),
        starts=np.arange(passages + 1) * length,
        sink=np.zeros(n, bool),
        sight=sight.full(length, length),
    )


def tiny_clouds():
    """Inputs at the edge: no method may fail on them."""

    def make(q, k, starts, sink=None):
        longest = int(np.diff(starts).max())
        sink = np.zeros(len(q), bool) if sink is None else np.asarray(sink)
        return Cloud(
            np.asarray(q, np.float32),
            np.asarray(k, np.float32),
            np.asarray(starts),
            sink,
            sight.full(longest, longest),
        )

    rng = np.random.default_rng(1)
    some = rng.normal(size=(2, 9, 4))
    return {
        "one token": make(some[0, :1], some[1, :1], [0, 1]),
        "two tokens": make(some[0, :2], some[1, :2], [0, 2]),
        "one passage": make(*some, [0, 9]),
        "passages of one": make(*some, np.arange(10)),
        "all special": make(*some, [0, 4, 9], np.ones(9, bool)),
        "one not special": make(*some, [0, 4, 9], np.arange(9) != 2),
        "identical": make(np.ones((9, 4)), np.ones((9, 4)), [0, 4, 9]),
        "all zero": make(np.zeros((20, 4)), np.zeros((20, 4)), [0, 20]),
        "one dimension": make(some[0, :, :1], some[1, :, :1], [0, 9]),
        "huge": make(some[0] * 1e4, some[1] * 1e4, [0, 9]),
    }
