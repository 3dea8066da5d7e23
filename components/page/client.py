"""Which client-side functions (assets/) answer to which controls."""

from dash import Dash, Input, Output, State

from components.forms.fields import Theme
from components.forms.form import Form
from components.parts.browser import in_browser
from components.parts.part import Field, Part
from components.sentence import sentences
from components.shown.records import SIDES


def register(app: Dash) -> None:
    """Wire the client-side functions."""
    _opening(app)
    _looks(app)
    _overlay(app)


def _opening(app: Dash) -> None:
    browser = in_browser(app)
    request = Output("request", "data", allow_duplicate=True)
    browser("pick", request, Input("model-select", "value"), Input("text-select", "value"))
    browser("pickPart", request, Input("part-select", "value"))
    browser(
        "typed",
        request,
        Input("model-open", "n_clicks"),
        Input("model-input", "n_submit"),
        State("model-input", "value"),
    )
    browser("again", request, Input("open-again", "n_clicks"))
    browser("instead", request, Input("open-default", "n_clicks"), State("defaults", "data"))
    options = [
        (f"{what}-select", prop) for what in ("layer", "head") for prop in ("options", "value")
    ]
    chosen = [(f"{what}-select", p) for what in ("model", "text") for p in ("options", "value")]
    browser(
        "fit",
        Output("run", "data"),
        *(
            Output(id, prop, allow_duplicate=True)
            for id, prop in (*options, *chosen, ("part-select", "value"))
        ),
        Input("opened", "data"),
        State("model-select", "options"),
        State("text-select", "options"),
        *(State(f"{what}-select", "value") for what in ("layer", "head")),
    )
    browser("revert", Input("error-toast", "is_open"))
    browser("state", Output("run-state", "children"), Input("run", "data"), Input("tokens", "data"))


def _looks(app: Dash) -> None:
    browser = in_browser(app)
    browser(
        "toggleCompare",
        Output("compare-toggle", "active"),
        Input("compare-toggle", "n_clicks"),
        State("compare-toggle", "active"),
    )
    browser("compare", Output("difference", "hidden"), Input("compare-toggle", "active"))
    browser(
        "toggle",
        Output("map-panel", "hidden"),
        Input("map-more", "n_clicks"),
        State("map-panel", "hidden"),
    )
    browser(
        "toggle",
        Output("guide", "is_open"),
        Input("guide-open", "n_clicks"),
        State("guide", "is_open"),
    )
    browser("toggleTheme", Output("theme", "data"), Input("theme-toggle", "n_clicks"))
    browser(
        "applyTheme",
        Output("theme-toggle", "children"),
        Input("theme", "data"),
        prevent_initial_call=False,
    )


def _overlay(app: Dash) -> None:
    browser = in_browser(app)
    browser("showTokens", Input("tokens", "data"), Input("hide-special", "value"))
    browser(
        "search",
        Output("token-count", "children"),
        Input("token-search", "value"),
        Input("tokens", "data"),
        Input("tokens-b", "data"),
    )
    browser("showLabels", Input("labels", "value"))
    app.clientside_callback(  # labels are drawn over flat maps alone
        "dims => [dims === '3', dims === '3' ? 'Labels (2-D only)' : 'Labels']",
        Output("labels", "disabled"),
        Output("labels", "label"),
        Input("dims-select", "value"),
    )
    browser("showLines", Input("lines-most", "value"), Input("lines-least", "value"))
    browser("showStage", Input("stage-select", "value"))
    browser("showSelection", Input("selection", "data"))
    browser(
        "headsChanged",
        *(Input(f"{what}-select{side}", "value") for side in SIDES for what in ("layer", "head")),
        Input("compare-toggle", "active"),
        Input("run", "data"),
        Input("run-b", "data"),
    )
    for side in SIDES:
        browser(
            "nextFrame",
            Output(f"frame{side}", "data"),
            Input(f"progress-frame{side}", "data"),
            State(f"frame{side}", "data"),
        )
        browser(
            "showLinks" + side.replace("-b", "B"),
            Input(f"links{side}", "data", allow_optional=bool(side)),
            Input("tokens", "data"),
            *sentences.TOKENS[: 1 + bool(side)],
            *([Input("tokens-b", "data")] if side else []),
        )


PART = Part(
    register,
    fields=(
        Field("stage-select", address="stage", kind="stage"),
        Field("compare-toggle", address="compare", kind="flag", prop="active"),
        Field("theme", Form(Theme), prop="data"),
    ),
)
