"""Runs whose heads attend exactly as a test says."""

import dataclasses

import numpy as np

from compute.capture import sight
from compute.models.model import ModelInfo
from compute.runs import Run
from compute.texts.tokens import Tokens


def info(layers: int, heads: int, causal: bool, head_dim: int = 8, **changes) -> ModelInfo:
    values = {
        "spec": "made",
        "name": "made by hand",
        "identity": "made",
        "note": "",
        "task": "causal" if causal else "masked",
        "family": "made",
        "layers": layers,
        "heads": heads,
        "kv_heads": heads,
        "head_dim": head_dim,
        "causal": causal,
        "positions": 512,
        "mask_id": None if causal else 4,
    }
    return ModelInfo(**(values | changes))


def tokens(passages: list[list[int]], special: set[int] = frozenset()) -> Tokens:
    ids = np.concatenate(passages).astype(np.int32)
    lengths = [len(p) for p in passages]
    return Tokens(
        strings=tuple(str(i) for i in ids),
        ids=ids,
        passage=np.repeat(np.arange(len(passages)), lengths).astype(np.int32),
        position=np.concatenate([np.arange(n) for n in lengths]).astype(np.int32),
        special=np.isin(ids, list(special)),
    )


def run(
    passages: list[list[int]],
    attention: list[np.ndarray],
    causal: bool,
    special: set[int] = frozenset(),
    **changes,
) -> Run:
    """Return a run with the given attention (layers, heads, m, m) of each passage.

    Keys are the places' own axes and queries the logarithms of their rows.
    """
    layers, heads = attention[0].shape[:2]
    longest = max(len(p) for p in passages)
    words = tokens(passages, special)
    q = np.zeros((layers, heads, len(words), longest), np.float32)
    k = np.zeros_like(q)
    for p, matrix in enumerate(attention):
        m, span = matrix.shape[-1], slice(words.starts[p], words.starts[p + 1])
        with np.errstate(divide="ignore"):
            q[:, :, span, :m] = np.maximum(np.log(matrix), -1e4)
        k[:, :, span, :m] = np.eye(m)
    seen = sight.causal(longest) if causal else sight.full(longest, longest)
    rules = {"sights": (seen,), "pattern": (0,) * layers}
    rules["v_norm"] = np.ones(k.shape[:3], np.float32)
    return Run(
        key="made",
        model=info(layers, heads, causal, longest),
        title="",
        notes=(),
        tokens=words,
        q=q,
        k=k,
        scaling=(1.0,) * layers,
        softcap=None,
        **(rules | changes),
    )


def cross(
    targets: list[list[int]],
    sources: list[list[int]],
    attention: list[np.ndarray],
    special: set[int] = frozenset(),
) -> Run:
    """Return cross-attention with the given weights (layers, heads, t, s) of each passage."""
    layers, heads = attention[0].shape[:2]
    sides = tokens(targets, special), tokens(sources, special)
    longest = [max(map(len, side)) for side in (targets, sources)]
    q = np.zeros((layers, heads, len(sides[0]), longest[1]), np.float32)
    k = np.zeros((layers, heads, len(sides[1]), longest[1]), np.float32)
    for p, matrix in enumerate(attention):
        s = matrix.shape[-1]
        with np.errstate(divide="ignore"):
            q[:, :, sides[0].span(p), :s] = np.maximum(np.log(matrix), -1e4)
        k[:, :, sides[1].span(p), :s] = np.eye(s)
    return Run(
        *("made cross", info(layers, heads, False, longest[1], task="pairs", part="cross")),
        *("", (), sides[0], q, k, np.ones(k.shape[:3], np.float32)),
        scaling=(1.0,) * layers,
        softcap=None,
        sights=(sight.full(*longest),),
        pattern=(0,) * layers,
        source=sides[1],
    )


CLS, SEP = 2, 3


def shifted(m: int, offset: int) -> np.ndarray:
    return np.eye(m)[np.clip(np.arange(m) + offset, 0, m - 1)]


def random_run(lengths=(9, 14, 5, 9), causal=False, heads_=3, layers=2, seed=0):
    rng = np.random.default_rng(seed)
    passages = [[CLS, *rng.integers(10, 30, n - 2).tolist(), SEP] for n in lengths]
    rows = []
    for n in lengths:
        a = rng.random((layers, heads_, n, n))
        a = np.tril(a) if causal else a
        rows.append(a / a.sum(-1, keepdims=True))
    return run(passages, rows, causal, {CLS, SEP}), rows


def run_of(*passages: list[str], causal: bool = False):
    ids = [list(range(len(p))) for p in passages]
    flat = [np.full((1, 1, len(p), len(p)), 1 / len(p)) for p in passages]
    made = run(ids, flat, causal)
    strings = tuple(s for p in passages for s in p)
    special = np.array([s in ("[CLS]", "[SEP]") for s in strings])
    tokens = dataclasses.replace(made.tokens, strings=strings, special=special)
    return dataclasses.replace(made, tokens=tokens)


HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "a&b", "'", "]]>", "·<b>"]


def hostile_run():
    """A run whose tokens, titles and model try to be markup."""
    made, _ = random_run(lengths=(12, 14, 9, 50))
    strings = tuple(
        HOSTILE[i % len(HOSTILE)] if not special else "[CLS]"
        for i, special in enumerate(made.tokens.special)
    )
    tokens = dataclasses.replace(made.tokens, strings=strings)
    model = dataclasses.replace(made.model, name="<u>model</u>", note="<i>note</i>", spec="a\"b'c")
    return dataclasses.replace(
        made, tokens=tokens, model=model, title="<script>t()</script>", notes=("<s>x</s>",)
    )


def cross_run(layers=2, heads_=3, seed=0) -> Run:
    """Cross-attention of random weights; two passages whose targets and sources differ in size."""
    rng = np.random.default_rng(seed)
    targets = [[CLS, 10, 11, 12, 13, 14, 15], [CLS, 20, 21, 10, 11]]
    sources = [[10, 11, 12, 13, 14, SEP], [20, 21, 22, 23, SEP]]
    made = [
        rng.random((layers, heads_, len(t), len(s))) for t, s in zip(targets, sources, strict=True)
    ]
    return cross(targets, sources, [a / a.sum(-1, keepdims=True) for a in made], {CLS, SEP})
