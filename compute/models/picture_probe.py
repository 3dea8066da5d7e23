"""Some pictures through a new model: whether its attention is what the capture sees, of patches.

Nothing of a family's names is asked but what its own tokens are called. That each token is a patch
of a regular grid, row by row, is seen: a change of one patch changes one token in the first layer.
"""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import BaseImageProcessor, PreTrainedModel

from compute.capture import passes
from compute.capture.calls import Call
from compute.errors import HeadscopeError, first_line
from compute.models import probe
from compute.models.probe import Facts
from compute.pictures.grid import Grid

HEIGHT, WIDTH = 96, 128
"""Pixels of the drawn pictures, before the model's own processor has them."""
LONGEST = 2_000
"""Patches of a picture: with more of them what needs all pairs of a passage is not there."""
_OWN_TOKENS = (
    ("[CLS]", ("cls_token", "class_token", "class_embedding")),
    ("[DIST]", ("distillation_token", "dist_token")),
    ("[REG]", ("register_tokens",)),
)
"""Names of a model's own tokens, in their order, and of the weights that they are made of."""


@dataclass(frozen=True)
class Examined:
    """What a pass says of a model of pictures."""

    facts: Facts
    grid: Grid


def examine(net: PreTrainedModel, processor: BaseImageProcessor, name: str) -> Examined:
    """Run drawn pictures with and without the capture, and compare.

    Raises
    ------
    HeadscopeError
        As `probe.examine`; and if the tokens are not the patches of one grid, as in families that
        look within windows or at several sizes.
    """
    family = net.config.model_type
    prepare(net)
    shown = pixels(processor, processed(processor, _drawn(), name), name)
    _check_patches(net, shown)
    with probe.running(net, name, "pictures alone"):
        inputs = passes.moved(net, inputs_of(net, shown))
        calls, plain, seen, own = probe.compared(net, inputs)
    if not calls:
        raise probe.no_attention(name, family)
    lengths = {call.query.shape[2] for call in calls}
    if len(lengths) > 1 or any(len(call.query) != len(shown) for call in calls):
        raise no_grid(name, family)
    tokens = [lengths.pop()] * len(shown)
    sound = all(probe.is_sound(call, tokens) for call in calls)
    sound = sound and probe.equals_own(calls, (own or {}).get("attentions"), tokens)
    if not (sound and probe.same_output(net, seen, plain, own, [*map(len, plain)])):
        raise probe.inexact(net, name)
    facts = probe.facts_of(calls, tokens, tokens, name)
    if facts.adds:
        raise HeadscopeError(
            f"{name} ({family}) adds to its attention what depends on the picture, which Headscope "
            "can't show yet. Choose another model."
        )
    grid = _grid(net, shown, tokens[0])
    if grid is None or not _is_in_place(net, shown[:1], grid):
        raise no_grid(name, family)
    return Examined(facts, grid)


def no_grid(name: str, family: str) -> HeadscopeError:
    """Return the error for a model whose tokens are not the patches of a picture."""
    return HeadscopeError(
        f"{name} is of the family {family}, whose tokens are not the patches of one grid in all "
        "layers: it looks within windows, at several sizes, or cuts pictures otherwise. ViT, "
        "DINOv2, BEiT, CLIP and their like can be shown."
    )


def prepare(net: PreTrainedModel) -> None:
    """Let a model that hides patches while it learns (ViT-MAE) see all."""
    if getattr(net.config, "mask_ratio", None):
        net.config.mask_ratio = 0.0


def inputs_of(net: PreTrainedModel, shown: Tensor) -> dict[str, Tensor]:
    """Return the arguments of a pass over pixels (pictures, 3, height, width).

    ViT-MAE orders patches by the noise that it is given; they stay in their order.
    """
    inputs = {"pixel_values": shown.to(net.dtype)}
    if "noise" in inspect.signature(net.forward).parameters:
        rows, columns = cut(net, *shown.shape[2:])
        order = torch.arange(rows * columns, dtype=torch.float32)
        inputs["noise"] = order.expand(len(shown), -1).to(shown.device)
    return inputs


def processed(
    processor: BaseImageProcessor, pictures: Sequence[np.ndarray], name: str
) -> np.ndarray:
    """Return pictures as a model sees them, resized and cut, uint8 (pictures, height, width, 3).

    Parameters
    ----------
    pictures : sequence of uint8 (height, width, 3)
        Of any sizes.

    Raises
    ------
    HeadscopeError
        If the processor gives something else than pictures of one size.
    """
    as_it_is = {"do_rescale": False, "do_normalize": False}
    found = [_apply(processor, picture, name, **as_it_is) for picture in pictures]
    if len({each.shape for each in found}) > 1:
        raise HeadscopeError(
            f"{name} reads pictures of different sizes in different ways, which Headscope can't "
            "show yet. Cut all pictures to one size, or choose another model."
        )
    return np.stack(found).transpose(0, 2, 3, 1).round().clip(0, 255).astype(np.uint8)


