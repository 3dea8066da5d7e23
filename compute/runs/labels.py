"""Classes of tokens: by their role in the text, or the user's own by patterns or from a file.

Special tokens, and in causal models the first token of each passage, keep classes of their own
(``special``, ``first``) unless a file labels them by place: heads with nothing to do rest there,
which would drown what the other tokens of a class get.
"""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from compute import cells, store
from compute.errors import HeadscopeError
from compute.runs import Run
from compute.texts import expressions
from compute.texts.token_text import bare, continues

MOST = 20
"""As many classes as a matrix can show."""
LONGEST = 60
"""Characters of a class's name, for which a matrix has room."""
ROLES = (
    "special",
    "first",
    "punctuation",
    "digits",
    "piece",
    "function word",
    "capitalised",
    "other",
)
_COLUMNS = "passage,position,label or token,label"

_WORDS = (
    "a an the this that these those some any no every each all both",
    "i you he she it we they me him her us them my your his its our their mine yours hers ours",
    "theirs who whom whose which what where when why how",
    "and or but nor so yet if because although though while since until unless than as whether",
    "of in on at by for with about against between into through during before after above below",
    "to from up down out off over under again near without within upon along across behind beyond",
    "am is are was were be been being have has had having do does did doing",
    "will would shall should can could may might must not there here then",
)
FUNCTION_WORDS = frozenset(word for line in _WORDS for word in line.split())


@dataclass(frozen=True)
class Labels:
    """The class of every token of a run.

    Attributes
    ----------
    names : tuple of str
        The classes that at least one token has.
    of : int64 (n,)
        Number of each token's class.
    notes : tuple of str
        Sentences for the page, such as a class that no token has.
    """

    names: tuple[str, ...]
    of: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """A name for this labelling, from the classes and which token has which."""
        return store.key(self.names, self.of.tolist())


def roles(run: Run) -> Labels:
    """Return the classes by role.

    Each token has the first that fits: ``special``; ``first`` (causal models: the first token of a
    passage, if it isn't special); ``punctuation`` (no letter and no digit); ``digits`` (has a digit
    and no letter); ``piece`` (goes on the word of the token before it); ``function word`` (a
    whole word of a short English list); ``capitalised`` (begins with a capital);
    ``other``.
    """
    texts, pieces = bare(run.tokens), continues(run.tokens)
    whole = ~pieces & ~np.append(pieces[1:], False)
    found = [_role(t, bool(p), bool(w)) for t, p, w in zip(texts, pieces, whole, strict=True)]
    return _labels(_apart(run, found), ROLES)


def by_rules(run: Run, text: str) -> Labels:
    """Return the user's own classes by regular expressions.

    Parameters
    ----------
    text : str
        One ``name = pattern`` a line (Python's syntax); empty lines and lines that begin with #
        are skipped. A token has the class of the first pattern that matches all of its text,
        which is taken without space and ``##`` marks; upper and lower case are different unless a
        pattern begins with ``(?i)``. The rest is ``other``. See `texts.expressions` for limits.

    Raises
    ------
    HeadscopeError
        If a line is no rule, a pattern is wrong or too slow, there are too many rules or classes,
        or nothing matches.
    """
    rules = _rules(text)
    names = [*dict.fromkeys(name for name, _ in rules)]
    texts = bare(run.tokens)
    matched = expressions.first_match([rule for _, rule in rules], dict.fromkeys(texts))
    known = {string: rules[number][0] for string, number in matched.items()}
    found = _apart(run, [known.get(string, "other") for string in texts])
    if not set(found) & set(names):
        raise HeadscopeError(
            "No token of the text matches any of these patterns. A pattern must match a whole "
            "token, such as (?i)he|she|it."
        )
    return _labels(found, (*names, "other", "special", "first"))


def by_csv(run: Run, content: str | bytes) -> Labels:
    """Return the user's own classes from a file of token labels.

    Parameters
    ----------
    content : str or bytes
        CSV (comma, semicolon or tab) with a first line that names the columns: ``passage``,
        ``position``, ``label``, both counted from 0 as on the page; or ``token``, ``label``, the
        token as the page shows it or without its marks. Tokens without a label are ``other``.

    Raises
    ------
    HeadscopeError
        If it is no such file, labels something twice, or does not match the text.
    """
    columns, rows = _table(content)
    found = _by_place(run, rows) if {"passage", "position"} <= columns else _by_token(run, rows)
    return _labels(found, (*(row["label"] for _, row in rows), "other", "special", "first"))


def _role(text: str, piece: bool, whole: bool) -> str:
    letters = any(c.isalpha() for c in text)
    if not letters:
        return "digits" if any(c.isdigit() for c in text) else "punctuation"
    if piece:
        return "piece"
    if whole and text.lower() in FUNCTION_WORDS:
        return "function word"
    return "capitalised" if text[:1].isupper() else "other"


def _apart(run: Run, found: list[str]) -> list[str]:
    """Give sinks their own classes."""
    tokens = run.tokens
    sinks = tokens.sinks(run.model.causal)
    names = np.where(tokens.special, "special", "first")
    return [str(n) if sink else f for f, n, sink in zip(found, names, sinks, strict=True)]


