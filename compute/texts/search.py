"""Tokens that match a word, as the page's search finds them."""

import numpy as np

from compute.texts.tokens import Tokens


def find(tokens: Tokens, word: str) -> tuple[np.ndarray, bool]:
    """Return the tokens that are a word, or else those that contain it.

    Parameters
    ----------
    word : str
        Upper and lower case are the same; the marks of word pieces and of leading spaces are
        ignored.

    Returns
    -------
    places : int64 (t,)
        In order; empty for an empty word.
    whole : bool
        Whether they are the word itself.
    """
    word = _bare(word.strip())
    if not word:
        return np.empty(0, np.int64), True
    bare = [_bare(string) for string in tokens.strings]
    equal = [i for i, string in enumerate(bare) if string == word]
    found = equal or [i for i, string in enumerate(bare) if word in string]
    return np.array(found, np.int64), bool(equal)


def _bare(string: str) -> str:
    return string.removeprefix("##").removeprefix("·").lower()
