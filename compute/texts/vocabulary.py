"""What a tokenizer offers for random sequences: its ordinary tokens, and what it puts around."""

import re

import numpy as np

from compute.errors import HeadscopeError

# Slots without meaning ([unused12], <unused3>, <reserved_7>) and single bytes (<0xE2>).
_EMPTY = re.compile(r"\[unused\d+\]|<unused\d+>|<\|?reserved.*>|<0x[0-9A-Fa-f]{2}>")


def ordinary(tokenizer, size: int) -> np.ndarray:
    """Return the ids that stand for a piece of text.

    Parameters
    ----------
    size : int
        How many ids the model knows; a tokenizer may have more.

    Returns
    -------
    int64 (n,)
        All ids but special and added tokens, unused slots, single bytes, blanks, and pieces that
        are no text by themselves.
    """
    count = min(size, len(tokenizer))
    names = tokenizer.convert_ids_to_tokens(list(range(count)))
    left_out = {*tokenizer.all_special_ids, *tokenizer.added_tokens_decoder}
    ids = [
        i for i, name in enumerate(names) if name and i not in left_out and not _EMPTY.match(name)
    ]
    texts = tokenizer.batch_decode([[i] for i in ids])
    return np.array(
        [i for i, text in zip(ids, texts, strict=True) if text.strip() and "\ufffd" not in text],
        dtype=np.int64,
    )


def frame(tokenizer, found: bool = False) -> tuple[list[int], list[int]]:
    """Return the special tokens that the tokenizer puts before and after a text; often none.

    Raises
    ------
    HeadscopeError
        If it changes the text itself, and they must be `found`.
    """
    whole, bare = (
        list(tokenizer("a", add_special_tokens=special)["input_ids"]) for special in (True, False)
    )
    for start in range(len(whole) - len(bare) + 1):
        if whole[start : start + len(bare)] == bare:
            return whole[:start], whole[start + len(bare) :]
    if found:
        raise HeadscopeError("This model's tokenizer changes text when it adds special tokens.")
    return [], []


def structural(tokenizer) -> set[int]:
    """Return the ids that stand for the beginning, the end or the rest of a passage."""
    named = {
        tokenizer.cls_token_id,
        tokenizer.sep_token_id,
        tokenizer.bos_token_id,
        tokenizer.eos_token_id,
        tokenizer.pad_token_id,
    }
    return named - {None, tokenizer.unk_token_id}


def special(tokenizer) -> tuple[int, ...]:
    """Return the ids of all that is special in a passage, ascending."""
    before, after = frame(tokenizer, found=True)
    return tuple(sorted({*structural(tokenizer), *before, *after}))
