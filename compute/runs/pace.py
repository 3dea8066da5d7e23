"""How long a pass will take, guessed before it begins: from products of matrices like its own."""

import time

import numpy as np
import torch

from compute.models.model import Model

SIDE = 1024
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
    embeddings = {id(p) for p in model.net.get_input_embeddings().parameters()}
    weights = sum(p.numel() for p in model.net.parameters() if id(p) not in embeddings)
    pairs = float(np.sum(np.square(lengths, dtype=np.float64)))
    each = 2 * weights / info.layers * tokens + 4 * pairs * info.heads * info.head_dim
    return each * layers / speed(model)


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
