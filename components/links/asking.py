"""Which of the models that a link names the person must be asked about."""

from dash import Dash, Input, Output, no_update

from components.forms import opened
from components.forms.form import Form
from components.links.dialog import INSTEAD, WITHOUT, question
from components.parts.browser import in_browser
from components.parts.part import Part
from compute.errors import HeadscopeError
from compute.models import catalog, known


def ask(linked: dict) -> tuple[dict, object, bool]:
    """Return which of the named models must be asked about, and the dialog.

    Parameters
    ----------
    linked : dict
        ``names`` of all models that the address holds and that nobody has decided about; ``first``
        is the one that the page is to open, or None.
    """
    names = linked["names"]
    strange = [spec for spec in names if not _may_open(spec)]
    decline = INSTEAD if linked["first"] in strange else WITHOUT
    asked = question(strange, decline) if strange else no_update
    return {"names": names, "strange": strange}, asked, bool(strange)


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
            f"A link named {catalog.shown(asked['model'])}, which was not opened on this machine "
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
