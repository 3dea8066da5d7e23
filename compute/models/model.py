"""What is known of a model, and the model itself once it is loaded."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True)
class ModelInfo:
    """What is known of a model besides its weights; JSON-able with `dataclasses.asdict`.

    Attributes
    ----------
    spec : str
        What names the model again: ``minilm``, a hub id, a folder.
    name : str
        Short name for the page.
    identity : str
        Hash of the files, or the hub's revision: two models with one identity are the same.
    note : str
        One sentence that says honestly what the model is.
    task : str
        ``masked``, ``causal``, or ``encoder`` (no head that predicts tokens).
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
    off : str
        Heads that were switched off, such as ``L0H1, L2H0``; see `runs.ablated_runs`.
    off_method : str
        By what their output was replaced: ``zero`` or ``mean``; empty with all heads on.
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
    off: str = ""
    off_method: str = ""


@dataclass(frozen=True)
class Model:
    """A loaded model: float32, in evaluation mode, on the CPU."""

    info: ModelInfo
    net: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
