"""What a map is coloured by, on two stages: other colours for texts than for pictures."""

from dash import Dash, Input, Output, State, dcc, html

from components.parts.browser import in_browser
from components.parts.controls import labelled, select
from compute.maps import patch_points, points


def chooser(id: str) -> html.Div:
    """Return the selector with all; the open run leaves some out."""
    titles = [(name, each.title) for name, each in patch_points.EVERY.items()]
    return html.Div([labelled("Colour", select(id, titles)), _kinds(id)])


def _kinds(id: str) -> dcc.Store:
    """Return what of it belongs to texts, and what to pictures."""
    known = {"texts": points.COLOURINGS, "pictures": patch_points.OF_PICTURES}
    options = {
        kind: [{"value": name, "label": each.title} for name, each in some.items()]
        for kind, some in known.items()
    }
    return dcc.Store(id=f"{id}-kinds", data=options)


def register(app: Dash, id: str) -> None:
    """Fit it to the open run, also when it is made later than that."""
    in_browser(app)(
        "colourings",
        Output(id, "options"),
        Output(id, "value"),
        Input("run", "data"),
        State(id, "value"),
        State(f"{id}-kinds", "data"),
        prevent_initial_call=False,
    )
