"""The long and the large path: models of a real shape with random weights, read to their end."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from reaching.families import WORDS, tokenizer
from reaching.peaks import Peak, Say

HEAD = 1
"""The head that is looked at."""


@dataclass(frozen=True)
class Shape:
    """A Llama, the text that it reads, and how.

    Attributes
    ----------
    settings : dict
        Of `LlamaConfig`, but the number of layers.
    layers : int
        How many the model has that is meant.
    dtype : str
        Of its weights, and in which it is read.
    passages, length : int
        How many there are, and tokens of each, [CLS] and [SEP] included.
    held : str
        The layers that are stored, as ``--layers`` has them; all where it is empty.
    most : int
        Bytes that reading it may take, of the model that is meant.
    """

    name: str
    settings: dict[str, int]
    layers: int
    dtype: str
    passages: int
    length: int
    held: str
    most: int


LONG = Shape(
    "SmolLM2's shape, a passage of 16,384 tokens",
    {
        "hidden_size": 576,
        "intermediate_size": 1536,
        "num_attention_heads": 9,
        "num_key_value_heads": 3,
        "vocab_size": 49152,
    },
    layers=30,
    dtype="float32",
    passages=1,
    length=16384,
    held="",
    most=3 * 2**30,
)
LARGE = Shape(
    "the shape of an 8B Llama, 10,000 tokens, one layer stored",
    {
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "vocab_size": 128256,
        "tie_word_embeddings": False,
    },
    layers=32,
    dtype="bfloat16",
    passages=10,
    length=1000,
    held="1",
    most=24 * 2**30,
)


def save(folder: Path, shape: Shape, layers: int, seed: int = 0) -> Path:
    """Write a model of so many layers with random weights, and its tokenizer; layer by layer."""
    config = LlamaConfig(
        **{"tie_word_embeddings": True} | shape.settings,
        num_hidden_layers=layers,
        max_position_embeddings=max(shape.length, 2048),
        pad_token_id=0,
    )
    before = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, shape.dtype))
    try:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            LlamaForCausalLM(config).save_pretrained(folder)
    finally:
        torch.set_default_dtype(before)
    tokenizer().save_pretrained(folder)
    return folder


def text(shape: Shape) -> str:
    """Return words, a passage a line, each token of which the tokenizer knows."""
    chance = np.random.default_rng(0)
    count = shape.length - 2
    return "\n".join(" ".join(chance.choice(WORDS, count)) for _ in range(shape.passages))


def walk(say: Say, folder: str, shape: Shape) -> dict[str, Any]:
    """Open a model, read the text, look at a window of a head and at its map, as the page does.

    Returns
    -------
    dict
        ``tokens``; ``weights``, those of one ``layer``, and ``vectors`` in bytes; ``row``, the sum
        of a row of attention inside and outside of the window; ``trust`` of the map.
    """
    os.environ |= {"HEADSCOPE_LONGEST": str(shape.length), "HEADSCOPE_LAYERS": shape.held}
    os.environ["HEADSCOPE_DTYPE"] = shape.dtype
    from compute import runs, texts
    from compute.attention import windows
    from compute.finding import catalog
    from compute.jobs import mapping, opening
    from compute.models import loading, probe
    from compute.runs import cost
    from compute.trust import trust_store

    if shape.dtype != "float32":  # a copy in single precision, made where it fits, as here alone
        probe.drift = lambda net, tokenizer: None
    torch.set_num_threads(1)  # as in a job
    say("opening the model")
    net = loading.load(catalog.find(folder)).net
    weights = sum(p.numel() * p.element_size() for p in net.parameters())
    layer_weights = sum(p.numel() * p.element_size() for p in net.model.layers[0].parameters())
    name = texts.save_user(texts.from_user(text(shape)))
    say("reading the text")
    run = runs.load(opening.open_run(folder, name, lambda _: None)["key"])
    del net
    loading.load.cache_clear()
    layer = run.stored[-1]
    say("a window of the heatmap")
    window = windows.around(run, 0, row=shape.length // 2)
    row = windows.weights(run, layer, HEAD, window)[0].sum()
    outside = windows.beyond(run, layer, HEAD, window, 0)
    say("a map and its trust")
    layout = mapping.fit_map(run.key, layer, HEAD, "attention", 2, {}, lambda _: None)
    return {
        "tokens": len(run.tokens),
        "weights": weights,
        "layer": layer_weights,
        "vectors": cost.of_layers(run, run.stored).bytes,
        "row": float(row + (outside["share"] if outside else 0)),
        "trust": trust_store.TRUST.get(trust_store.key(layout)).score,
    }


def is_whole(shape: Shape, found: dict[str, Any]) -> bool:
    """Tell whether a row of attention, inside and outside of the window, sums to 1.

    In half precision each weight is rounded by itself.
    """
    return abs(found["row"] - 1) < (1e-4 if shape.dtype == "float32" else 0.02)


def told(
    shape: Shape, layers: int, found: dict[str, Any], steps: dict[str, Peak]
) -> tuple[list[str], int]:
    """Return lines on what a walk took, and the most bytes that it took, or would take.

    Where fewer layers were made than the model has that is meant, the weights of the rest are added
    by arithmetic: what else is in memory is of one layer at a time.
    """
    lines = [f"{shape.name}: {layers} of {shape.layers} layers, {found['tokens']:,} tokens, "
             f"{shape.dtype}; weights {_gib(found['weights'])}, vectors on the disk "
             f"{_gib(found['vectors'])}"]  # fmt: skip
    lines.append(f"{'measured':<26}{'seconds':>9}{'resident':>10}{'its own':>10}{'of files':>10}")
    for name, peak in steps.items():
        sizes = (_gib(size).rjust(10) for size in (peak.resident, peak.own, peak.mapped))
        lines.append(f"{name:<26}{peak.seconds:>9.1f}{''.join(sizes)}")
    most = max(peak.resident for peak in steps.values())
    lines.append(f"trust of the map {found['trust']:.3f}, a row sums to {found['row']:.6f}")
    if layers < shape.layers:
        own, mapped = (max(getattr(p, of) for p in steps.values()) for of in ("own", "mapped"))
        rest = (shape.layers - layers) * found["layer"]
        most = own + mapped + rest
        lines.append(
            f"by arithmetic, all {shape.layers} layers: {_gib(rest)} of weights more, so "
            f"{_gib(found['weights'] + rest)}, mapped from their file: {_gib(mapped + rest)} of "
            f"files, which the system can take back, and {_gib(own)} of its own: {_gib(most)}"
        )
    return lines, most


def _gib(size: float) -> str:
    return f"{size / 2**30:.2f} GiB"
