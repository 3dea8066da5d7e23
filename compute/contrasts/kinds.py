"""Which properties can be named, in one word each, as an address or the command line has them."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from compute import limits
from compute.contrasts.marks import Marks, of_class
from compute.errors import HeadscopeError
from compute.runs.labels import ROLES, roles_of
from compute.texts import expressions
from compute.texts.token_text import bare
from compute.texts.tokens import Tokens

_SAID = re.compile(r"([a-z-]+)(?:[@:](.*))?", re.DOTALL)
PERIOD = limits.Range(2, 100)
"""Places after which a position comes again."""


@dataclass(frozen=True)
class Kind:
    """A kind of properties.

    Attributes
    ----------
    name : str
        Key of `KINDS`, with which its properties begin.
    form : str
        One of its properties, as it is written.
    title : str
        For a selector.
    definition : str
        A sentence: of which pairs it holds.
    read : callable
        Makes of what stands after the name what `mark` takes; raises `HeadscopeError`.
    mark : callable
        ``mark(said, tokens, sinks, what) -> Marks``.
    """

    name: str
    form: str
    title: str
    definition: str
    read: Callable[[str], object]
    mark: Callable[[str, Tokens, np.ndarray, object], Marks]


def of(said: str, tokens: Tokens, sinks: np.ndarray) -> Marks:
    """Return of which pairs of a text a property holds.

    Parameters
    ----------
    said : str
        As ``same@-1``; see `KINDS`.
    sinks : bool (n,)
        Tokens where heads rest that have nothing to do.

    Raises
    ------
    HeadscopeError
        If it is no property, or holds of nothing or of everything in this text.
    """
    kind, what = read(said)
    return kind.mark(said, tokens, sinks, what)


def read(said: str) -> tuple[Kind, object]:
    """Return what a property is, without a text; `HeadscopeError` if it is none."""
    found = _SAID.fullmatch(said)
    kind = KINDS.get(found[1]) if found and len(said) <= expressions.LONGEST else None
    if kind is None:
        forms = ", ".join(each.form for each in KINDS.values())
        raise HeadscopeError(f"There is no property “{said[:60]}”. Write one such as {forms}.")
    return kind, kind.read(found[2] or "")


def _whole(text: str, between: limits.Range, example: str) -> int:
    if not re.fullmatch(r"[-−+]?\d{1,6}", text) or not (
        between.low <= int(text.replace("−", "-")) <= between.high
    ):
        low, high = (str(end).replace("-", "−") for end in between)
        raise HeadscopeError(
            f"“{text[:60]}” is no whole number from {low} to {high}. Write for example {example}."
        )
    return int(text.replace("−", "-"))


def _offset(text: str) -> int:
    return _whole(text, limits.OFFSET, "same@-1")


def _period(text: str) -> int:
    return _whole(text, PERIOD, "mod:3")


def _nothing(text: str) -> None:
    if text:
        raise HeadscopeError("“first-letter” takes nothing after it.")


def _role(text: str) -> str:
    if text not in ROLES:
        raise HeadscopeError(f"There is no class “{text[:60]}”; there are {', '.join(ROLES)}.")
    return text


def _pattern(text: str) -> expressions.Expression:
    if not text:
        raise HeadscopeError("There is no pattern. Write for example regex:^[A-Z].")
    return expressions.read("this property", text)


def _same(said: str, tokens: Tokens, sinks: np.ndarray, offset: int) -> Marks:
    place = np.arange(len(tokens)) + offset
    inside = (place >= 0) & (place < len(tokens))
    place = np.where(inside, place, 0)
    inside &= tokens.passage[place] == tokens.passage
    offers = np.where(inside, tokens.ids[place], -1).astype(np.int64)
    asks = np.where(sinks, -1, tokens.ids).astype(np.int64)
    many = f"{abs(offset)} places "
    where = "before" if offset < 0 else "after"
    far = "the key" if not offset else f"the token {many if abs(offset) > 1 else ''}{where} the key"
    words = f"{far} is the query's token"
    return Marks(said, words, asks, offers, ~sinks, ~sinks, pairwise=True, shift=offset)


def _letters(said: str, tokens: Tokens, sinks: np.ndarray, _: None) -> Marks:
    numbers: dict[str, int] = {}
    first = [text[:1].casefold() for text in bare(tokens)]
    codes = [numbers.setdefault(c, len(numbers)) if c.isalpha() else -1 for c in first]
    codes = np.where(sinks, -1, np.array(codes, np.int64))
    words = "query and key begin with the same letter and are not the same token"
    apart = tokens.ids.astype(np.int64)
    return Marks(said, words, codes, codes, codes >= 0, codes >= 0, pairwise=True, apart=apart)


def _modulo(said: str, tokens: Tokens, sinks: np.ndarray, period: int) -> Marks:
    codes = tokens.position.astype(np.int64) % period
    words = f"query and key have the same position modulo {period}"
    return Marks(said, words, codes, codes, ~sinks, ~sinks, pairwise=True, by_place=True)


def _of_role(said: str, tokens: Tokens, sinks: np.ndarray, role: str) -> Marks:
    names = np.where(sinks, np.where(tokens.special, "special", "first"), roles_of(tokens))
    return of_class(said, f"the key is of the class “{role}”", tokens, sinks, names == role)


def _of_pattern(
    said: str, tokens: Tokens, sinks: np.ndarray, pattern: expressions.Expression
) -> Marks:
    texts = bare(tokens)
    matched = expressions.first_match([pattern], dict.fromkeys(texts), whole=False)
    chosen = np.array([text in matched for text in texts], bool) & ~sinks
    return of_class(said, f"the key matches {said.partition(':')[2]}", tokens, sinks, chosen)


_ALL = (
    Kind(
        "same",
        "same@-1",
        "Same token at an offset",
        "The token at this offset from the key is the query's: same@0 the key itself, same@-1 the "
        "token before it.",
        _offset,
        _same,
    ),
    Kind(
        "first-letter",
        "first-letter",
        "Same first letter",
        "Query and key are other tokens that begin with the same letter.",
        _nothing,
        _letters,
    ),
    Kind(
        "mod",
        "mod:3",
        "Same position modulo",
        "The places of query and key have the same rest; compared with keys next to them.",
        _period,
        _modulo,
    ),
    Kind(
        "class",
        "class:punctuation",
        "Key of a class",
        "The key has this role in the text, whatever the query is.",
        _role,
        _of_role,
    ),
    Kind(
        "regex",
        "regex:^[A-Z]",
        "Key that matches a pattern",
        "This regular expression is found in the key's text, taken without space and ## marks.",
        _pattern,
        _of_pattern,
    ),
)
KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
