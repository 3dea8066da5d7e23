"""What is known of a model, and the model itself once it is loaded."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING

from compute.errors import HeadscopeError
from compute.pictures.grid import Grid

if TYPE_CHECKING:
    from transformers import BaseImageProcessor, PreTrainedModel, PreTrainedTokenizerBase

ROTATION = "apply_rotary_pos_emb"
"""What the code of every family calls the function that rotates queries and keys by position."""


PARTS = ("encoder", "decoder", "cross")
"""The stacks of attention of an encoder–decoder, in the order in which they are listed."""

SIDES = {"encoder": ("source",) * 2, "decoder": ("target",) * 2, "cross": ("target", "source")}
"""What queries and keys of each part are of."""


@dataclass(frozen=True)
class ModelInfo:
    """What is known of a model besides its weights; JSON-able with `dataclasses.asdict`.

    Attributes
    ----------
    spec : str
        What names the model again: ``minilm``, a hub id, a folder, a file.
    name : str
        Short name for the page.
    identity : str
        Hash of the files, or the hub's revision: two models with one identity are the same.
    note : str
        One sentence that says honestly what the model is.
    task : str
        ``masked``, ``causal``, ``encoder`` (no head that predicts tokens), ``picture``, or
        ``pairs``: an encoder and a decoder, which read a source and a target; ``imported`` for
        vectors without a model.
    family : str
        The architecture's name in transformers, e.g. ``bert``.
    layers, heads, kv_heads, head_dim : int
        Query heads per layer; key-value heads are fewer in grouped-query models.
    causal : bool
        Whether a token sees only itself and earlier tokens.
    positions : int or None
        The longest input, in tokens.
    mask_id : int or None
        Id of the mask token.
    rotary : bool
        Whether queries and keys are rotated by position (rotary position encoding).
    adds : bool
        Whether its attention adds to q·k what depends on the tokens, not on their places alone
        (DeBERTa, XLNet): maps show q·k, the attention that is shown is the whole.
    dtype : str
        In which precision its queries and keys are: ``float32``, ``bfloat16`` or ``float16``.
    pads : bool
        Whether passages of other lengths can share a pass: it keeps tokens from padding.
    off : str
        Heads that were switched off, such as ``L0H1, L2H0``; see `runs.ablated_runs`.
    off_method : str
        By what their output was replaced: ``zero`` or ``mean``; empty with all heads on.
    base : str
        What names the model that this is with an adapter; empty for a model without one.
    weights : bool
        Whether there are any, to run text through: not with vectors that were imported.
    part : str
        Of an encoder–decoder: which of `PARTS` layers and heads are of; empty for other models.
    """

    spec: str
    name: str
    identity: str
    note: str
    task: str
    family: str
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    causal: bool
    positions: int | None
    mask_id: int | None
    rotary: bool = False
    adds: bool = False
    dtype: str = "float32"
    pads: bool = True
    off: str = ""
    off_method: str = ""
    base: str = ""
    weights: bool = True
    part: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The stacks of attention that one can choose among; none for models of one."""
        return PARTS if self.part else ()

    @property
    def owner(self) -> str:
        """What names the model, or the part of it, that heads are of: what is kept of them."""
        return f"{self.identity}-{self.part}" if self.part else self.identity

    def check(self, layer: int, head: int) -> None:
        """Raise `HeadscopeError` if the model has no such head."""
        if not (0 <= layer < self.layers and 0 <= head < self.heads):
            raise HeadscopeError(
                f"{self.name} has no head L{layer}H{head}: its layers are 0 to {self.layers - 1}, "
                f"its heads 0 to {self.heads - 1}."
            )


def one_stack_only(name: str) -> HeadscopeError:
    """Return the sentence for what an encoder–decoder can't have yet."""
    return HeadscopeError(
        f"{name} has an encoder and a decoder: random repeated tokens, losses and heads switched "
        "off are for models of one stack so far. Maps, attention and scores on the text are there; "
        "for the rest choose a masked or a causal model."
    )


def of_pictures(name: str) -> HeadscopeError:
    """Return the sentence for what a model of pictures can't have."""
    return HeadscopeError(
        f"{name} reads pictures: random repeated tokens, sentences and losses are for models of "
        "text. Maps, attention and scores of pictures are there; for the rest choose a masked or "
        "a causal model."
    )


@dataclass(frozen=True)
class Model:
    """A loaded model, in evaluation mode.

    Attributes
    ----------
    info : ModelInfo
        Of an encoder–decoder: that of its encoder.
    tokenizer : PreTrainedTokenizerBase or None
        None for a model of pictures.
    parts : mapping of str to ModelInfo
        Of an encoder–decoder: by the names of `PARTS`.
    order : tuple of (str, int)
        Of an encoder–decoder: the part and the layer of each attention of a pass, as they come.
    processor : BaseImageProcessor or None
        Of a model of pictures: makes its pixels of a picture.
    grid : Grid or None
        Of a model of pictures: the tokens of each.
    """

    info: ModelInfo
    net: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase | None"
    parts: Mapping[str, ModelInfo] = field(default_factory=dict)
    order: tuple[tuple[str, int], ...] = ()
    processor: "BaseImageProcessor | None" = None
    grid: Grid | None = None


def rotations(net: "PreTrainedModel") -> dict[ModuleType, Callable]:
    """Return the rotation function of every Python module that a net's parts come from."""
    modules = {sys.modules[type(part).__module__] for part in net.modules()}
    return {module: getattr(module, ROTATION) for module in modules if hasattr(module, ROTATION)}


def vocabulary_size(net: "PreTrainedModel") -> int | None:
    """Return how many tokens a net knows; None where it does not look them up in one table."""
    try:
        return len(net.get_input_embeddings().weight)
    except (NotImplementedError, AttributeError):
        return getattr(net.config, "vocab_size", None)
