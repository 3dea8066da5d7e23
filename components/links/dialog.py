"""What asks whether a link may open a model."""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import dcc, html

from compute import catalog

INSTEAD = "Open what comes with Headscope"
WITHOUT = "Go on without it"


def stores() -> list[dcc.Store]:
    """Return the store of the models that a link names, and that of which are to be asked about."""
    return [dcc.Store(id="linked"), dcc.Store(id="link-asked")]


def dialog() -> dbc.Modal:
    """Return the dialog; clicks beside it don't close it, and Escape means no."""
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("This link wants to open …", id="link-title")),
            dbc.ModalBody(
                [
                    html.Ul(id="link-names", className="link-names"),
                    html.P(
                        "It was not opened on this machine before. To open a folder is to read "
                        "the files in it. To open a model of the Hugging Face hub is to ask "
                        "huggingface.co for it, and to download what is not here yet. Open it if "
                        "you trust whoever sent the link."
                    ),
                ]
            ),
            dbc.ModalFooter(
                [
                    dbc.Button("Open it", id="link-open", color="secondary", outline=True),
                    dbc.Button(INSTEAD, id="link-decline", color="primary"),
                ]
            ),
        ],
        id="link-dialog",
        labelledby="link-title",
        backdrop="static",
        is_open=False,
    )


def named(specs: Sequence[str]) -> list[html.Li]:
    """Return lines that name models, of bounded length and read from left to right."""
    return [html.Li(html.Code(catalog.shown(spec), dir="ltr")) for spec in specs]
