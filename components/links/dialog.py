"""What asks whether a link may open a model."""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import html

from compute.models import catalog

INSTEAD = "Open what comes with Headscope"
WITHOUT = "Go on without it"


def dialog() -> dbc.Modal:
    """Return the dialog, still empty; clicks beside it don't close it, and Escape means no."""
    return dbc.Modal(id="link-dialog", labelledby="link-title", backdrop="static", is_open=False)


def question(specs: Sequence[str], decline: str) -> list[object]:
    """Return what stands in the dialog.

    Parameters
    ----------
    specs : sequence of str
        The models; their names are cut to a bounded length and read from left to right.
    decline : str
        What the button says that opens none of them.
    """
    names = [html.Li(html.Code(catalog.shown(spec), dir="ltr")) for spec in specs]
    return [
        dbc.ModalHeader(dbc.ModalTitle("This link wants to open …", id="link-title")),
        dbc.ModalBody(
            [
                html.Ul(names, id="link-names", className="link-names list-unstyled"),
                html.P(
                    "It was not opened on this machine before. Opening a folder reads the files in "
                    "it; opening a model of the Hugging Face hub asks huggingface.co for it and "
                    "downloads what is missing. Open it only if you trust whoever sent the link."
                ),
            ]
        ),
        dbc.ModalFooter(
            [
                dbc.Button("Open it", id="link-open", color="secondary", outline=True),
                dbc.Button(decline, id="link-decline", color="primary"),
            ]
        ),
    ]
