"""Earlier heads in order with what they changed, and the words of a passage by what they gave."""

import numpy as np
from dash import html

from components.parts import shaded_words
from components.parts.controls import table
from components.parts.head_table import head_link
from components.why import words
from compute.runs import Run
from compute.scores import heads as head_scores
from compute.why.results import Explained, above, over_passages, strongest
from compute.why.subject import SIDES

SHOWN = 20
TITLES = ("Head", "Query side", "Key side", "Both", "Attention", "Written directly", "Does", "")


def heads(found: Explained, run_key: str) -> list:
    """Return the measured heads, the largest effect of any side first."""
    if not len(found.measured):
        return [html.P("No earlier head was taken out.", className="note")]
    effects, changes = over_passages(found.effects), over_passages(found.changes).mean
    clear, size = above(found), abs(effects.mean).max(1)
    order = np.argsort(-size, kind="stable")[:SHOWN]
    rows = [_row(found, int(n), effects, changes, clear, run_key) for n in order]
    more = len(found.measured) - len(order)
    rest = f" The {more:,} others are in the table to save." if more else ""
    return [html.P(words.measured(found) + rest, className="note"), table(TITLES, rows)]


def _row(found: Explained, n: int, effects, changes, clear, run_key: str) -> list:
    layer, head = map(int, found.measured[n])
    cells = []
    for side in range(len(SIDES)):
        star = "*" if clear[n, side] else ""
        parts = [html.B(words.signed(effects.mean[n, side]) + star)]
        low, high = effects.low[n, side], effects.high[n, side]
        if np.isfinite(low):
            said = f" {words.signed(low)} … {words.signed(high)}"
            parts.append(html.Span(said, className="count", title="95 % interval over passages"))
        cells.append(parts)
    before = found.attention.mean()
    after = f"{before:.3f} → {max(0, before - changes[n, 2]):.3f}"
    if max(before, before - changes[n, 2]) < words.LITTLE:
        after = "hardly any"
    off = html.Button(
        "without it",
        className="head-link why-without",
        title="Opens the same text without this head in column B",
        **{"data-off": f"L{layer}H{head}"},
    )
    return [
        head_link(layer, head),
        *cells,
        after,
        _direct(found, (layer, head)),
        _does(run_key, (layer, head)),
        off,
    ]


def _direct(found: Explained, at: tuple[int, int]) -> list:
    parts = []
    for side, name in enumerate(("query", "key")):
        value = found.heads[side].mean(0)[at]
        brought = words.places(found, side, at)
        line = [html.Span(name, className=name), f" {words.signed(value)}"]
        line += [html.Span(f" {brought}", className="count")] if brought else []
        parts.append(html.Div(line))
    return parts


def _does(run_key: str, at: tuple[int, int]) -> str:
    """Say the strongest of what a head does on the text, where that is measured."""
    scores = head_scores.SCORES.get(head_scores.key(run_key))
    if scores is None or "previous" not in scores.names:
        return ""
    names = [name for name in ("previous", "duplicate", "induction") if name in scores.names]
    values = {name: float(scores.of(name).mean[at]) for name in names}
    best = max(values, key=lambda name: np.nan_to_num(values[name], nan=-1.0))
    titles = {"previous": "previous token", "duplicate": "same token", "induction": "induction"}
    return f"{titles[best]} {values[best]:.2f}" if values[best] >= 0.2 else ""


def options(found: Explained) -> list[dict]:
    """Return whose parts can be shown by word: of one passage, the strongest of each side."""
    if not found.sources.shape[-1]:
        return []
    chosen = []
    for side, name in enumerate(("query", "key")):
        for n in strongest(found, side)[:6]:
            layer, head = map(int, found.measured[n])
            label = f"L{layer}H{head}, {name} side"
            chosen.append({"value": f"{name} L{layer}H{head}", "label": label})
    return chosen


def brought(found: Explained, run: Run, chosen: str) -> tuple[list, str]:
    """Return the words of the passage, shaded by what a head brought from each; and a note."""
    name, _, head = chosen.partition(" ")
    at = tuple(map(int, head[1:].split("H")))
    values = found.sources[("query", "key").index(name)][at]
    span = run.span(int(found.passages[0]))
    shaded = shaded_words.shaded(run.tokens.strings[span], values)
    total = words.signed(float(values.sum()))
    note = (
        f"{head} wrote {total} logits into the {name} directly; the stronger the colour, the more."
    )
    return shaded, note
