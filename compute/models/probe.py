"""One short input through a new model: whether its attention really is what the capture sees."""

import contextlib
import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.modeling_outputs import ModelOutput

from compute.capture import interface, passes
from compute.capture.calls import Call
from compute.capture.rules import HIDDEN, taken_apart
from compute.errors import HeadscopeError, first_line
from compute.machine import memory

TEXT = "One short line, and one short line again: it tells how the model computes."
LENGTH = 32  # tokens at most
SHORTER = 5  # tokens that the last passage lacks
TOLERANCE = 1e-4
SAME = 1e-5
"""Largest difference of attention from the model's own in single precision."""


@dataclass(frozen=True)
class Facts:
    """What the calls of one pass say of a model; see `models.model.ModelInfo`."""

    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    causal: bool
    adds: bool
    pads: bool
    dtype: str


def examine(net: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, name: str) -> Facts:
    """Run a short input with and without the capture, and compare.

    Raises
    ------
    HeadscopeError
        If no attention was seen, rows of attention don't sum to 1, the attention is not the
        model's own or doesn't explain the heads' outputs, the capture changes what the model
        returns, or the number of heads differs by layer.
    """
    with running(net, name, "plain text"):
        inputs = passes.moved(net, some_inputs(tokenizer))
        lengths = inputs["attention_mask"].sum(1).tolist()
        calls, plain, seen, own = compared(net, inputs)
        with torch.inference_mode():
            alone = main_output(net(input_ids=inputs["input_ids"][2:, : lengths[2]]))
    if not calls:
        raise no_attention(name, net.config.model_type)
    sound = all(is_sound(call, lengths) for call in calls)
    sound = sound and equals_own(calls, (own or {}).get("attentions"), lengths)
    if not (sound and same_output(net, seen, plain, own, lengths)):
        raise inexact(net, name)
    facts = facts_of(calls, lengths, lengths, name)
    return replace(facts, pads=facts.pads and _equal(plain[2, : lengths[2]], alone[0]))


@dataclass(frozen=True)
class Drift:
    """How far attention in half precision is from that in single precision, on one line.

    Attributes
    ----------
    most, mean : float
        Largest and mean difference of a weight.
    moved : float
        Mean share of a row's attention that lies on other keys: half the sum of differences.
    """

    most: float
    mean: float
    moved: float


