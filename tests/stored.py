"""Runs with vectors made by hand, in the store."""

import numpy as np

from compute import runs, store
from compute.jobs import opening
from compute.models.model import ModelInfo
from compute.texts.tokens import Tokens

FIVE_LINES = """The old clock ticks. The old clock stops.
A red bird sings to a red bird in the rain.
She gave him a book, and he gave her a song.
One two three four. One two three four.
The cat that the dog chased was black."""


def random_run(layers=2, heads=3, passages=6, length=12, d=8, seed=0, causal=True) -> runs.Run:
    """Gaussian queries and keys, other ones in every head; the last head of all is uniform."""
    rng = np.random.default_rng(seed)
    n = passages * length
    place = np.tile(np.arange(length), passages)
    tokens = Tokens(
        strings=tuple(f"t{i % 7}" for i in range(n)),
        ids=(np.arange(n) % 7).astype(np.int32),
        passage=np.repeat(np.arange(passages), length).astype(np.int32),
        position=place.astype(np.int32),
        special=place == 0,
    )
    model = ModelInfo(
        spec="made",
        name="Made by hand",
        identity=str(seed),
        note="",
        task="causal" if causal else "masked",
        family="none",
        layers=layers,
        heads=heads,
        kv_heads=heads,
        head_dim=d,
        causal=causal,
        positions=None,
        mask_id=None,
    )
    allowed = np.ones((1, length, length), bool)
    q, k = rng.normal(size=(2, layers, heads, n, d)).astype(np.float32) * 1.5
    q[-1, -1] = 0
    key = store.key("made by hand", layers, heads, passages, length, d, seed, causal)
    made = runs.Run(
        *(key, model, "Made by hand", (), tokens),
        *(q, k, np.ones(k.shape[:3], np.float32)),
        scaling=(1.0,) * layers,
        softcap=None,
        allowed=np.tril(allowed) if causal else allowed,
        pattern=(0,) * layers,
    )
    runs.RUNS.put(key, made)
    return runs.load(key)


def column(run: runs.Run, layer: int, head: int, text: str = "prose") -> dict:
    """What the page knows of a column that shows a head of a run."""
    return {"run": opening.describe(run, "made", text), "layer": layer, "head": head}
