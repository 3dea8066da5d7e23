"""The page: top bar, rail, and the stages that the workspace can show."""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.all_heads.stage import all_heads
from components.grid.rail import rail
from components.heads import compare, head_similarity
from components.heads.stage import head_view, second_view
from components.lab import stage
from components.links import dialog
from components.page import dialogs, lazy_mount, take_away
from components.parts.controls import job_bar, labelled, result, select
from components.patterns.stage import patterns_stage
from components.scale.stage import scale_stage


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
        "stage-lab": stage.lab(models),
        **second_view(),
        "alike-panel": head_similarity.panel(),
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
            *stage.stores(),
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
                    *(html.Div(id=id, className="stage", hidden=True) for id in lazy_mount.STAGES),
                ],
                id="main",
            ),
            dialogs.model_dialog(),
            dialogs.text_dialog(),
            dialogs.guide(),
            compare.dialog(),
            dialog.dialog(),
            *dialog.stores(),
            *compare.stores(),
            *lazy_mount.stores(contents),
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
