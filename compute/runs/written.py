"""What an encoder–decoder writes to sources that have no target: the likeliest token each time."""

import numpy as np
import torch

from compute.capture import passes
from compute.errors import HeadscopeError, first_line
from compute.machine import memory
from compute.models.model import Model
from compute.progress import Progress
from compute.runs.vectors import BATCH, padded
from compute.texts.tokens import Tokens

SETTINGS = (
    *("no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "repetition_penalty"),
    *("encoder_repetition_penalty", "min_length", "min_new_tokens", "bad_words_ids"),
    *("sequence_bias", "suppress_tokens", "begin_suppress_tokens", "forced_bos_token_id"),
    *("forced_eos_token_id", "exponential_decay_length_penalty", "guidance_scale"),
)
"""What of a model's settings for writing changes which token is the likeliest."""
LONGEST = 64
"""The most tokens that are written to a source."""


def most(model: Model) -> int:
    """Return how many tokens a model writes at most: it reads them again, but the last."""
    return min(LONGEST, model.info.positions or LONGEST)


def chosen_by(model: Model) -> str:
    """Return in words how each token of a target is chosen.

    Greedily; but a model's folder may have settings for writing that rule tokens out, ask for some
    or make some less likely, and the model's own code follows them.
    """
    own = model.net.generation_config
    nothing = {name: (None,) if name.endswith("_id") else (None, [], {}, 0, 1) for name in SETTINGS}
    active = [name for name in SETTINGS if getattr(own, name, None) not in nothing[name]]
    if not active:
        return "the likeliest next token each time"
    return f"the likeliest next token that its settings for writing allow ({', '.join(active)})"


def targets(
    model: Model, sources: Tokens, passages: np.ndarray, progress: Progress
) -> dict[int, list[int]]:
    """Return what a model writes to some sources, as its decoder reads it: less the end.

    Parameters
    ----------
    passages : int (p,)
        Which of the sources.
    progress : Progress
        ``progress(done, total)`` in passages.

    Raises
    ------
    HeadscopeError
        If the model has no head that writes, or its own code fails.
    """
    if not len(passages):
        return {}
    if not model.net.can_generate():
        raise HeadscopeError(
            f"{model.info.name} has no head that writes, so the decoder has nothing to read: give "
            "each passage a target, as “source ⇥ target”."
        )
    written: dict[int, list[int]] = {}
    for batch in _batches(np.diff(sources.starts), passages, model.info.pads):
        rows = _generate(model, *padded(model, sources, batch))
        written |= {int(p): _read(model, row) for p, row in zip(batch, rows, strict=True)}
        progress(len(written), len(passages))
    return written


def _batches(lengths: np.ndarray, passages: np.ndarray, pads: bool) -> list[np.ndarray]:
    """Return passages that go together, with `LONGEST` tokens to come for each."""
    found: list[list[int]] = []
    for passage in passages[np.argsort(-lengths[passages], kind="stable")].tolist():
        with_it = [*found[-1], passage] if found else []
        fits = with_it and len(with_it) * (int(lengths[with_it[0]]) + LONGEST) <= BATCH
        if fits and (pads or lengths[with_it[0]] == lengths[passage]):
            found[-1] = with_it
        else:
            found.append([passage])
    return [np.array(batch) for batch in found]


def _generate(model: Model, ids: torch.Tensor, mask: torch.Tensor) -> list[list[int]]:
    inputs = passes.moved(model.net, {"input_ids": ids, "attention_mask": mask})
    try:
        with torch.inference_mode():
            made = model.net.generate(
                **inputs,
                max_new_tokens=most(model),
                do_sample=False,
                num_beams=1,
                num_return_sequences=1,
                return_dict_in_generate=False,
                # Caches take decoders to be as deep as their encoders.
                use_cache=len({info.layers for info in model.parts.values()}) == 1,
            )
    except (RuntimeError, IndexError, ValueError, TypeError) as error:  # in the family's own code
        if memory.lacked(error):
            raise
        raise HeadscopeError(
            f"{model.info.name} can't write targets: its own code fails ({first_line(error)}). "
            "Give each passage a target, as “source ⇥ target”."
        ) from error
    return made.tolist()


def _read(model: Model, row: list[int]) -> list[int]:
    """Return a row without its end, and what fills it up to the longest of its batch."""
    ends = model.net.generation_config.eos_token_id
    ends = {*(ends if isinstance(ends, list) else [ends]), model.tokenizer.eos_token_id}
    # The first token is the decoder's start, which some families have the end for.
    length = next((i for i, token in enumerate(row) if i and token in ends), len(row))
    return row[: max(length, 2)]