def _labels(found: list[str], names: Iterable[str]) -> Labels:
    names = tuple(dict.fromkeys(names))
    if len(names) > MOST + 3:
        raise HeadscopeError(
            f"There are more than {MOST} classes, too many to show. Join some of them."
        )
    if too_long := next((n for n in names if len(n) > LONGEST), None):
        raise HeadscopeError(
            f"The name of a class can have at most {LONGEST} characters; “{too_long[:20]}…” has "
            f"{len(too_long):,}."
        )
    there = set(found)
    kept = tuple(n for n in names if n in there)
    number = {name: i for i, name in enumerate(kept)}
    own = [n for n in names if n not in (*ROLES, "other")]
    notes = tuple(f"No token of the text is “{n}”." for n in own if n not in there)
    return Labels(kept, np.array([number[f] for f in found], np.int64), notes)


def _rules(text: str) -> list[tuple[str, expressions.Expression]]:
    rules = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, pattern = (part.strip() for part in line.partition("="))
        if not (equals and name and pattern):
            raise HeadscopeError(
                f"Line {number} is not “name = pattern”. Write for example pronoun = (?i)he|she|it"
            )
        if len(rules) == expressions.MOST:
            raise HeadscopeError(
                f"There are more than {expressions.MOST} rules. Join some patterns with |."
            )
        rules.append((name, expressions.read(f"“{name}” (line {number})", pattern)))
    if not rules:
        raise HeadscopeError("There is no class. Write one “name = pattern” a line.")
    return rules


def _table(content: str | bytes) -> tuple[set[str], list[tuple[int, dict[str, str]]]]:
    """Return the columns of a file of labels, and its rows with their line numbers."""
    if isinstance(content, bytes):
        try:
            content = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise HeadscopeError(
                "The label file is not plain text. Save it as CSV in UTF-8 and try again."
            ) from error
    first = content.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    try:
        lines = [(reader.line_num, line) for line in reader if any(c.strip() for c in line)]
    except csv.Error as error:
        raise HeadscopeError(f"The label file is not CSV: {error}.") from error
    header = [c.strip().lower() for c in lines[0][1]] if lines else []
    columns = set(header)
    if not ("label" in columns and ({"passage", "position"} <= columns or "token" in columns)):
        raise HeadscopeError(f"The label file needs a first line with the columns {_COLUMNS}.")
    rows = []
    for number, line in lines[1:]:
        if len(line) != len(header):
            raise HeadscopeError(
                f"Line {number} of the label file has {len(line)} fields and the first line "
                f"{len(header)}. Put a field with a comma in quotes."
            )
        row = dict(zip(header, line, strict=True))
        row["label"] = row["label"].strip()
        if row["label"]:
            rows.append((number, row))
    if not rows:
        raise HeadscopeError("The label file has no labels below its first line.")
    return columns, rows


def _by_place(run: Run, rows: list[tuple[int, dict[str, str]]]) -> list[str]:
    starts = run.tokens.starts
    given: dict[int, str] = {}
    for number, row in rows:
        try:
            passage, position = int(row["passage"]), int(row["position"])
        except ValueError as error:
            raise HeadscopeError(
                f"Line {number} of the label file: passage and position must be whole numbers."
            ) from error
        if not 0 <= passage < len(starts) - 1:
            raise HeadscopeError(
                f"The label file does not match this text: line {number} labels passage {passage}, "
                f"and the passages are 0 to {len(starts) - 2}."
            )
        length = int(starts[passage + 1] - starts[passage])
        if not 0 <= position < length:
            raise HeadscopeError(
                f"The label file does not match this text: line {number} labels position "
                f"{position} of passage {passage}, which has {length} tokens in this model."
            )
        _give(given, int(starts[passage]) + position, row["label"], number)
    found = _apart(run, ["other"] * len(run.tokens))
    for place, label in given.items():
        found[place] = label
    return found


def _by_token(run: Run, rows: list[tuple[int, dict[str, str]]]) -> list[str]:
    given: dict[str, str] = {}
    for number, row in rows:
        token = row["token"].strip()
        _give(given, token, row["label"], number)
        given.setdefault(cells.plain(token), row["label"])  # from a table that Headscope saved
    pairs = zip(run.tokens.strings, bare(run.tokens), strict=True)
    found = [given.get(shown) or given.get(text) or "other" for shown, text in pairs]
    if set(found) == {"other"}:
        raise HeadscopeError(
            "The label file does not match this text: none of its tokens is in it. Write tokens as "
            "the page shows them; passage,position,label labels them by place."
        )
    return _apart(run, found)


def _give(given: dict, what: object, label: str, number: int) -> None:
    if given.setdefault(what, label) != label:
        raise HeadscopeError(
            f"Line {number} of the label file says “{label}” of what an earlier line calls "
            f"“{given[what]}”. Keep one of them."
        )


SOURCES: dict[str, Callable[..., Labels]] = {"role": roles, "rules": by_rules, "file": by_csv}
"""Where classes can come from; all but ``role`` take the user's text or file after the run."""
