"""The attention of encoder-decoders as they tell it: encoder, decoder and cross attention of pairs.

Like `truth`, nothing of ours. A pair is a source, a text or a sound, and a target. Texts of a batch
are padded on the right, sources and targets each with a mask of their own.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import PreTrainedModel

from reaching.families import Case
from reaching.shrink import BEGIN, POSITIONS
from reaching.truth import Own, alike, bands, judged, load, padded, unrolled

PARTS = {part: f"{part}_attentions" for part in ("encoder", "decoder", "cross")}
"""The parts, and what transformers calls their attention."""


@dataclass(frozen=True)
class Pair:
    """Ids of a source, and of a target as the decoder reads it: with the token that it starts from.

    Attributes
    ----------
    source : int (s,), or float32 (mels, 2 s)
        Ids, or the spectrogram of a sound, of which Whisper's encoder makes half as many frames.
    target : int (t,)
    """

    source: np.ndarray
    target: np.ndarray


def own(folder: Path, case: Case, pairs: list[Pair]) -> dict[str, Own]:
    """Ask a model for its own attention, by part; see `truth.own`.

    Returns
    -------
    dict of str to Own
        By pair, then by layer: encoder (heads, s, s), decoder (heads, t, t), cross (heads, t, s).
    """
    net = load(folder, case, "eager")
    together = told(net, pairs)
    each = [told(net, [pair]) for pair in pairs]
    alone = {
        part: Own([one[part].attention[0] for one in each], together[part].kind, alone=True)
        for part in PARTS
    }
    same = all(alike(together[part].attention, alone[part].attention) for part in PARTS)
    return together if same else alone


def told(net: PreTrainedModel, pairs: list[Pair]) -> dict[str, Own]:
    """Return what a net that computes by the eager code tells of its attention."""
    with torch.inference_mode():
        output = net(**inputs(pairs), output_attentions=True)
    lengths = {
        "source": [p.source.shape[-1] // p.source.ndim for p in pairs],
        "target": [len(p.target) for p in pairs],
    }
    sides = {"encoder": ("source", "source"), "decoder": ("target", "target")}
    sides["cross"] = ("target", "source")
    return {
        part: _cut(_layers(output, name, net), *(lengths[side] for side in sides[part]))
        for part, name in PARTS.items()
    }


def inputs(pairs: list[Pair]) -> dict[str, torch.Tensor]:
    """Return the inputs of one batch."""
    targets = padded([pair.target for pair in pairs])
    if pairs[0].source.ndim == 2:
        sources = {"input_features": torch.from_numpy(np.stack([pair.source for pair in pairs]))}
    else:
        sources = padded([pair.source for pair in pairs])
    return sources | {f"decoder_{name}": value for name, value in targets.items()}


def some(start: int = BEGIN) -> list[Pair]:
    """Return pairs of different lengths, no source as long as its target."""
    chance = np.random.default_rng(0)
    lengths = ((23, 9), (8, 15), (3, 2), (16, 6))
    drawn = [[chance.integers(5, 150, length) for length in pair] for pair in lengths]
    return [Pair(source, np.array([start, *target])) for source, target in drawn]


def sounds(mels: int, start: int = BEGIN) -> list[Pair]:
    """Return spectrograms of noise, as long as `shrink` lets a model hear, and targets for them."""
    chance = np.random.default_rng(0)
    noise = chance.normal(size=(2, mels, 2 * POSITIONS)).astype(np.float32)
    targets = [np.array([start, *chance.integers(5, 150, length)]) for length in (9, 15)]
    return [Pair(*pair) for pair in zip(noise, targets, strict=True)]


def _layers(output: Any, name: str, net: PreTrainedModel) -> list[np.ndarray]:
    layers = [one for one in output.get(name) or () if isinstance(one, torch.Tensor)]
    widths = bands(net) if name == PARTS["encoder"] else set()
    return [unrolled(one.float().numpy(), one.shape[2], widths) for one in layers]


def _cut(layers: list[np.ndarray], rows: list[int], columns: list[int]) -> Own:
    """Return a part's attention without padding; none if some layer has another shape."""
    shape = (max(rows), max(columns))
    if not layers or any(layer.ndim != 4 or layer.shape[2:] != shape for layer in layers):
        return Own([[] for _ in rows], "none")
    kind, layers = judged(layers, rows, columns)
    cut = [
        [layer[pair, :, :t, :s] for layer in layers]
        for pair, (t, s) in enumerate(zip(rows, columns, strict=True))
    ]
    return Own(cut, kind)
