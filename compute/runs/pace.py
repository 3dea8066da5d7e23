"""How long a pass will take, guessed before it begins: from products of matrices like its own."""

import time

import numpy as np
import torch

from compute.models.model import SIDES, Model

SIDE = 512
"""Rows and columns of the matrices that are multiplied to see how fast the machine is."""


def guessed(model: Model, lengths: np.ndarray, layers: int) -> float:
    """Return how many seconds a pass through some layers takes, to the order of magnitude.

    Two operations for each weight and token, four for each pair of tokens and number of a head's
    vectors; at the speed of products of this precision on this device, measured now.

    Parameters
    ----------
    lengths : int (passages,)
        Their tokens.
    layers : int
        How many the pass goes through.
    """
    info, tokens = model.info, float(np.sum(lengths))
    each = 2 * _weights(model, model.net) / info.layers * tokens
    each += 4 * _pairs(lengths, lengths) * info.heads * info.head_dim
    return each * layers / speed(model)


def guessed_of_pairs(model: Model, lengths: np.ndarray) -> float:
    """Return the same of an encoder–decoder, whose two stacks each read a side.

    Parameters
    ----------
    lengths : int (passages, 2)
        Tokens of each source and of each target.
    """
    sides = dict(zip(("source", "target"), np.moveaxis(lengths, 1, 0), strict=True))
    stacks = {"source": model.net.get_encoder(), "target": model.net.get_decoder()}
    work = sum(2 * _weights(model, stack) * float(sides[s].sum()) for s, stack in stacks.items())
    for name, info in model.parts.items():
        pairs = _pairs(*(sides[side] for side in SIDES[name]))
        work += 4 * pairs * info.heads * info.head_dim * info.layers
    return work / speed(model)


def _weights(model: Model, part: torch.nn.Module) -> int:
    """Return how many weights a part of a model has, but for what stands for tokens."""
    embeddings = {id(p) for p in model.net.get_input_embeddings().parameters()}
    return sum(p.numel() for p in part.parameters() if id(p) not in embeddings)


def _pairs(queries: np.ndarray, keys: np.ndarray) -> float:
    return float(np.sum(np.multiply(queries, keys, dtype=np.float64)))


def speed(model: Model) -> float:
    """Return operations in a second, of a product in a model's precision on its device."""
    device = model.net.device if model.net.device.type != "meta" else torch.device("cpu")
    one = torch.ones(SIDE, SIDE, dtype=model.net.dtype, device=device)
    best = float("inf")
    with torch.inference_mode():
        for _ in range(3):
            start = time.perf_counter()
            (one @ one)[0, 0].item()  # waits for the device
            best = min(best, time.perf_counter() - start)
    return 2 * SIDE**3 / best
