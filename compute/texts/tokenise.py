"""Passages to tokens, with a model's own tokenizer, and tokens as a person can read them."""

from itertools import pairwise

import numpy as np
from transformers import PreTrainedTokenizerBase

from compute.errors import HeadscopeError
from compute.machine.bounds import LONGEST
from compute.texts import vocabulary
from compute.texts.tokens import Tokens

_MARKS = str.maketrans({" ": "·", "▁": "·", "\n": "⏎", "\r": "␍", "\t": "⇥"})


def tokens_of(
    tokenizer: PreTrainedTokenizerBase,
    passages: tuple[str, ...],
    positions: int | None,
    longest: int = LONGEST,
) -> tuple[Tokens, tuple[str, ...]]:
    """Tokenise passages, each with the special tokens that the tokenizer adds.

    Parameters
    ----------
    passages : tuple of str
        Those without any token are left out.
    positions : int or None
        The model's longest input.
    longest : int
        Passages longer than this, or than `positions`, are split into windows of equal length, and
        each gets the special tokens.

    Returns
    -------
    tokens : Tokens
    notes : tuple of str
        Sentences for the page on what was split or left out.

    Raises
    ------
    HeadscopeError
        If no token is left, or special tokens leave no room for others.
    """
    before, after = vocabulary.frame(tokenizer, found=True)
    room = min(positions or longest, longest) - len(before) - len(after)
    if room < 1:
        raise HeadscopeError("The model's longest input has no room for text. Choose another.")
    bodies = [body for body in _ids(tokenizer, passages) if body]
    if not bodies:
        raise HeadscopeError("The text has no token that this model knows. Type some words.")
    windows = [_windows(body, room) for body in bodies]
    rows = [[*before, *window, *after] for parts in windows for window in parts]
    ids = np.concatenate([np.array(row, dtype=np.int32) for row in rows])
    position = np.concatenate([np.arange(len(row), dtype=np.int32) for row in rows])
    lengths = np.array([len(row) for row in rows])
    tokens = Tokens(
        strings=strings(tokenizer, ids),
        ids=ids,
        passage=np.repeat(np.arange(len(rows), dtype=np.int32), lengths),
        position=position,
        special=_special(tokenizer, ids, position, lengths, len(before), len(after)),
    )
    more = positions is None or positions > longest
    return tokens, _notes(windows, len(passages) - len(bodies), room, more)


def _ids(tokenizer: PreTrainedTokenizerBase, passages: tuple[str, ...]) -> list[list[int]]:
    """Return the ids of passages, all at once: a call for each costs as much as its tokens."""
    if not passages:
        return []
    return tokenizer(list(passages), add_special_tokens=False, truncation=False)["input_ids"]


def _windows(body: list[int], room: int) -> list[list[int]]:
    """Cut into the fewest windows that fit, of equal length up to one token."""
    count = -(-len(body) // room)
    cuts = [i * len(body) // count for i in range(count + 1)]
    return [body[a:b] for a, b in pairwise(cuts)]


def _notes(windows: list[list[list[int]]], empty: int, room: int, more: bool) -> tuple[str, ...]:
    notes = []
    if split := [len(parts) for parts in windows if len(parts) > 1]:
        what = "1 passage was" if len(split) == 1 else f"{len(split)} passages were"
        notes.append(
            f"{what} longer than the {room} tokens that fit, and split into {sum(split)} parts."
            + (" Start with --longest for longer ones." if more else "")
        )
    if empty:
        what = "1 passage was" if empty == 1 else f"{empty} passages were"
        notes.append(f"{what} empty and left out.")
    return tuple(notes)


def _special(
    tokenizer: PreTrainedTokenizerBase,
    ids: np.ndarray,
    position: np.ndarray,
    lengths: np.ndarray,
    before: int,
    after: int,
) -> np.ndarray:
    """Mark what the tokenizer added, and the same tokens where somebody typed them."""
    structural = vocabulary.structural(tokenizer)
    added = (position < before) | (position >= np.repeat(lengths, lengths) - after)
    return added | np.isin(ids, sorted(structural))


def strings(tokenizer: PreTrainedTokenizerBase, ids: np.ndarray) -> tuple[str, ...]:
    """Return the tokens of ids (n,) as the page shows them; see `display`."""
    distinct = sorted({int(i) for i in ids})
    pieces = tokenizer.convert_ids_to_tokens(distinct)
    plain = set(tokenizer.get_added_vocab())
    of_bytes = _is_byte_level(tokenizer)
    shown = {
        i: piece if piece in plain else display(piece, of_bytes)
        for i, piece in zip(distinct, pieces, strict=True)
    }
    return tuple(shown[int(i)] for i in ids)


def display(piece: str | bytes | None, byte_level: bool) -> str:
    """Return a token of a vocabulary as the page shows it.

    Parameters
    ----------
    piece : str, bytes or None
        As the vocabulary has it: ``##ing``, ``Ġthe``, ``▁the``, ``<0x0A>``.
    byte_level : bool
        Whether its characters stand for bytes (GPT-2, RoBERTa, Llama 3).

    Returns
    -------
    str
        White space visible (``·the``, ``⏎``); bytes that are no character alone as ``<E2>``.
    """
    if piece is None:
        return "�"
    if isinstance(piece, str) and len(piece) == 6 and piece.startswith("<0x"):
        piece = bytes([int(piece[3:5], 16)])
    elif isinstance(piece, str) and byte_level and all(c in _BYTE_OF for c in piece):
        piece = bytes(_BYTE_OF[c] for c in piece)
    if isinstance(piece, bytes):
        try:
            piece = piece.decode()
        except UnicodeDecodeError:
            return "".join(f"<{byte:02X}>" for byte in piece)
    shown = piece.translate(_MARKS)
    return "".join(c if c.isprintable() else f"<{ord(c):02X}>" for c in shown) or "<empty>"


def _is_byte_level(tokenizer: PreTrainedTokenizerBase) -> bool:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        return hasattr(tokenizer, "byte_decoder")
    return "ByteLevel" in f"{backend.decoder}"


def _byte_alphabet() -> dict[str, int]:
    """Return the byte that each character of a byte-level vocabulary stands for.

    Bytes that print as themselves keep their character; the others, in order, take the characters
    from U+0100 on (Radford et al. 2019, GPT-2).
    """
    own = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in own]
    return {chr(b): b for b in own} | {chr(256 + i): b for i, b in enumerate(others)}


_BYTE_OF = _byte_alphabet()
