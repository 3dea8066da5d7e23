"""The words of a passage by what each gave, and the tokens that a head changes over a text."""

from dash import html

from components.parts.controls import table
from components.parts.numbers import signed
from components.parts.shaded_words import shaded
from components.writes.words import parts, quoted, text_note
from compute.runs import Run
from compute.writes.at_place import Written
from compute.writes.over_text import Overall

TITLES = ("Raised most", "on average", "among most raised")
TITLES += ("Lowered most", "on average", "among most lowered")


def options(found: Written, comes: str) -> list[dict]:
    """Return the tokens whose effect can be shown by word: the one to predict, if any, first."""
    named = [("next", f"{quoted(found.target_string, found.target)}, {comes}")]
    for part in ("raised", "lowered"):
        strings, ids = getattr(found, f"{part}_strings"), getattr(found, part)
        for at, (string, number) in enumerate(zip(strings, ids, strict=True)):
            named.append((f"{part} {at}", f"{quoted(string, int(number))}, {part}"))
    shown = named if found.target >= 0 else named[1:]
    return [{"value": value, "label": label} for value, label in shown]


def words(found: Written, passage: int, run: Run, chosen: str, label: str) -> tuple[list, str]:
    """Return the words of the passage by what each gave to a token of `options`; and a note."""
    part, _, at = chosen.partition(" ")
    row = {"next": 0, "raised": 1, "lowered": 1 + len(found.raised)}[part] + int(at or 0)
    values = found.sources[row]
    strings = list(run.tokens.strings[run.span(passage)])
    if found.hidden:
        strings[found.place] = f"[mask: {strings[found.place]}]"
    return shaded(strings, values, {found.place}), parts(values, label.rpartition(", ")[0])


def tokens(found: Overall) -> list:
    """Return the tokens that are raised and lowered most on average, and how often."""
    rows = [
        [*_cells(found, "raised", at), *_cells(found, "lowered", at)]
        for at in range(len(found.raised))
    ]
    return [html.P(text_note(found), className="note"), table(TITLES, rows)]


def _cells(found: Overall, part: str, at: int) -> list:
    string, number = getattr(found, f"{part}_strings")[at], int(getattr(found, part)[at])
    effect, often = (float(getattr(found, f"{part}_{of}")[at]) for of in ("effects", "often"))
    return [
        html.B(quoted(string, number), title=f"token {number} of the vocabulary"),
        signed(effect),
        f"at {often:.0%}",
    ]
