"""Bars of the tokens that a head raises and lowers most at a place, and of the one that comes."""

from collections.abc import Iterator

import plotly.graph_objects as go

from components.parts.numbers import signed
from components.plots.theme import inert, laid_out, palette
from components.writes.words import quoted
from compute.writes.at_place import Written

_GAP = 0.6
"""Rows left empty between the three parts."""


def bars(found: Written, comes: str, dark: bool) -> go.Figure:
    """Draw the token to predict, those raised most, then those lowered most.

    Parameters
    ----------
    comes : str
        What the token to predict is called: such as "comes next".
    """
    colours = palette(dark)
    up, down = colours.difference[-1], colours.difference[0]
    traces, ticks, names, row = [], [], [], 0.0
    for part, title, colour in (
        ("target", comes, colours.query),
        ("raised", "raised most", up),
        ("lowered", "lowered most", down),
    ):
        tokens = list(_tokens(found, part))
        if not tokens:
            continue
        places = [row + at for at in range(len(tokens))]
        ticks += places
        names += [_short(name) for name, _, _ in tokens]
        traces.append(_bar(title, places, tokens, colour))
        row += len(tokens) + _GAP
    reach = max((abs(effect) for trace in traces for effect in trace.x), default=1) * 1.25
    return laid_out(
        traces,
        dark,
        bargap=0.25,
        margin={"l": 8, "r": 12, "t": 30, "b": 34},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        xaxis={
            "title": {"text": "change of the logit"},
            "zeroline": True,
            "fixedrange": True,
            "range": [-reach, reach],
        },
        yaxis={
            **{"tickvals": ticks, "ticktext": names, "range": [row - _GAP, -1]},
            **{"automargin": True, "fixedrange": True, "showgrid": False},
        },
        dragmode=False,
    )


def _tokens(found: Written, part: str) -> Iterator[tuple[str, int, float]]:
    """Yield the name, the id and the effect of the tokens of a part."""
    if part == "target":
        if found.target >= 0:
            yield quoted(found.target_string, found.target), found.target, found.effect
        return
    of = (getattr(found, f"{part}{more}") for more in ("_strings", "", "_effects"))
    for string, number, effect in zip(*of, strict=True):
        yield quoted(string, int(number)), int(number), float(effect)


def _bar(title: str, places: list[float], tokens: list[tuple], colour: str) -> go.Bar:
    names, ids, effects = zip(*tokens, strict=True)
    said = [signed(effect) for effect in effects]
    return go.Bar(
        name=title,
        y=places,
        x=effects,
        orientation="h",
        marker={"color": colour},
        text=said,
        textposition="outside",
        cliponaxis=False,
        customdata=[
            [inert(name), number, f"{'+' if effect > 0 else ''}{signed(effect, 3)}"]
            for name, number, effect in zip(names, ids, effects, strict=True)
        ],
        hovertemplate=(
            "%{customdata[0]} (%{customdata[1]} in the vocabulary): "
            f"%{{customdata[2]}} logits<extra>{title}</extra>"
        ),
    )


def _short(name: str) -> str:
    return inert(name if len(name) <= 22 else f"{name[:20]}…”")
