"""Classes of tokens: by their role in the text, or the user's own by patterns or from a file.

Special tokens, and in causal models the first token of each passage, keep classes of their own
(``special``, ``first``) unless a file labels them by place: heads with nothing to do rest there,
which would drown what the other tokens of a class get. In cross-attention the tokens of target and
source are labelled alike.
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
from compute.texts.tokens import Tokens

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
PICTURE_ROLES = ("special", "border", "inside")
_COLUMNS = "passage,position,label or token,label"
_ROLES = ("query", "key")

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
        Number of each token's class; in cross-attention of those whose queries are seen.
    notes : tuple of str
        Sentences for the page, such as a class that no token has.
    source : int64 (s,), or None
        In cross-attention: number of the class of each token of the sources.
    """

    names: tuple[str, ...]
    of: np.ndarray
    notes: tuple[str, ...] = ()
    source: np.ndarray | None = None

    @property
    def keys(self) -> np.ndarray:
        """Number of the class of each token whose key is seen."""
        return self.of if self.source is None else self.source

    @property
    def digest(self) -> str:
        """A name for this labelling, from the classes and which token has which."""
        more = [] if self.source is None else [self.source.tolist()]
        return store.key(self.names, self.of.tolist(), *more)


def roles(run: Run) -> Labels:
    """Return the classes by role.

    Each token has the first that fits: ``special``; ``first`` (causal models: the first token of a
    passage, if it isn't special); ``punctuation`` (no letter and no digit); ``digits`` (has a digit
    and no letter); ``piece`` (goes on the word of the token before it); ``function word`` (a
    whole word of a short English list); ``capitalised`` (begins with a capital);
    ``other``. Of pictures: a model's own tokens are ``special``, patches of the outermost rows and
    columns ``border``, all others ``inside``.
    """
    if run.grid is not None:
        return _labels(run, _of_patches(run), PICTURE_ROLES)
    found = [role for side in _sides(run) for role in roles_of(side)]
    return _labels(run, _apart(run, found), ROLES)


def _of_patches(run: Run) -> list[str]:
    grid = run.grid
    row, column = grid.row, grid.column
    edge = (row == 0) | (row == grid.rows - 1) | (column == 0) | (column == grid.columns - 1)
    names = np.where(row < 0, "special", np.where(edge, "border", "inside")).tolist()
    return names * (len(run.tokens) // grid.length)


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
    rules = read_rules(text)
    names = [*dict.fromkeys(name for name, _ in rules)]
    texts = _bare(run)
    matched = expressions.first_match([rule for _, rule in rules], dict.fromkeys(texts))
    known = {string: rules[number][0] for string, number in matched.items()}
    found = _apart(run, [known.get(string, "other") for string in texts])
    if not set(found) & set(names):
        raise HeadscopeError(
            "No token of the text matches any of these patterns. A pattern must match a whole "
            "token, such as (?i)he|she|it."
        )
    return _labels(run, found, (*names, "other", "special", "first"))


def by_csv(run: Run, content: str | bytes) -> Labels:
    """Return the user's own classes from a file of token labels.

    Parameters
    ----------
    content : str or bytes
        CSV (comma, semicolon or tab) with a first line that names the columns: ``passage``,
        ``position``, ``label``, both counted from 0 as on the page; or ``token``, ``label``, the
        token as the page shows it or without its marks. Tokens without a label are ``other``. In
        cross-attention places need one more column, ``role``: ``query`` for the target's tokens,
        ``key`` for the source's.

    Raises
    ------
    HeadscopeError
        If it is no such file, labels something twice, or does not match the text.
    """
    columns, rows = _table(content)
    found = _by_place(run, rows) if {"passage", "position"} <= columns else _by_token(run, rows)
    names = (*(row["label"] for _, row in rows), "other", "special", "first")
    return _labels(run, found, names)


def _sides(run: Run) -> tuple[Tokens, ...]:
    """Return the tokens to label: those of queries, and of keys where they are others."""
    return (run.tokens,) if run.square else (run.tokens, run.keys)


def _bare(run: Run) -> list[str]:
    return [text for side in _sides(run) for text in bare(side)]


def roles_of(tokens: Tokens) -> list[str]:
    """Return each token's role; see `roles`, but for those of special and first tokens."""
    texts, pieces = bare(tokens), continues(tokens)
    whole = ~pieces & ~np.append(pieces[1:], False)
    return [_role(t, bool(p), bool(w)) for t, p, w in zip(texts, pieces, whole, strict=True)]


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
    sides = _sides(run)
    sinks = np.concatenate([side.sinks(run.model.causal) for side in sides])
    names = np.where(np.concatenate([side.special for side in sides]), "special", "first")
    return [str(n) if sink else f for f, n, sink in zip(found, names, sinks, strict=True)]


def _labels(run: Run, found: list[str], names: Iterable[str]) -> Labels:
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
    own = [n for n in names if n not in (*ROLES, *PICTURE_ROLES)]
    notes = tuple(f"No token of the text is “{n}”." for n in own if n not in there)
    numbers, n = np.array([number[f] for f in found], np.int64), len(run.tokens)
    return Labels(kept, numbers[:n], notes, None if run.square else numbers[n:])


def read_rules(text: str) -> list[tuple[str, expressions.Expression]]:
    """Return the classes and their patterns, one for each line; see `by_rules`.

    `HeadscopeError` if a line is no rule, or there are too many or none.
    """
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
    given: dict[int, str] = {}
    for number, row in rows:
        starts, before = _side_of(run, row, number)
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
        _give(given, before + int(starts[passage]) + position, row["label"], number)
    found = _apart(run, ["other"] * sum(map(len, _sides(run))))
    for place, label in given.items():
        found[place] = label
    return found


def _side_of(run: Run, row: dict[str, str], number: int) -> tuple[np.ndarray, int]:
    """Return where the passages begin that a row labels, and how many tokens are before them."""
    if run.square:
        return run.tokens.starts, 0
    role = row.get("role", "").strip().lower()
    if role not in _ROLES:
        raise HeadscopeError(
            f"Line {number} of the label file does not say whose place it labels: in "
            "cross-attention write “query” (target) or “key” (source) into a column “role”."
        )
    return (run.tokens.starts, 0) if role == "query" else (run.keys.starts, len(run.tokens))


def _by_token(run: Run, rows: list[tuple[int, dict[str, str]]]) -> list[str]:
    given: dict[str, str] = {}
    for number, row in rows:
        token = row["token"].strip()
        _give(given, token, row["label"], number)
        given.setdefault(cells.plain(token), row["label"])  # from a table that Headscope saved
    shown = (string for side in _sides(run) for string in side.strings)
    pairs = zip(shown, _bare(run), strict=True)
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
