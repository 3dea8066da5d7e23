r"""The tokens of imported vectors: a file of text with one a line, or JSON.

A line is a token, an empty line ends a passage. White space belongs to the token. In a token
``\n``, ``\r`` and ``\t`` stand for a line end, a return and a tab, ``\\`` for a backslash; any
other backslash is refused, for nobody knows whether it was meant so. A ``.json`` file holds a list
of passages, each a list of strings, in which everything may stand.
"""

import json
import re
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import numpy as np

from compute.errors import HeadscopeError
from compute.imported.arrays import check
from compute.texts.tokens import Tokens

LARGEST = 64 * 2**20
LONGEST = 1_000
"""Characters in a token."""
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_MEANT = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}
_LOOKS_SPECIAL = re.compile(
    r"\[(CLS|SEP|PAD|BOS|EOS|MASK)\]|</?s>|<(bos|eos|pad|cls|sep)>|<\|[a-z_]+\|>"
)
_SHOWN = str.maketrans({" ": "·", "Ġ": "·", "▁": "·", "\n": "⏎", "Ċ": "⏎", "\t": "⇥"})


def read(file: Path, special: Iterable[str]) -> Tokens:
    """Return the tokens of a file.

    Parameters
    ----------
    special : iterable of str
        Tokens that are special, such as ``[CLS]``, as they stand in the file.

    Returns
    -------
    Tokens
        With strings as the page shows them; equal strings have equal ids.

    Raises
    ------
    HeadscopeError
        If it is no such file, or `special` names a token that isn't there.
    """
    check(file)
    passages = _of_json(file) if file.suffix.lower() == ".json" else _of_lines(file)
    strings, special = list(chain.from_iterable(passages)), set(special)
    if lacking := sorted(special - set(strings)):
        raise HeadscopeError(
            f"There is no token “{lacking[0][:40]}” in {file}, so it can't be special."
        )
    lengths = [len(passage) for passage in passages]
    numbers = {string: number for number, string in enumerate(dict.fromkeys(strings))}
    return Tokens(
        strings=tuple(_display(string) for string in strings),
        ids=np.array([numbers[string] for string in strings], np.int32),
        passage=np.repeat(np.arange(len(lengths)), lengths).astype(np.int32),
        position=np.concatenate([np.arange(n) for n in lengths]).astype(np.int32),
        special=np.array([string in special for string in strings], bool),
    )


def likely_special(tokens: Tokens) -> list[str]:
    """Return tokens that are called as special ones are, and were not said to be such."""
    rest = {s for s, is_special in zip(tokens.strings, tokens.special, strict=True)
            if not is_special}  # fmt: skip
    return sorted(s for s in rest if _LOOKS_SPECIAL.fullmatch(s))


def _of_lines(file: Path) -> list[list[str]]:
    text = _text(file).replace("\r\n", "\n").removesuffix("\n")
    passages: list[list[str]] = [[]]
    for number, line in enumerate(text.split("\n"), 1):
        if line:
            passages[-1].append(_checked(_meant(line, file, number), file))
        elif not passages[-1]:
            raise HeadscopeError(
                f"Line {number} of {file} is empty, and no token stands before it: one empty line "
                "ends a passage. Write a line end in a token as \\n, or use JSON."
            )
        else:
            passages.append([])
    return passages if passages[-1] else passages[:-1]


def _meant(line: str, file: Path, number: int) -> str:
    def escaped(found: re.Match) -> str:
        if found[1] not in _MEANT:
            raise HeadscopeError(
                f"Line {number} of {file} has a backslash that stands for nothing. Write \\\\ for "
                "a backslash, \\n for a line end, \\t for a tab, or use JSON."
            )
        return _MEANT[found[1]]

    return _ESCAPE.sub(escaped, line)


def _of_json(file: Path) -> list[list[str]]:
    try:
        found = json.loads(_text(file))
    except (ValueError, RecursionError) as error:
        raise HeadscopeError(f"{file} is no JSON. Write a list of lists of tokens.") from error
    lists = isinstance(found, list) and found and all(isinstance(p, list) and p for p in found)
    if not lists or not all(isinstance(token, str) for passage in found for token in passage):
        raise HeadscopeError(
            f"{file} is no list of passages, each a list of tokens with at least one: "
            '[["The", " cat"], ["A", " dog"]].'
        )
    return [[_checked(token, file) for token in passage] for passage in found]


def _checked(token: str, file: Path) -> str:
    if len(token) > LONGEST or any("\ud800" <= c <= "\udfff" for c in token):
        raise HeadscopeError(
            f"{file} has a token of {len(token):,} characters, or one that is no text: "
            f"“{token[:20]!a}”. At most {LONGEST:,} characters make a token."
        )
    return token


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise HeadscopeError(f"{file} can't be read: {error.strerror}.") from error
    if len(content) > LARGEST:
        raise HeadscopeError(f"{file} is larger than {LARGEST >> 20} MiB: no file of tokens.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise HeadscopeError(
            f"{file} is not text in UTF-8. Write the tokens with encoding='utf-8'."
        ) from error
    if not text.strip("\r\n"):
        raise HeadscopeError(f"There is no token in {file}.")
    return text


def _display(token: str) -> str:
    """Return a token as the page shows it, see `tokenise.display`; it was decoded already."""
    marked = token.translate(_SHOWN)
    return "".join(c if c.isprintable() else f"<{ord(c):02X}>" for c in marked) or "<empty>"
