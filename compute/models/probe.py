"""One short input through a new model: whether its attention really is what the capture sees."""

import math
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from compute.errors import HeadscopeError
from compute.models import capture

TEXT = "One short line, and one short line again: it tells how the model computes."
LENGTH = 32  # tokens at most
TOLERANCE = 1e-4
BLOCKED = -1e4  # a mask value below this keeps a query from a key


@dataclass(frozen=True)
class Facts:
    """What the calls of one pass say of a model; see `models.model.ModelInfo`."""

    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    causal: bool


def examine(net: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, name: str) -> Facts:
    """Run a short input with and without the capture, and compare.

    Raises
    ------
    HeadscopeError
        If no attention was seen, rows of attention don't sum to 1, the attention doesn't explain
        the heads' outputs, the capture changes what the model returns, or heads differ by layer.
    """
    family = net.config.model_type
    shapes: list[tuple[int, int, int]] = []
    causal: list[bool] = []
    sound: list[bool] = []

    def on_call(call: capture.Call) -> None:
        shapes.append((call.query.shape[1], call.key.shape[1], call.query.shape[3]))
        causal.append(_is_causal(call.mask))
        sound.append(_is_sound(call))

    try:
        ids = torch.tensor([tokenizer(TEXT)["input_ids"][:LENGTH]])
        with torch.inference_mode():
            plain = _first(net(input_ids=ids))
        seen = _first(capture.run(net, {"input_ids": ids}, on_call=on_call))
    except Exception as error:  # whatever a family's own code says to settings that do not fit
        raise HeadscopeError(
            f"{name} ({family}) can't be run on plain text ({_line(error)})."
        ) from error
    if not shapes:
        raise no_attention(name, family)
    if not (all(sound) and _equal(seen, plain)):
        raise HeadscopeError(
            f"The attention of {name} ({family}) can't be seen exactly: recomputing it gives other "
            "results than the model itself, or its weights are damaged. Choose another model."
        )
    if len(set(shapes)) > 1:
        raise HeadscopeError(
            f"The layers of {name} ({family}) differ in number or size of heads, which Headscope "
            "can't show yet. Choose another model."
        )
    return Facts(len(shapes), *shapes[0], causal=all(causal))


def no_attention(name: str, family: str) -> HeadscopeError:
    """Return the error for a model whose attention can't be captured."""
    return HeadscopeError(
        f"{name} is of the family {family}, which has no attention that Headscope can see: it does "
        "not use transformers' attention interface. BERT, RoBERTa, GPT-2, Llama and most others do."
    )


def _is_causal(mask: torch.Tensor | None) -> bool:
    if mask is None or mask.shape[-1] < 2:
        return False
    return bool((torch.triu(mask[0, 0], 1) < BLOCKED).sum() == _pairs(mask.shape[-1]))


def _pairs(n: int) -> int:
    return n * (n - 1) // 2


def _is_sound(call: capture.Call) -> bool:
    """Tell whether rows of attention sum to 1 (to less with sinks) and give the heads' outputs."""
    attention = call.attention()
    sums = attention.sum(-1)
    if call.sinks is not None:
        whole = bool((sums <= 1 + TOLERANCE).all())
    else:
        whole = torch.allclose(sums, torch.ones_like(sums), rtol=0, atol=TOLERANCE)
    value = call.value.repeat_interleave(attention.shape[1] // call.value.shape[1], dim=1)
    return whole and _equal(attention @ value, call.output())


def _equal(found: torch.Tensor, expected: torch.Tensor) -> bool:
    largest = float(expected.abs().max())
    if not math.isfinite(largest):
        return False
    return torch.allclose(found, expected, rtol=0, atol=TOLERANCE * max(largest, 1e-6))


def _first(output: object) -> torch.Tensor:
    """Return the logits, or the last hidden state of a model without a head."""
    return output["logits"] if "logits" in output else output["last_hidden_state"]


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
