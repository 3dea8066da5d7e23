"""The page: top bar, rail, and the stages that the workspace can show."""

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.compare import column_b
from components.grid import first_head
from components.grid.rail import rail
from components.heads import other_layers
from components.links import asking
from components.page import address, dialogs, guide, lazy_mount, picture_dialog, sights, take_away
from components.page.parts import PARTS
from components.page.stages import STAGES
from components.parts.controls import labelled, select
from components.parts.jobs import job_bar
from compute import pictures, texts
from compute.finding import imported
from compute.model_files import sources
from compute.version import code_version


def page(defaults: dict[str, str], theme: str) -> html.Div:
    """Return the whole page.

    Parameters
    ----------
    defaults : dict
        ``model`` and ``text`` to open when the address names none.
    theme : str
        ``light`` or ``dark``, as it was chosen last. It is there from the beginning: what arrives
        later would have every figure drawn anew.
    """
    first = STAGES[0]
    return html.Div(
        [
            dcc.Location(id="url", refresh=False),
            dcc.Store(id="defaults", data={**defaults, "known": first_head.KNOWN}),
            dcc.Store(id="first-head"),
            dcc.Store(id="theme", data=theme),
            dcc.Store(id="tokens"),
            dcc.Store(id="link-asked"),
            *(store for part in PARTS for store in part.made()),
            *(dcc.Store(id=job.name) for stage in STAGES for job in stage.jobs if job.shared),
            *address.stores(),
            _top_bar(),
            dbc.Toast(
                id="error-toast",
                is_open=False,
                dismissable=True,
                header="That did not work",
                class_name="toast-corner failed",
            ),
            job_bar("open", "strip"),
            *take_away.parts(),
            *sights.strip(),
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
                    rail([(stage.name, stage.title) for stage in STAGES]),
                    html.Div(
                        [*first.content(), html.Section(id="alike-panel", className="panel")],
                        id=f"stage-{first.name}",
                        className="stage",
                    ),
                    *(html.Div(id=id, className="stage", hidden=True) for id in lazy_mount.PLACES),
                ],
                id="main",
            ),
            dialogs.model_dialog(),
            dialogs.text_dialog(),
            picture_dialog.picture_dialog(),
            guide.guide(),
            column_b.dialog(),
            asking.dialog(),
            other_layers.asking(),
            *lazy_mount.stores(),
        ],
        id="page",
        **{
            "data-version": code_version(),  # saved pictures say it
            "data-pictures": " ".join(pictures.BUILT_IN),  # assets/pictures/pictures.js
        },
    )


def _top_bar() -> html.Header:
    models = [(source.spec, source.title) for source in sources.built_in()]
    models += [(each.spec, f"{each.name} (imported)") for each in imported.every()]
    known = [(name, text.title) for name, text in texts.built_in().items()]
    known += [(name, f"{each.title} (pictures)") for name, each in pictures.built_in().items()]
    return html.Header(
        [
            html.H1("Headscope", className="brand"),
            labelled("Model", select("model-select", [*models, ("other", "Another model …")])),
            labelled("Text", select("text-select", [*known, ("own", "Your own text …")])),
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
