"""Which of the models that a link names the person must be asked about, and the question."""

from collections.abc import Sequence

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, html, no_update

from components.forms import opened
from components.forms.form import Form
from components.parts.browser import in_browser
from components.parts.part import Part
from compute.errors import HeadscopeError
from compute.finding import known
from compute.model_files import names

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
    listed = [html.Li(html.Code(names.shown(spec), dir="ltr")) for spec in specs]
    return [
        dbc.ModalHeader(dbc.ModalTitle("This link wants to open …", id="link-title")),
        dbc.ModalBody(
            [
                html.Ul(listed, id="link-names", className="link-names list-unstyled"),
                html.P(
                    "It was not opened on this machine before. Opening a folder or a file reads "
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


def ask(linked: dict) -> tuple[dict, object, bool]:
    """Return which of the named models must be asked about, and the dialog.

    Parameters
    ----------
    linked : dict
        ``names`` of all models that the address holds and that nobody has decided about; ``first``
        is the one that the page is to open, or None.
    """
    specs = linked["names"]
    strange = [spec for spec in specs if not _may_open(spec)]
    decline = INSTEAD if linked["first"] in strange else WITHOUT
    asked = question(strange, decline) if strange else no_update
    return {"names": specs, "strange": strange}, asked, bool(strange)


def check(asked: dict) -> None:
    """Refuse to begin with a model that only a link names; what the page shows asks before.

    Parameters
    ----------
    asked : dict
        ``model``; ``linked`` if it was neither typed nor chosen nor confirmed.

    Raises
    ------
    HeadscopeError
        If the model was not opened on this machine before.
    """
    if asked.get("linked") and not known.knows(asked["model"]):
        raise HeadscopeError(
            f"A link named {names.shown(asked['model'])}, which was not opened on this machine "
            "before. If you trust it, open it under Another model."
        )


def _may_open(spec: str) -> bool:
    try:
        return known.knows(spec)
    except HeadscopeError:
        return True  # to open it tells what is wrong with the name, before it is looked up


def register(app: Dash) -> None:
    """Wire the question."""
    browser = in_browser(app)
    app.callback(
        Output("link-asked", "data"),
        Output("link-dialog", "children"),
        Output("link-dialog", "is_open"),
        Input("linked", "data"),
    )(ask)
    browser("linkKnown", Input("link-asked", "data"))
    browser(
        "linkDecide",
        Input("link-open", "n_clicks", allow_optional=True),
        Input("link-decline", "n_clicks", allow_optional=True),
        Input("link-dialog", "is_open"),
    )


PART = Part(register, stores={"linked": Form(opened.Linked, opened.TOO_LONG)})
