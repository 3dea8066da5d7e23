"""What the open heads do on this text and on random repeats, in numbers beside their names."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import numpy as np
from dash import Dash, Input, Output, html

from components.parts.jobs import kept
from components.shown import corpora
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
    told = html.Div(id=f"head-facts{side}", className="facts")
    room = html.Div(_room(), id=f"head-room{side}", className="room")
    return html.Div([told, room], className="facts-place")


def _room(over: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return what takes as much room as all facts do."""
    titles = [(described(name).title, over.get(name, "")) for name in NAMES]
    return _said((title, 0.0, corpus) for title, corpus in (*titles, (INDUCTION, "")))


def _said(facts: Iterable[tuple[str, float, str]]) -> str:
    return " · ".join(
        f"{title[0].lower()}{title[1:]} {value:z.2f}{corpus}" for title, value, corpus in facts
    )


def _over_corpus(view: HeadView) -> dict[str, str]:
    """Say the head's scores over the corpus that was measured last, by their names."""
    found = corpora.latest(view.run)
    values = {} if found is None else {name: found.of(name) for name in found.names}
    return {
        name: f" (corpus {corpora.said(*(part[view.at] for part in value))})"
        for name, value in values.items()
        if np.isfinite(value.mean[view.at])
    }


def tell(column, _scores, repeats: dict | None, _measured=None) -> tuple[str, str]:
    """Say what the head does, see `tell_facts`, and what takes as much room as all of it."""
    if column and not column["run"]:
        return "", _room()
    return tell_facts(column, _scores, repeats), _room(_over_corpus(HeadView.of(column)))


def tell_facts(column, _scores, repeats: dict | None) -> str:
    """Say in numbers what the head does on this text and on random repeats, once measured.

    Beside a score of the text stands that over a corpus, if one was measured.
    """
    if column and not column["run"]:
        return ""
    view, facts = HeadView.of(column), []
    found = heads.SCORES.get(heads.key(view.key))
    if found is not None:
        told = next(kind for kind in (NAMES, CROSS, PICTURES) if kind[0] in found.names)
        over = _over_corpus(view)
        facts = [
            (described(name).title, found.of(name).mean[view.at], over.get(name, ""))
            for name in told
        ]
    # Repeats were measured with all heads: of a run without some they tell nothing.
    seen = None if view.run.get("off") else kept(induction.SCORES, repeats, view.run)
    if seen is not None:
        facts.append((INDUCTION, seen.readouts[main_of(seen.readouts)].mean[view.at], ""))
    return _said(fact for fact in facts if np.isfinite(fact[1]))


def register(app: Dash) -> None:
    """Wire both sides to the page."""
    for side in SIDES:
        scores = [Input(f"scores{each}", "data") for each in ("", side)[: 1 + bool(side)]]
        app.callback(
            output=(
                Output(f"head-facts{side}", "children"),
                Output(f"head-room{side}", "children"),
            ),
            inputs={
                "column": COLUMNS[side],
                "_scores": scores,
                "repeats": Input("induction", "data"),
                "_measured": Input(corpora.MEASURED, "data"),
            },
        )(tell)
