"""The page: top bar, rail, and the stages that the workspace can show."""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import dcc, html

from components import alike, dialogs, lab, later, second_column, take_away
from components.all_heads import all_heads
from components.head_view import head_view, second_view
from components.links import dialog
from components.parts import job_bar, labelled, result, select
from components.patterns_stage import patterns_stage
from components.rail import rail
from components.scale_stage import scale_stage


def page(
    models: Sequence[tuple[str, str]],
    texts: Sequence[tuple[str, str]],
    methods: Sequence[tuple[str, str]],
    colourings: Sequence[tuple[str, str]],
    scores: Sequence[tuple[str, str]],
    defaults: dict[str, str],
    theme: str,
) -> html.Div:
    """Return the whole page.

    Parameters
    ----------
    models, texts, methods, colourings, scores : sequences of (value, title)
        What the selectors offer.
    defaults : dict
        ``model`` and ``text`` to open when the address names none.
    theme : str
        ``light`` or ``dark``, as it was chosen last. It is there from the beginning: what arrives
        later would have every figure drawn anew.
    """
    titles = {
        "heads": "Heads",
        "all": "All heads",
        "patterns": "Patterns",
        "scale": "Scale",
        "lab": "Lab",
    }
    contents = {
        "stage-all": all_heads(methods, colourings),
        "stage-patterns": patterns_stage(),
        "stage-scale": scale_stage(),
        "stage-lab": lab.lab(models),
        **second_view(),
        "alike-panel": alike.panel(),
    }
    return html.Div(
        [
            dcc.Location(id="url", refresh=False),
            dcc.Store(id="defaults", data=defaults),
            dcc.Store(id="request"),
            result("opened"),
            dcc.Store(id="opened"),
            dcc.Store(id="run"),
            dcc.Store(id="tokens"),
            dcc.Store(id="selection"),
            result("scores"),
            dcc.Store(id="scores"),
            result("trusts"),
            dcc.Store(id="trusts"),
            dcc.Store(id="trusts-asked"),
            result("induction"),
            dcc.Store(id="induction"),
            *lab.stores(),
            dcc.Store(id="theme", data=theme),
            dbc.Toast(
                id="error-toast",
                is_open=False,
                dismissable=True,
                header="That did not work",
                class_name="toast-corner failed",
            ),
            _top_bar(models, texts),
            job_bar("open", "strip"),
            *take_away.parts(),
            html.Div(id="lost", className="lost", role="alert", hidden=True),
            html.Div(
                [
                    html.P("Nothing is open yet.", id="nothing-what", className="lead"),
                    html.P("Choose a model and a text above, or take what Headscope starts with."),
                    dbc.Button("Try again", id="open-again", color="primary", outline=True),
                    " ",
                    dbc.Button(
                        "Open what comes with Headscope", id="open-default", color="primary"
                    ),
                ],
                id="nothing",
                className="nothing",
                hidden=True,
            ),
            html.Main(
                [
                    rail(list(titles.items()), scores),
                    html.Div(
                        [
                            head_view(methods, colourings),
                            html.Section(id="alike-panel", className="panel"),
                        ],
                        id="stage-heads",
                        className="stage",
                    ),
                    *(html.Div(id=id, className="stage", hidden=True) for id in later.STAGES),
                ],
                id="main",
            ),
            dialogs.model_dialog(),
            dialogs.text_dialog(),
            dialogs.guide(),
            second_column.dialog(),
            dialog.dialog(),
            *dialog.stores(),
            *second_column.stores(),
            *later.stores(contents),
        ],
        id="page",
    )


def _top_bar(models: Sequence[tuple[str, str]], texts: Sequence[tuple[str, str]]) -> html.Header:
    return html.Header(
        [
            html.H1("Headscope", className="brand"),
            labelled("Model", select("model-select", [*models, ("other", "Another model …")])),
            labelled("Text", select("text-select", [*texts, ("own", "Your own text …")])),
            html.Div(id="run-state", className="run-state"),
            html.Div(
                [
                    dbc.Button("Compare", id="compare-toggle", color="primary", outline=True),
                    take_away.menu(),
                    dbc.Button("Guide", id="guide-open", color="secondary", outline=True),
                    dbc.Button("Dark", id="theme-toggle", color="secondary", outline=True),
                ],
                className="actions",
            ),
        ],
        className="top-bar",
    )
