"""Runs whose heads match queries and keys by directions that the test knows."""

from dataclasses import replace

import numpy as np
import patterns

from compute.capture import sight
from compute.runs import Run

PASSAGES, LENGTH, WORDS, DIMS = 40, 20, 6, 8


def ids(passages: int = PASSAGES, length: int = LENGTH, seed: int = 0) -> np.ndarray:
    """Return random words (passages, length)."""
    return np.random.default_rng(seed).integers(0, WORDS, (passages, length))


def of(words: np.ndarray, q: np.ndarray, k: np.ndarray, causal: bool = False) -> Run:
    """Return a run of one layer with these queries and keys (heads, n, d)."""
    length = words.shape[1]
    seen = sight.causal(length) if causal else sight.full(length, length)
    tokens = patterns.tokens(words.tolist())
    heads, _, dims = q.shape
    return Run(
        key="planted",
        model=patterns.info(1, heads, causal, dims),
        title="Planted",
        notes=(),
        tokens=tokens,
        q=q[None].astype(np.float32),
        k=k[None].astype(np.float32),
        v_norm=None,
        scaling=(1.0,),
        softcap=None,
        sights=(seen,),
        pattern=(0,),
    )


def plane(seed: int = 0, dims: int = DIMS) -> np.ndarray:
    """Return two orthonormal directions (dims, 2) and all others after them (dims, dims)."""
    drawn = np.random.default_rng(seed).normal(size=(dims, dims))
    return np.linalg.qr(drawn)[0]


def same_word(words: np.ndarray | None = None, seed: int = 0, spread: float = 2.5) -> Run:
    """Return a head in which equal words meet, in the plane of the first two axes of `plane`.

    Each word has a place on a circle in it; all else that queries have is wider, and meets nothing
    but a little noise.
    """
    words = ids() if words is None else words
    rng = np.random.default_rng(seed + 1)
    axes, angle = plane(seed), 2 * np.pi * words.ravel() / WORDS
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    rest = axes[:, 2:]
    q = 3 * circle @ axes[:, :2].T
    q = q + spread * rng.normal(size=(len(q), DIMS - 2)) @ rest.T
    k = 3 * circle @ axes[:, :2].T
    k = k + 0.05 * rng.normal(size=(len(k), DIMS - 2)) @ rest.T
    return of(words, q[None], k[None])


def without_effect(words: np.ndarray | None = None, seed: int = 0) -> Run:
    """Return a head that looks at the token before, and whose keys of the words 0 to 2 stand apart.

    Every query has the direction in which they do, so their logits are higher by 4; that is nothing
    beside the 60 that the place brings.
    """
    words = ids() if words is None else words
    passages, length = words.shape
    place = np.tile(np.arange(length), passages)
    q, k = np.zeros((2, words.size, length + 3))
    q[np.arange(words.size), np.maximum(place - 1, 0)] = 60
    k[np.arange(words.size), place] = 1
    q[:, length] = 2
    k[:, length] = np.where(words.ravel() < 3, 1, -1)
    rng = np.random.default_rng(seed)
    q[:, length + 1 :] = rng.normal(size=(words.size, 2))
    k[:, length + 1 :] = 0.1 * rng.normal(size=(words.size, 2))
    return of(words, q[None], k[None])


def unrelated(seed: int, words: np.ndarray | None = None, dims: int = 8) -> Run:
    """Return a head of noise with a mean and with places, in which words play no part."""
    words = ids(seed=seed) if words is None else words
    rng = np.random.default_rng(seed)
    places = np.tile(rng.normal(size=(2, words.shape[1], dims)), (1, len(words), 1))
    q, k = rng.normal(size=(2, words.size, dims)) + places + rng.normal(size=(2, 1, dims))
    return of(words, q[None], k[None])


def special(run: Run, chosen: np.ndarray) -> Run:
    """Return a run in which some tokens are special ones."""
    return replace(run, tokens=replace(run.tokens, special=chosen))
