"""Runs with vectors made by hand, in the store, and what comes back from there."""

import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import patterns

from compute import runs, store
from compute.capture import sight
from compute.jobs import opening

FIVE_LINES = """The old clock ticks. The old clock stops.
A red bird sings to a red bird in the rain.
She gave him a book, and he gave her a song.
One two three four. One two three four.
The cat that the dog chased was black."""


def random_run(layers=2, heads=3, passages=6, length=12, d=8, seed=0, causal=True) -> runs.Run:
    """Gaussian queries and keys, other ones in every head; the last head of all is uniform."""
    rng = np.random.default_rng(seed)
    n = passages * length
    ids = np.arange(n) % 7
    words = patterns.tokens(ids.reshape(passages, length))
    tokens = replace(words, strings=tuple(f"t{i}" for i in ids), special=words.position == 0)
    known = {"name": "Made by hand", "identity": str(seed), "positions": None, "mask_id": None}
    model = patterns.info(layers, heads, causal, d, **known)
    q, k = rng.normal(size=(2, layers, heads, n, d)).astype(np.float32) * 1.5
    q[-1, -1] = 0
    key = store.key("made by hand", layers, heads, passages, length, d, seed, causal)
    made = runs.Run(
        *(key, model, "Made by hand", (), tokens),
        *(q, k, np.ones(k.shape[:3], np.float32)),
        scaling=(1.0,) * layers,
        softcap=None,
        sights=(sight.causal(length) if causal else sight.full(length, length),),
        pattern=(0,) * layers,
    )
    runs.RUNS.put(key, made)
    return runs.load(key)


def random_cross(layers=2, heads=3, passages=6, targets=9, sources=12, d=8, seed=0) -> runs.Run:
    """The same of cross-attention: each query may see all keys of its passage."""
    rng = np.random.default_rng(seed)
    asking = random_run(layers, heads, passages, targets, d, seed, causal=False)
    asked = random_run(layers, heads, passages, sources, d, seed + 1, causal=False)
    source = replace(asked.tokens, strings=tuple(f"s{i}" for i in asked.tokens.ids))
    key = store.key("made by hand", "cross", layers, heads, passages, targets, sources, d, seed)
    made = replace(
        asking,
        key=key,
        model=replace(asking.model, task="pairs", part="cross"),
        k=rng.normal(size=(layers, heads, len(source), d)).astype(np.float32) * 1.5,
        v_norm=np.ones((layers, heads, len(source)), np.float32),
        sights=(sight.full(targets, sources),),
        source=source,
    )
    runs.RUNS.put(key, made)
    return runs.load(key)


def comes_back(kind: store.Stored, result: object) -> None:
    """Keep a result, and find it again with all that is in it."""
    name = store.key("kept")
    assert not kind.has(name)
    kind.put(name, result)
    np.testing.assert_equal(asdict(kind.get(name)), asdict(result))


def damage(folder: Path, name: str, how: str) -> None:
    """Do harm to an array of an entry, to its manifest or to the whole folder."""
    file = folder / f"{name}.npy"
    content = file.read_bytes()
    if how == "flip":
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif how == "cut":
        file.write_bytes(content[:-4])
    elif how == "remove":
        file.unlink()
    elif how == "manifest":
        (folder / store.MANIFEST).write_text("{")
    else:
        shutil.rmtree(folder)


def quiet(*_: object) -> None:
    """Take a report and do nothing with it."""


def in_threads(use: Callable[[str], None]) -> None:
    """Call with each of eight letters, in threads that take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(use, "abcdefgh"))
    finally:
        sys.setswitchinterval(before)


def column(run: runs.Run, layer: int, head: int, text: str = "prose") -> dict:
    """What the page knows of a column that shows a head of a run."""
    return {"run": opening.describe(run, "made", text), "layer": layer, "head": head}