def pixels(processor: BaseImageProcessor, resized: np.ndarray, name: str) -> Tensor:
    """Return what a model is given of pictures that `processed` resized.

    Returns
    -------
    float32 (pictures, 3, height, width)
    """
    still = {"do_resize": False, "do_center_crop": False, "do_pad": False}
    known = {key: value for key, value in still.items() if getattr(processor, key, None)}
    found = [_apply(processor, picture, name, **known) for picture in resized]
    return torch.from_numpy(np.stack(found).astype(np.float32))


def _apply(
    processor: BaseImageProcessor, picture: np.ndarray, name: str, **options: Any
) -> np.ndarray:
    """Return one picture (3, height, width) as a processor makes it."""
    options = {"return_tensors": "np", "input_data_format": "channels_last", **options}
    try:
        found = processor(picture, **options)
        made = np.asarray(found["pixel_values"])
    except Exception as error:  # each has its own code
        raise HeadscopeError(
            f"The image processor of {name} can't read a picture ({first_line(error)})."
        ) from error
    if set(found) != {"pixel_values"} or made.ndim != 4 or made.shape[:2] != (1, 3):
        raise HeadscopeError(
            f"{name} is given more than the pixels of a picture, or several cuts of each, which "
            "Headscope can't show yet. Choose another model."
        )
    return made[0]


def _drawn() -> list[np.ndarray]:
    """Return two pictures that differ everywhere, uint8."""
    chance = np.random.default_rng(0)
    return list(chance.integers(0, 256, (2, HEIGHT, WIDTH, 3), dtype=np.uint8))


def cut(net: PreTrainedModel, height: int, width: int) -> tuple[int, int]:
    """Return into how many rows and columns of patches pixels are cut; zeros if into none."""
    size = getattr(net.config, "patch_size", None)
    sides = [size, size] if isinstance(size, int) else list(size or ())
    if len(sides) != 2 or not all(isinstance(side, int) and side > 0 for side in sides):
        return 0, 0
    return height // sides[0], width // sides[1]


def _check_patches(net: PreTrainedModel, shown: Tensor) -> None:
    """Refuse more patches than can be shown, before a pass over all pairs of them."""
    rows, columns = cut(net, *shown.shape[2:])
    if rows * columns > LONGEST:
        raise HeadscopeError(
            f"{net.config.model_type} cuts a picture into {rows * columns:,} patches here, and at "
            f"most {LONGEST:,} can be shown. Choose a model of smaller pictures."
        )


def _grid(net: PreTrainedModel, shown: Tensor, tokens: int) -> Grid | None:
    """Return the grid of so many tokens; None if they are not a model's own and its patches."""
    rows, columns = cut(net, *shown.shape[2:])
    before = tokens - rows * columns
    if not rows * columns or before < 0:
        return None
    names = _named(net)
    return Grid(rows, columns, names) if len(names) == before else None


def _named(net: PreTrainedModel) -> tuple[str, ...]:
    """Return the names of a model's own tokens, in order."""
    found: list[str] = []
    weights = {name.rpartition(".")[2]: each for name, each in net.named_parameters()}
    for title, kinds in _OWN_TOKENS:
        weight = next((weights[kind] for kind in kinds if kind in weights), None)
        count = 0 if weight is None else weight.numel() // weight.shape[-1]
        numbered = title == "[REG]" or count > 1
        found += [f"{title[:-1]} {i + 1}]" if numbered else title for i in range(count)]
    return tuple(found)


def _is_in_place(net: PreTrainedModel, shown: Tensor, grid: Grid) -> bool:
    """Tell whether a change of some patches changes just their tokens in the first layer."""
    rows, columns = grid.rows, grid.columns
    tall, wide = shown.shape[2] // rows, shown.shape[3] // columns
    places = list(dict.fromkeys([(0, columns - 1), (rows - 1, 0), (rows // 2, columns // 2)]))
    changed = shown.repeat(1 + len(places), 1, 1, 1)
    for number, (row, column) in enumerate(places):
        top, left = row * tall, column * wide
        changed[number + 1, :, top : top + tall, left : left + wide].mul_(-1).add_(0.5)
    first: list[Tensor] = []

    def on_call(call: Call) -> None:
        if call.layer == 0:
            first.extend(each.float().cpu() for each in (call.query, call.key, call.value))

    passes.run(net, inputs_of(net, changed), on_call=on_call)
    moved = sum((each[1:] - each[:1]).abs().amax((1, 3)) for each in first) > 0
    expected = torch.zeros_like(moved)
    for number, (row, column) in enumerate(places):
        expected[number, len(grid.before) + row * columns + column] = True
    return bool((moved == expected).all())