def drift(net: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> Drift | None:
    """Measure how far a net in half precision is from itself in single precision.

    None where a copy in single precision does not fit into memory, or can't be made.
    """
    if getattr(net, "quantization_method", None) is not None:  # such nets refuse another precision
        return None
    size = sum(p.numel() for p in net.parameters()) * torch.float32.itemsize
    if 1.5 * size > memory.free() or any(p.is_meta for p in net.parameters()):
        return None
    inputs = {name: values[:1] for name, values in some_inputs(tokenizer).items()}
    single = copy.deepcopy(net).to("cpu", torch.float32)
    found = []
    for each in (net, single):
        calls: list[Call] = []
        passes.run(each.base_model, inputs, on_call=calls.append)
        found.append(torch.stack([call.attention().cpu() for call in calls]))
    apart = (found[0] - found[1]).abs()
    return Drift(float(apart.max()), float(apart.mean()), float(apart.sum(-1).mean() / 2))


def no_attention(name: str, family: str) -> HeadscopeError:
    """Return the error for a model whose attention can't be captured."""
    return HeadscopeError(
        f"{name} is of the family {family}, which has no attention that Headscope can see: nowhere "
        "in it is a softmax of queries times keys over all tokens. BERT, GPT-2, Llama and most "
        "others have it."
    )


def some_inputs(tokenizer: PreTrainedTokenizerBase) -> dict[str, Tensor]:
    """Return three passages: two of one length with other tokens, and one that is padded."""
    ids = tokenizer(TEXT)["input_ids"][:LENGTH]
    known = sorted(set(tokenizer.get_vocab().values()) - set(tokenizer.all_special_ids))
    others = [known[i * len(known) // len(ids)] for i in range(len(ids))]
    others[0], others[-1] = ids[0], ids[-1]
    pad = tokenizer.pad_token_id
    short = max(1, len(ids) - SHORTER)
    last = ids[:short] + [0 if pad is None else pad] * (len(ids) - short)
    mask = torch.ones((3, len(ids)), dtype=torch.long)
    mask[2, short:] = 0
    return {"input_ids": torch.tensor([ids, others, last]), "attention_mask": mask}


def same_output(
    net: PreTrainedModel,
    seen: Tensor,
    plain: Tensor,
    own: ModelOutput | None,
    lengths: list[int],
) -> bool:
    """Tell whether a net gave the same with the capture as without.

    Fused attention rounds otherwise, which shows in half precision: then only eager code counts.
    """
    returned = plain if net.dtype == torch.float32 or own is None else main_output(own)
    return _equal(_real(seen, lengths), _real(returned, lengths))


def inexact(net: PreTrainedModel, name: str) -> HeadscopeError:
    """Return the error for a model whose attention is not what the capture sees."""
    return HeadscopeError(
        f"The attention of {name} ({net.config.model_type}) can't be seen exactly: recomputing it "
        f"gives other results than the model itself, or its weights are damaged. {_instead(net)}"
    )


def facts_of(calls: list[Call], lengths: list[int], keys: list[int], name: str) -> Facts:
    """Return what the calls of a model, or of a part of one, say of it.

    Parameters
    ----------
    lengths, keys : list of int
        How many queries and keys of each passage are no padding.

    Raises
    ------
    HeadscopeError
        If layers have other numbers of heads, or attend to something else than tokens.
    """
    heads = calls[0].query.shape[1]
    if len({call.query.shape[1] for call in calls}) > 1:
        raise HeadscopeError(
            f"The layers of {name} differ in their number of heads, which Headscope can't show "
            "yet. Choose another model."
        )
    if any(call.key.shape[2] != max(keys) for call in calls):
        raise HeadscopeError(
            f"{name} attends to more or other things than its tokens, such as summaries, which "
            "Headscope can't show. Choose another model."
        )
    if any(_same_attention(*pair) for pair in pairwise(calls)):
        raise HeadscopeError(
            f"{name} uses one attention twice in a layer, for two parts of its values, which "
            "Headscope can't show yet. Choose another model."
        )
    layers = [
        tuple(taken_apart(call, row, lengths[row], keys[row]) for row in (0, 1)) for call in calls
    ]
    # Where keys are chosen by the tokens, padding may be chosen, though not on this one line.
    chooses = any(
        one.sight.table is not None or (one.values is not None and one.values.min() <= HIDDEN)
        for one, other in layers
        if not one.same(other)
    )
    groups = {call.key.shape[1] for call in calls}
    most = max(groups)
    return Facts(
        layers=len(calls),
        heads=heads,
        kv_heads=most if all(most % one == 0 for one in groups) else heads,
        head_dim=max(call.query.shape[3] for call in calls),
        causal=lengths == keys and all(first.sight.causal for first, _ in layers),
        adds=any(not one.same(other) for one, other in layers),
        pads=not chooses,
        dtype=_widest(calls),
    )


def _widest(calls: list[Call]) -> str:
    """Return the precision of queries and keys; some families compute attention in a wider one."""
    kinds = {call.query.dtype for call in calls}
    widest = max(kinds, key=lambda kind: kind.itemsize) if len(kinds) > 1 else kinds.pop()
    return str(widest).removeprefix("torch.")


def _instead(net: PreTrainedModel) -> str:
    """Return what to try instead of a model that is not seen exactly."""
    if net.dtype == torch.float32:
        return "Choose another model."
    return "Start with --dtype float32, or choose another model."


def _same_attention(one: Call, other: Call) -> bool:
    return one.query.shape == other.query.shape and torch.equal(one.query, other.query)


def is_sound(call: Call, lengths: list[int]) -> bool:
    """Tell whether rows of attention sum to 1 (to less with sinks), and are the model's own."""
    attention = call.attention()
    sums, most = attention.sum(-1), _tolerance(call.query)
    if call.sinks is not None:
        whole = bool((sums <= 1 + most).all())
    else:
        whole = torch.allclose(sums, torch.ones_like(sums), rtol=0, atol=most)
    if call.weights is not None:
        whole = whole and _apart(attention, call.weights, lengths) <= _bar(call)
    value = call.value.repeat_interleave(attention.shape[1] // call.value.shape[1], dim=1)
    return whole and _equal(attention.to(value.dtype) @ value, call.output())


@contextlib.contextmanager
def running(net: PreTrainedModel, name: str, on: str) -> Iterator[None]:
    """Turn whatever a family's code says to settings that don't fit into a sentence."""
    try:
        yield
    except HeadscopeError:
        raise
    except Exception as error:
        raise HeadscopeError(
            f"{name} ({net.config.model_type}) can't be run on {on} ({first_line(error)})."
        ) from error


def compared(
    net: PreTrainedModel, inputs: dict[str, Tensor]
) -> tuple[list[Call], Tensor, Tensor, ModelOutput | None]:
    """Run one input as it is and with the capture.

    Returns
    -------
    calls, plain, seen, own
        Every layer's attention; what the net returns without and with the capture; `told_by`.
    """
    calls: list[Call] = []
    with torch.inference_mode():
        plain = main_output(net(**inputs))
    seen = main_output(passes.run(net, inputs, on_call=calls.append))
    return calls, plain, seen, told_by(net, inputs)


def told_by(net: PreTrainedModel, inputs: dict[str, Tensor]) -> ModelOutput | None:
    """Return what the eager code of a model of the interface returns, with attention; else None.

    Families outside the interface were seen while they computed it (`Call.weights`).
    """
    if not net._can_set_attn_implementation():
        return None
    with torch.inference_mode(), interface.switched(net, "eager"):
        return net(**inputs, output_attentions=True)


def equals_own(calls: list[Call], told: tuple[Tensor, ...] | None, lengths: list[int]) -> bool:
    """Tell whether calls have the attention that a model itself tells, if it tells it."""
    said = [each for each in told or () if isinstance(each, Tensor) and each.ndim == 4]
    if len(said) != len(calls):  # some families don't say it, or that of some layers only
        return True
    for call, each in zip(calls, said, strict=True):
        found, expected = call.attention(), each.float()
        if call.sinks is not None:  # some families tell it before, some after what sinks take
            found, expected = (x / x.sum(-1, keepdim=True) for x in (found, expected))
        if _apart(found, expected, lengths) > _bar(call):
            return False
    return True


def _apart(found: Tensor, expected: Tensor, lengths: list[int]) -> float:
    """Return the largest difference of attention, padding aside; infinite for other shapes."""
    if found.shape != expected.shape:
        return math.inf
    apart = (found - expected).abs()
    return max(float(apart[row, :, :length].max()) for row, length in enumerate(lengths))


def _bar(call: Call) -> float:
    """Return how far attention may be from the model's own, in its precision."""
    return max(SAME, 2 * torch.finfo(call.query.dtype).eps)


def _real(output: Tensor, lengths: list[int]) -> Tensor:
    """Return what belongs to tokens that are no padding."""
    if output.ndim < 3:
        return output
    return torch.cat([output[row, :length] for row, length in enumerate(lengths)])


def _equal(found: Tensor, expected: Tensor) -> bool:
    largest = float(expected.abs().max())
    if not math.isfinite(largest):
        return False
    most = _tolerance(expected) * max(largest, 1e-6)
    return torch.allclose(found, expected, rtol=0, atol=most)


def _tolerance(numbers: Tensor) -> float:
    """Return how far rounding may carry numbers of a precision, as a share of the largest."""
    return max(TOLERANCE, 4 * torch.finfo(numbers.dtype).eps)


def main_output(output: object) -> Tensor:
    """Return the logits, or the last hidden state of a model without a head."""
    return output["logits"] if "logits" in output else output["last_hidden_state"]
