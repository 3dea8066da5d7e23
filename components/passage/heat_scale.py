"""The choice of the colours of heatmaps, and in words what they are."""

from dataclasses import dataclass

import dash_bootstrap_components as dbc
import numpy as np
from dash import Dash, Input, html

from components.forms import opened
from components.forms.form import Form
from components.parts.browser import in_browser
from components.parts.controls import labelled, select
from components.plots.theme import palette
from compute.attention.heat_scales import FLOOR, HeatScale, Shown

OPTIONS = [
    ("one", "0 to 1"),
    ("clip", "clipped at 99 %"),
    ("log", "logarithmic"),
    ("row", "row by row"),
]
HEAT = {"kind": Input("heat-select", "value"), "without": Input("heat-sinks", "value")}
"""The controls of `Heat`, for a callback."""

BOTH = Input("heat-both", "data")
"""What both columns show, where they need one scale that depends on both; else nothing."""

KEPT = {
    "heat-both": Form(opened.Beside | None),
    **{
        f"attention-{plot}-size": Form(opened.Size | None)
        for plot in ("heatmap", "heatmap-b", "difference")
    },
}


@dataclass(frozen=True)
class Heat:
    """The scale that is chosen, and whether sinks are left out of it."""

    kind: str = "one"
    without: bool = False


def controls(side: str) -> html.Div:
    """Return what chooses the scale, in column A.

    It is that of B too; of the difference as far as it is clipped or leaves sinks out.
    """
    if side:
        return html.Div("Colours as chosen in A.", className="tool-bar heat-bar note")
    return html.Div(
        [
            labelled("Colours", select("heat-select", OPTIONS)),
            dbc.Switch(id="heat-sinks", label="Leave sinks out", value=False),
        ],
        className="tool-bar heat-bar",
    )


def words(scale: HeatScale, shared: bool = False) -> str:
    """Say what colours mean, in words that follow "Colour:", here and under saved pictures.

    Parameters
    ----------
    shared : bool
        Whether the scale was fitted to the attention of two heads.
    """
    top = f"{scale.top:.2g}"
    if scale.kind == "row":
        said = "share of the row's largest attention" + ("." if scale.sinks else ", sinks aside.")
    elif scale.kind == "clip":
        said = f"0 to {top}. 99 % of the cells are below; those above look the same."
    else:
        said = f"{FLOOR:g} to {top}, logarithmic" if scale.kind == "log" else f"0 to {top}"
        said += ", the same for all heads." if scale.sinks else ", the most for any but sinks."
        said += f" All below {FLOOR:g} looks the same." if scale.kind == "log" else ""
    if not scale.sinks:
        said += " Grey, 0 to 1: sinks."
    return f"{said} One scale for A and B." if shared else said


def difference_words(scale: HeatScale, names: tuple[str, str]) -> str:
    """Say what the colours of a difference mean; teal is where the first looks more."""
    top = f"{scale.top:.2g}"
    said = f"from −{top} (purple: {names[1]} looks there more) through 0 to +{top} "
    said += f"(teal: {names[0]} does). "
    if scale.kind == "clip":
        said += f"99 % of the differences are smaller than {top}; larger ones look the same."
    else:
        said += f"{top} is the largest difference{'' if scale.sinks else ' but for sinks'}."
    return said if scale.sinks else f"{said} Grey, 0 to 1: its size for sinks."


def shading(shown: Shown, scale: HeatScale, role: str, at: tuple, dark: bool) -> dict:
    """Return the attention of a row (of a key: of a column) for the words of the passage.

    Parameters
    ----------
    at : pair of int
        Row and column that are marked; the one that `role` asks for is not None.

    Returns
    -------
    dict
        ``weights``, to four digits; ``shades``, as dark as the cells are; ``grey``, those that
        have the colours of sinks; ``inks`` and ``greys``, the colours.
    """
    row, column = at
    tops = shown.tops(scale.sinks)
    if role == "query":
        shares, grey = shown.weights[row], shown.sinks
        tops = np.full(len(shares), tops[row])
    else:
        shares, grey = shown.weights[:, column], np.full(len(tops), shown.sinks[column])
    grey = np.zeros(len(grey), bool) if scale.sinks else grey
    shares = np.nan_to_num(shares).astype(float)
    shades = np.where(grey, shares, scale.shades(shares, tops))
    return {
        "weights": [float(f"{share:.4g}") for share in shares],
        "shades": np.round(shades, 3).tolist(),
        "grey": grey.tolist(),
        "inks": palette(dark).attention,
        "greys": palette(dark).sinks,
    }


def register(app: Dash) -> None:
    """Tell the columns of each other where the choice needs it.

    By itself, not as an output: else every heatmap would wait for all that this waits for.
    """
    in_browser(app)(
        "heatBoth",
        *HEAT.values(),
        Input("b-other", "data"),
        Input("b-side", "data"),
        Input("selection-b", "data"),
    )
