"""The attention of models of pictures as they tell it, over the tokens of two pictures."""

import inspect
import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import PreTrainedModel

from reaching.families import Case
from reaching.shrink import SIDE
from reaching.truth import Own, judged, load

SIZES = (40, 56), (32, 32), (70, 48)
"""Height and width of the pictures that the product reads."""
COUNT = 2
"""Pictures of a batch."""


def own(folder: Path, case: Case, pixels: torch.Tensor) -> Own:
    """Ask a model for its own attention.

    Parameters
    ----------
    pixels : float32 (pictures, 3, height, width)

    Returns
    -------
    Own
        By picture, then by layer: (heads, tokens, tokens). None if layers have different numbers
        of tokens, or windows of their own, as in the hierarchical families.
    """
    return told(load(folder, case, "eager"), pixels)


def told(net: PreTrainedModel, pixels: torch.Tensor) -> Own:
    """Return what a net that computes by the eager code tells of its attention."""
    inputs = {"pixel_values": pixels} | in_order(net, pixels)
    with torch.inference_mode():
        output = net(**inputs, output_attentions=True)
    layers = [one for one in output.get("attentions") or () if isinstance(one, torch.Tensor)]
    shapes = {tuple(layer.shape) for layer in layers}
    square = len(shapes) == 1 and layers[0].ndim == 4 and layers[0].shape[2] == layers[0].shape[3]
    if not square or layers[0].shape[0] != len(pixels):
        return Own([[] for _ in pixels], "none")
    lengths = [layers[0].shape[2]] * len(pixels)
    kind, found = judged([layer.float().numpy() for layer in layers], lengths)
    return Own([[layer[at] for layer in found] for at in range(len(pixels))], kind)


def in_order(net: PreTrainedModel, pixels: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the noise by which ViT-MAE keeps its patches in their order; nothing for others."""
    if "noise" not in inspect.signature(net.forward).parameters:
        return {}
    count = (pixels.shape[2] // net.config.patch_size) * (pixels.shape[3] // net.config.patch_size)
    return {"noise": torch.arange(count, dtype=torch.float32).expand(len(pixels), -1)}


def drawn() -> list[bytes]:
    """Return files of pictures of some sizes."""
    files = []
    for number, (height, width) in enumerate(SIZES):
        coarse = np.random.default_rng(number).integers(0, 256, (8, 8, 3), dtype=np.uint8)
        file = io.BytesIO()
        Image.fromarray(coarse).resize((width, height), Image.Resampling.BILINEAR).save(file, "PNG")
        files.append(file.getvalue())
    return files


def some() -> torch.Tensor:
    """Return pictures of noise that is smooth enough to differ by place."""
    chance = np.random.default_rng(0)
    coarse = torch.from_numpy(chance.normal(size=(COUNT, 3, 8, 8)).astype(np.float32))
    return torch.nn.functional.interpolate(coarse, size=(SIDE, SIDE), mode="bilinear")
