"""Attention between classes: the open head's matrix, and all heads by one of its cells."""

import numpy as np
from dash import html, no_update

from components.parts.head_table import Column, head_table
from components.parts.jobs import kept
from components.patterns import figures
from components.plots.theme import inert
from components.shown import shown_head, typed
from compute import runs
from compute.scores import classes

SHOWN = 20  # heads of a ranking
NO_INTERVAL = " (all in one passage: no interval)"
FEW = (
    f"Hatched cells rest on fewer than {classes.FEW} tokens, of their row or of their column: they "
    "say little of the class."
)


def draw_classes(classed, shown, by, cell, theme, run):
    """Draw attention between classes in the open head."""
    found = _classes(classed, run)
    if found is None:
        return no_update, "", True  # nothing was measured on this text
    at, names = shown_head.place(shown, run), found.names
    runs.load(run["key"]).check(*at)
    marked = _cell(found, cell)
    figure = figures.classes(
        found.mean[at],
        found.lift[at],
        names,
        (found.n[at[0]].tolist(), found.tokens.tolist()),
        found.rests_on(at[0]) < classes.FEW,
        _details(found, at),
        by == "lift",
        theme == "dark",
        marked,
    )
    said = [f"L{at[0]}H{at[1]}. In brackets: tokens of the class.", *classed["notes"]]
    if (found.rests_on(at[0]) < classes.FEW).any():
        said.insert(1, FEW)
    return figure, " ".join(said), False


def _details(found: classes.Classes, at: tuple[int, int]) -> np.ndarray:
    """Say the numbers of every cell of the matrix, array of str (C, C)."""
    texts = np.empty((len(found.names),) * 2, object)
    for cell, _ in np.ndenumerate(texts):
        query, key = (inert(found.names[i]) for i in cell)
        mean, low, high = (part[at][cell] for part in (found.mean, found.low, found.high))
        lift, least, most = (
            part[at][cell] for part in (found.lift, found.lift_low, found.lift_high)
        )
        n, chance = int(found.n[at[0]][cell[0]]), found.chance[at[0]][cell]
        lines = [f"<b>{query}</b> → <b>{key}</b>", _rests(n, int(found.tokens[cell[1]]))]
        if np.isfinite(mean):
            lines.append(f"attention {mean:.3f}{_between(low, high, 3)}, chance {chance:.3f}")
        if np.isfinite(lift):
            lines.append(f"lift {lift:.2f} ×{_between(least, most, 2)}")
        texts[cell] = "<br>".join(lines)
    return texts


def _rests(queries: int, keys: int) -> str:
    """Say how many tokens a cell rests on, and whether these are few."""
    few = "" if min(queries, keys) >= classes.FEW else f": fewer than {classes.FEW}"
    return f"n: {queries:,} {'query' if queries == 1 else 'queries'}, {keys:,} " + (
        f"{'key' if keys == 1 else 'keys'}{few}"
    )


def _between(low: float, high: float, digits: int) -> str:
    """Say a 95 % interval; without one, all evidence is in one passage."""
    known = np.isfinite(low)
    return f" (95 % {low:.{digits}f} … {high:.{digits}f})" if known else NO_INTERVAL


def list_by_cell(classed, cell, by, least, run, shown):
    """List all heads by one cell of the matrix."""
    found = _classes(classed, run)
    marked = _cell(found, cell) if found else None
    if marked is None:
        hint = (
            "Click a cell of the matrix." if found else "Measure, then click a cell of the matrix."
        )
        return "Heads by one cell", html.P(hint, className="note")
    query, key = (found.names[i] for i in marked)
    listed = classes.rank(found, query, key, by=by, least=typed.number(least, "At least"))
    if not listed:
        nothing = f"No head reaches {least}. Choose a smaller limit."
        return f"Heads by {query} → {key}", html.P(nothing, className="note")
    at = shown_head.place(shown, run)
    columns = (
        Column("Attention", "{:.3f}", "mean", ("low", "high")),
        Column("Chance", "{:.3f}", "chance"),
        Column("Lift", "{:.2f} ×", "lift", ("lift_low", "lift_high")),
    )
    tokens = _rests(listed[0].n, int(found.tokens[marked[1]]))
    note = html.P(f"{tokens}. Small numbers: 95 % intervals over passages.", className="note")
    return f"Heads by {query} → {key}", [note, head_table(listed[:SHOWN], columns, at)]


def _classes(classed: dict | None, run: dict | None) -> classes.Classes | None:
    found = kept(classes.CLASSES, classed, run)
    if found is None or found.mean.shape[:2] != (run["model"]["layers"], run["model"]["heads"]):
        return None  # a forged name may be that of another model's
    return found


def _cell(found: classes.Classes, cell: str | None) -> tuple[int, int] | None:
    query, arrow, key = (cell or "").partition("→")
    if not arrow or query not in found.names or key not in found.names:
        return None
    return found.names.index(query), found.names.index(key)
