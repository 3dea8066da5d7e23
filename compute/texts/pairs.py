"""Sources and targets to tokens: what the encoder and the decoder of a model read."""

from dataclasses import dataclass

import numpy as np
from transformers import PreTrainedTokenizerBase

from compute.errors import HeadscopeError
from compute.machine.bounds import LONGEST
from compute.texts import vocabulary
from compute.texts.tokenise import strings
from compute.texts.tokens import Tokens

SOME = 20
"""Passages by which a tokenizer's vocabulary is looked at."""


@dataclass(frozen=True)
class Sources:
    """The sources of a text that have any token.

    Attributes
    ----------
    tokens : Tokens
    passages : tuple of int
        Which passages of the text they are.
    notes : tuple of str
        Sentences for the page on what was cut or left out.
    """

    tokens: Tokens
    passages: tuple[int, ...]
    notes: tuple[str, ...]


def sources(
    tokenizer: PreTrainedTokenizerBase,
    passages: tuple[str, ...],
    positions: int | None,
    longest: int = LONGEST,
) -> Sources:
    """Tokenise what an encoder reads, each with the special tokens that the tokenizer adds.

    A source of more than `longest` tokens, or `positions`, is cut at its end, not split: its target
    belongs to the whole.

    Raises
    ------
    HeadscopeError
        If no token is left, special tokens leave no room for others, or sources have a vocabulary
        of their own.
    """
    _check_vocabulary(tokenizer, passages)
    before, after = vocabulary.frame(tokenizer, found=True)
    room = min(positions or longest, longest) - len(before) - len(after)
    if room < 1:
        raise HeadscopeError("The model's longest input has no room for text. Choose another.")
    bodies = [ids_of(tokenizer, passage) for passage in passages]
    kept = tuple(i for i, body in enumerate(bodies) if body)
    if not kept:
        raise HeadscopeError("The text has no token that this model knows. Type some words.")
    rows = [[*before, *bodies[i][:room], *after] for i in kept]
    cut = sum(len(bodies[i]) > room for i in kept)
    notes = [_counted(cut, f"longer than the {room} tokens that fit, and cut at the end")]
    notes.append(_counted(len(passages) - len(kept), "empty and left out"))
    ends = np.array([[len(before), len(row) - len(after)] for row in rows])
    tokens = framed(tokenizer, rows, ends)
    return Sources(tokens, kept, tuple(note for note in notes if note))


def _check_vocabulary(tokenizer: PreTrainedTokenizerBase, passages: tuple[str, ...]) -> None:
    """Refuse tokenizers that name the ids of sources by the vocabulary of targets.

    Some of Marian and FSMT have two vocabularies: an id is one word in a source and another in a
    target, and their tokenizers turn ids into words of targets alone.
    """
    if getattr(tokenizer, "is_fast", False):
        return  # these have one
    for passage in passages[:SOME]:
        names = tokenizer.tokenize(passage)
        ids = tokenizer.convert_tokens_to_ids(names)
        back = tokenizer.convert_ids_to_tokens(ids)
        known = (i != tokenizer.unk_token_id for i in ids)
        if any(a != b for a, b, there in zip(names, back, known, strict=True) if there):
            raise HeadscopeError(
                "This model's tokenizer has one vocabulary for sources and another for targets, "
                "which Headscope can't tell apart yet. Choose another model."
            )


def framed(tokenizer: PreTrainedTokenizerBase, rows: list[list[int]], ends: np.ndarray) -> Tokens:
    """Return passages of ids as tokens.

    Parameters
    ----------
    ends : int (passages, 2)
        Where what is no frame begins and ends in each. Special tokens of the vocabulary are special
        wherever they stand.
    """
    ids = np.concatenate([np.array(row, np.int32) for row in rows])
    position = np.concatenate([np.arange(len(row), dtype=np.int32) for row in rows])
    lengths = [len(row) for row in rows]
    first, last = (np.repeat(side, lengths) for side in ends.T)
    named = np.isin(ids, sorted({*tokenizer.all_special_ids} - {tokenizer.unk_token_id}))
    return Tokens(
        strings=strings(tokenizer, ids),
        ids=ids,
        passage=np.repeat(np.arange(len(rows), dtype=np.int32), lengths),
        position=position,
        special=named | (position < first) | (position >= last),
    )


def target_ids(tokenizer: PreTrainedTokenizerBase, target: str) -> list[int]:
    """Return the ids of a target with the special tokens that the tokenizer adds to targets."""
    return list(tokenizer(text_target=target, truncation=False, verbose=False)["input_ids"])


def ids_of(tokenizer: PreTrainedTokenizerBase, text: str) -> list[int]:
    """Return the ids of a text without special tokens."""
    found = tokenizer(text, add_special_tokens=False, truncation=False, verbose=False)
    return list(found["input_ids"])


def _counted(count: int, what: str) -> str:
    if not count:
        return ""
    return f"{'1 passage was' if count == 1 else f'{count} passages were'} {what}."
