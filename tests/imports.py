"""Queries, keys and tokens as other code would write them."""

from pathlib import Path

import numpy as np

from compute.imported.asking import Asked

PASSAGES = [["The", "·clock", "·ticks", "·at", "·noon"], ["A", "·red", "·bird"]]


def vectors(layers=2, heads=4, kv_heads=2, n=8, d=6, seed=0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = {"q": heads, "k": kv_heads, "v": kv_heads}
    return {name: 2 * rng.normal(size=(layers, count, n, d)).astype(np.float32)
            for name, count in shapes.items()}  # fmt: skip


def attention(q, k, lengths, scale, causal, window=0, softcap=None) -> np.ndarray:
    """Return softmax(scale · q·k) (layers, heads, n, n) as its definition says, in float64."""
    layers, heads, n, _ = q.shape
    found, group = np.zeros((layers, heads, n, n)), heads // k.shape[1]
    ends = np.cumsum(lengths)
    for layer, head in np.ndindex(layers, heads):
        for start, end in zip(ends - lengths, ends, strict=True):
            for i in range(start, end):
                first = max(start, i + 1 - window) if window else start
                keys = np.arange(first, i + 1 if causal else end)
                logits = k[layer, head // group, keys].astype(float) @ q[layer, head, i] * scale
                if softcap:
                    logits = softcap * np.tanh(logits / softcap)
                weights = np.exp(logits - logits.max())
                found[layer, head, i, keys] = weights / weights.sum()
    return found


def written(folder: Path, arrays: dict[str, np.ndarray], passages=PASSAGES, **more) -> Asked:
    """Write .npy files and a file of tokens, and return what asks for their import."""
    files = {}
    for name, array in arrays.items():
        files[name] = folder / f"{name}.npy"
        np.save(files[name], array)
    tokens = folder / "tokens.txt"
    tokens.write_text("\n\n".join("\n".join(passage) for passage in passages), encoding="utf-8")
    said = {"name": "mine", "title": "tokens.txt", "causal": True} | more
    return Asked(files=files, tokens=tokens, **said)
