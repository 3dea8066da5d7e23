"""A model under construction is held against its weight files, and given up when it outgrows them.

Transformers builds a model from its settings before it looks at the weights. Settings that ask for
a million layers would keep it busy for minutes and fill the memory; here the first surplus layer
ends it.
"""

import contextlib
from collections.abc import Iterator

import torch
from torch.nn.modules import module as hooks

from compute.errors import HeadscopeError
from compute.model_files.files import Weights

TENSORS = 4, 1_000
"""A model may have 4 times as many tensors as its files and 1,000 more: files that keep queries,
keys and values in one are taken apart, encoders get a head, and some tensors are made anew."""
NUMBERS = 4, 2**24
BUFFER_BYTES = 2**29
"""Masks and tables of positions are in no file."""


@contextlib.contextmanager
def held_against(weights: Weights, name: str) -> Iterator[None]:
    """Raise as soon as the model that is built inside the block is far larger than its files.

    Parameters
    ----------
    weights : Weights
        What the files hold.
    name : str
        The model's name, for the message.

    Raises
    ------
    HeadscopeError
        From inside the constructor of the model.
    """
    most = [times * known + more for (times, more), known in
            zip((TENSORS, NUMBERS), (weights.tensors, weights.numbers), strict=True)]  # fmt: skip
    have = [0, 0]
    buffered = 0

    def on_parameter(_: object, __: str, parameter: torch.Tensor | None) -> None:
        if parameter is None:
            return
        have[0] += 1
        have[1] += parameter.numel()
        if have[0] > most[0] or have[1] > most[1]:
            raise _too_large(name)

    def on_buffer(_: object, __: str, buffer: torch.Tensor | None) -> None:
        nonlocal buffered
        if buffer is None:
            return
        have[0] += 1
        buffered += buffer.numel() * buffer.element_size()
        if have[0] > most[0] or buffered > BUFFER_BYTES:
            raise _too_large(name)

    handles = [
        hooks.register_module_parameter_registration_hook(on_parameter),
        hooks.register_module_buffer_registration_hook(on_buffer),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _too_large(name: str) -> HeadscopeError:
    return HeadscopeError(
        f"The config.json of {name} describes a far larger model than its weight files hold, so "
        "it was not built. Copy or download the model anew."
    )
