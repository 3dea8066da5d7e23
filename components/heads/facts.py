"""What the open heads do on this text and on random repeats, in numbers beside their names."""

from collections.abc import Iterable

import numpy as np
from dash import Dash, Input, Output, html

from components.parts.jobs import kept
from components.shown.records import COLUMNS, SIDES, HeadView
from compute.lab import induction
from compute.lab.readouts import INDUCTION, main_of
from compute.scores import heads
from compute.scores.cross_scores import described

NAMES = ("previous", "duplicate", "special", "induction")
"""Scores on the text that are told of every head."""
CROSS = ("coming", "read", "order", "special")
"""Those that are told of every head of cross-attention."""
PICTURES = ("row", "column", "patches", "cls")
"""Those that are told of every head of a model of pictures."""


def place(side: str) -> html.Div:
    """Return the place for them, as high as they will be: the map below stays where it is."""
    titles = [*(described(name).title for name in NAMES), INDUCTION]
    told = html.Div(id=f"head-facts{side}", className="facts")
    room = html.Div(_said((title, 0.0) for title in titles), className="room")
    return html.Div([told, room], className="facts-place")


def _said(facts: Iterable[tuple[str, float]]) -> str:
    return " · ".join(f"{title[0].lower()}{title[1:]} {value:z.2f}" for title, value in facts)


def tell_facts(column, _scores, repeats: dict | None) -> str:
    """Say in numbers what the head does on this text and on random repeats, once measured."""
    if column and not column["run"]:
        return ""
    view, facts = HeadView.of(column), []
    found = heads.SCORES.get(heads.key(view.key))
    if found is not None:
        told = next(kind for kind in (NAMES, CROSS, PICTURES) if kind[0] in found.names)
        facts = [(described(name).title, found.of(name).mean[view.at]) for name in told]
    # Repeats were measured with all heads: of a run without some they tell nothing.
    seen = None if view.run.get("off") else kept(induction.SCORES, repeats, view.run)
    if seen is not None:
        facts.append((INDUCTION, seen.readouts[main_of(seen.readouts)].mean[view.at]))
    return _said((title, value) for title, value in facts if np.isfinite(value))


def register(app: Dash) -> None:
    """Wire both sides to the page."""
    for side in SIDES:
        scores = [Input(f"scores{each}", "data") for each in ("", side)[: 1 + bool(side)]]
        app.callback(
            Output(f"head-facts{side}", "children"),
            inputs={
                "column": COLUMNS[side],
                "_scores": scores,
                "repeats": Input("induction", "data"),
            },
        )(tell_facts)
