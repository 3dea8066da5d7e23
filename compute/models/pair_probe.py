"""One short pair through a new encoder–decoder: which part each attention is of, and whether exact.

Nothing of a family's names is asked: source and target have different lengths, so that the shape of
an attention tells its part.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from transformers.modeling_outputs import ModelOutput

from compute.capture import passes
from compute.capture.calls import Call
from compute.errors import HeadscopeError
from compute.models import probe
from compute.models.model import PARTS, SIDES
from compute.models.probe import Facts

TARGET = 11  # tokens of the targets; sources have others


@dataclass(frozen=True)
class Examined:
    """What a pass says of an encoder–decoder.

    Attributes
    ----------
    facts : dict of str to Facts
        By part.
    order : tuple of (str, int)
        The part and the layer of each attention of a pass, as they come.
    """

    facts: dict[str, Facts]
    order: tuple[tuple[str, int], ...]


def examine(net: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, name: str) -> Examined:
    """Run a short pair with and without the capture, and compare.

    Raises
    ------
    HeadscopeError
        As `probe.examine`, for any part; and if a part has no attention that can be seen.
    """
    family = net.config.model_type
    with probe.running(net, name, "a source and a target"):
        inputs = passes.moved(net, _inputs(net, tokenizer))
        calls, plain, seen, own = probe.compared(net, inputs)
    lengths = {
        side: inputs[mask].sum(1).tolist()
        for side, mask in (("source", "attention_mask"), ("target", "decoder_attention_mask"))
    }
    order = tuple(_order(calls, {side: max(each) for side, each in lengths.items()}, name))
    of_part = {
        part: [call for call, at in zip(calls, order, strict=True) if at[0] == part]
        for part in PARTS
    }
    if not calls:
        raise probe.no_attention(name, family)
    if unseen := [part for part in PARTS if not of_part[part]]:
        raise _unseen(name, family, unseen)
    for part, some in of_part.items():
        rows = lengths[SIDES[part][0]]
        sound = all(probe.is_sound(call, rows) for call in some)
        if not (sound and probe.equals_own(some, _told(own, part), rows)):
            raise probe.inexact(net, name)
    if not probe.same_output(net, seen, plain, own, lengths["target"]):
        raise probe.inexact(net, name)
    facts = {
        part: probe.facts_of(some, *(lengths[side] for side in SIDES[part]), name)
        for part, some in of_part.items()
    }
    return Examined(facts, order)


def _unseen(name: str, family: str, parts: list[str]) -> HeadscopeError:
    named = {"cross": "the cross-attention"}
    which = " and ".join(named.get(part, f"the attention of the {part}") for part in parts)
    return HeadscopeError(
        f"Of {name} ({family}) Headscope can't see {which}: it is no softmax of queries times keys "
        "over all tokens, or computed in another way than the rest. BART, T5, Marian, Pegasus and "
        "most others can be seen."
    )


def _told(own: ModelOutput | None, part: str) -> tuple[Tensor, ...] | None:
    return (own or {}).get(f"{part}_attentions")


def _order(calls: list[Call], longest: dict[str, int], name: str) -> Iterator[tuple[str, int]]:
    """Yield the part and the layer of each call, by its shape."""
    source, target = longest["source"], longest["target"]
    shapes = {(source, source): "encoder", (target, target): "decoder", (target, source): "cross"}
    counts = dict.fromkeys(PARTS, 0)
    for call in calls:
        part = shapes.get((call.query.shape[2], call.key.shape[2]))
        if part is None:
            raise HeadscopeError(
                f"{name} attends to more or other things than its tokens, such as summaries, which "
                "Headscope can't show. Choose another model."
            )
        yield part, counts[part]
        counts[part] += 1


def _inputs(net: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> dict[str, Tensor]:
    """Return three pairs: two of one length with other tokens, and one that is padded."""
    source = probe.some_inputs(tokenizer)
    target = {name: values[:, -TARGET:] for name, values in source.items()}
    length = source["input_ids"].shape[1]
    if length <= TARGET:
        target = {name: values[:, : length - 1] for name, values in source.items()}
    start = start_of(net)
    ids = target["input_ids"].clone()
    ids[:, 0] = ids[:, 0] if start is None else start
    mask = target["attention_mask"].clone()
    mask[:, 0] = 1
    return {**source, "decoder_input_ids": ids, "decoder_attention_mask": mask}


def start_of(net: PreTrainedModel) -> int | None:
    """Return the token that a decoder starts from, if the settings tell it."""
    for settings in (getattr(net, "generation_config", None), net.config):
        for name in ("decoder_start_token_id", "bos_token_id"):
            found = getattr(settings, name, None)
            if isinstance(found, int):
                return found
    return None
