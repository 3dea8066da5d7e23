"""Regular expressions that a person wrote or a link brought, run within limits of size and time.

Their syntax is Python's: `re` reads them, and refuses what it doesn't know. They are run by
`regex`, which can be stopped: a short pattern may need longer than anybody waits.
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from re import _constants as codes
from re import _parser as parser

import regex

from compute.errors import HeadscopeError

BUDGET = 5.0
"""Seconds for all rules on a whole text."""
LONGEST = 1_000
"""Characters of one pattern."""
MOST = 200
"""Rules at a time."""
MOST_STEPS = 20_000
"""Size of a pattern with its repetitions written out, as `regex` does with some of them."""


@dataclass(frozen=True)
class Expression:
    """One pattern, ready to run.

    Attributes
    ----------
    name : str
        What messages call it.
    pattern : regex.Pattern
    """

    name: str
    pattern: regex.Pattern


def read(name: str, pattern: str) -> Expression:
    """Return a pattern that can be run.

    Parameters
    ----------
    name : str
        What messages call it, such as ``“pronoun” (line 2)``.
    pattern : str
        In Python's syntax.

    Raises
    ------
    HeadscopeError
        If it is no regular expression, is too long, or repeats too much.
    """
    if len(pattern) > LONGEST:
        raise HeadscopeError(
            f"The pattern of {name} has {len(pattern):,} characters; at most {LONGEST:,} are "
            "allowed. Divide it into several lines with the same name."
        )
    try:
        size = _steps(parser.parse(pattern))
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise HeadscopeError(f"The pattern of {name} is no regular expression: {error}.") from error
    if size > MOST_STEPS:
        raise HeadscopeError(
            f"The pattern of {name} repeats too much to be run. Use smaller numbers in {{}}."
        )
    try:
        return Expression(name, regex.compile(pattern, regex.VERSION0))
    except (regex.error, RecursionError) as error:
        raise HeadscopeError(f"The pattern of {name} can't be run: {error}.") from error


def first_match(
    expressions: Iterable[Expression],
    strings: Iterable[str],
    budget: float = BUDGET,
    whole: bool = True,
) -> dict[str, int]:
    """Return for each string the first expression that matches it, by its number.

    Parameters
    ----------
    strings : iterable of str
        A string that nothing matches is not in the result.
    budget : float
        Seconds for all of them together.
    whole : bool
        It must match all of a string; else it must be found in it.

    Raises
    ------
    HeadscopeError
        If that is not enough; it names the expression that was running.
    """
    listed, found = list(expressions), {}
    end = time.monotonic() + budget
    for string in strings:
        for i, expression in enumerate(listed):
            left = end - time.monotonic()
            try:
                if left <= 0:
                    raise TimeoutError
                pattern = expression.pattern
                if (pattern.fullmatch if whole else pattern.search)(string, timeout=left):
                    found[string] = i
                    break
            except (TimeoutError, MemoryError) as error:
                raise HeadscopeError(
                    f"The patterns took longer than {budget:g} s and were stopped at "
                    f"{expression.name}. Simplify it: nested repetitions, such as (.*.*)*, are "
                    "slow."
                ) from error
    return found


def _steps(tree: Iterable) -> int:
    """Return how long a parsed pattern becomes when its repetitions are written out."""
    return sum(_step(code, value) for code, value in tree)


def _step(code: object, value: object) -> int:
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
        low, high, inner = value
        times = low if high is codes.MAXREPEAT else high
        return max(1, int(times)) * _steps(inner)
    return 1 + sum(_steps(part) for part in _inner(value))


def _inner(value: object) -> list:
    """Return the parsed patterns inside a piece of one, wherever the parser put them."""
    if isinstance(value, parser.SubPattern):
        return [value]
    if isinstance(value, list | tuple):
        return [part for each in value for part in _inner(each)]
    return []
