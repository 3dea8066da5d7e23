"""What tokens are on paper: their text without the marks of a vocabulary, and which go on a word.

A run keeps tokens as the page shows them: ``##ing`` in vocabularies that mark what continues a
word, ``·the`` in those that mark a space. Which kind a vocabulary is shows in its tokens.
"""

import re

import numpy as np

from compute.texts.tokens import Tokens

SPACE = "·"
JOINED = "##"
_BYTES = re.compile(r"(<[0-9A-F]{2}>)+")


def marks_spaces(tokens: Tokens) -> bool:
    """Tell whether a vocabulary marks a space before a word, as against ``##`` inside one."""
    strings = [s for s, special in zip(tokens.strings, tokens.special, strict=True) if not special]
    spaced = sum(s.startswith(SPACE) for s in strings)
    return spaced > 0 and spaced > sum(s.startswith(JOINED) for s in strings)


def bare(tokens: Tokens) -> tuple[str, ...]:
    """Return each token's text without space and continuation marks; special ones as they are."""
    mark = SPACE if marks_spaces(tokens) else JOINED
    return tuple(
        s if special else _without(s, mark)
        for s, special in zip(tokens.strings, tokens.special, strict=True)
    )


def continues(tokens: Tokens) -> np.ndarray:
    """Return which tokens go on the word of the token before them, bool (n,).

    In vocabularies that mark spaces: letters or digits without the mark, after a token that ends
    in a letter or digit, in the same passage.
    """
    if not marks_spaces(tokens):
        marked = np.array([s.startswith(JOINED) and s != JOINED for s in tokens.strings], bool)
        return marked & ~tokens.special
    texts = bare(tokens)
    opens = np.array([t[:1].isalnum() for t in texts], bool)
    closes = np.array([t[-1:].isalnum() for t in texts], bool)
    spaced = np.array([s.startswith(SPACE) for s in tokens.strings], bool)
    after = np.concatenate([[False], closes[:-1] & ~tokens.special[:-1]])
    return opens & ~spaced & after & ~tokens.special & (tokens.position > 0)


def characters(strings: tuple[str, ...]) -> list[str]:
    """Return the text of some bare tokens in a row, with bytes that are half characters joined.

    Parameters
    ----------
    strings : tuple of str
        From `bare`; a token that is no whole character stands there as ``<E2>``.

    Returns
    -------
    list of str
        As many. A character made of several tokens belongs to its last one.
    """
    out, pending = [], b""
    for string in strings:
        if not _BYTES.fullmatch(string):
            out.append(string)
            pending = b""
            continue
        pending += bytes.fromhex(re.sub("[<>]", "", string))
        try:
            out.append(pending.decode())
            pending = b""
        except UnicodeDecodeError:
            out.append("")
    return out


def _without(string: str, mark: str) -> str:
    return string[len(mark) :] if string.startswith(mark) and string != mark else string
