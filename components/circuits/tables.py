"""Arrows in order, whom a head feeds, and what rises without it."""

import numpy as np
from dash import html

from components.circuits import words
from components.parts.controls import table
from components.parts.head_table import head_link
from components.parts.numbers import signed
from compute.circuits import feeding, rising
from compute.circuits.graph import Arrow, Graph, arrows
from compute.circuits.taken import Taken
from compute.why.results import over_passages

SHOWN = 16
_ARROWS = ("Builder", "builds the", "of", "Logits that go", "Attention", "")
_FED = ("Head", "Side", "Logits that go", "Of its contrast", "Attention")
_RISES = ("Head", "Attention", "Rises by")


def of_graph(found: Graph) -> list:
    """Return the arrows of a graph, the strongest first."""
    there = list(arrows(found))
    if not there:
        return [html.P(words.NO_ARROWS, className="note")]
    return [table(_ARROWS, [_arrow(one) for one in there[:SHOWN]]), *_more(len(there))]


def _arrow(one: Arrow) -> list:
    builder, looking = one.builder[:2], one.looking[:2]
    off = html.Button(
        "without it",
        className="head-link why-without",
        title=f"Opens {words.head(looking)} without {words.head(builder)} in column B",
        **{"data-off": words.head(builder), "data-head": words.head(looking)},
    )
    return [
        head_link(*builder),
        html.Span(one.side, className=one.side),
        head_link(*looking),
        _effect(one),
        words.went(one.looking.attention, one.attention),
        off,
    ]


def fed(found: Taken) -> list:
    """Return the later heads that lose contrast without some, the largest effect first."""
    there = feeding.fed(found)
    if not there:
        return []
    before = over_passages(found.attention).mean
    rows = [
        [
            head_link(*one[:2]),
            html.Span(one.side, className=one.side),
            _effect(one),
            f"{one.share:.0%}" if one.share <= 1 else "over 100%",
            words.went(before[one[:2]], one.attention),
        ]
        for one in there[:SHOWN]
    ]
    return [table(_FED, rows), *_more(len(there))]


def rises(found: Taken) -> list:
    """Return the later heads that look more along the edges without some."""
    there = rising.rising(found)
    if not there:
        return []
    rows = [
        [
            head_link(*one[:2]),
            f"{one.before:.2f} → {one.after:.2f}",
            _interval(f"+{one.change:.2f}", f"{signed(one.low)} … {signed(one.high)}"),
        ]
        for one in there[:SHOWN]
    ]
    return [table(_RISES, rows), *_more(len(there))]


def _effect(one: object) -> list:
    return _interval(signed(one.effect, 1), words.interval(one) if np.isfinite(one.low) else "")


def _interval(value: str, ends: str) -> list:
    said = [html.Span(f" {ends}", className="count", title="95 % interval over passages")]
    return [html.B(value), *(said if ends else [])]


def _more(count: int) -> list:
    if count <= SHOWN:
        return []
    return [html.P(f"The {count - SHOWN:,} others are in the table to save.", className="note")]
