"""Wires stars, notes and the shortlist to the page."""

from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from components.notes import shortlist
from components.parts.browser import in_browser
from compute import runs, store
from compute.notes import heads


def send(run: dict | None, other: dict | None):
    """Send what is kept of the heads of the open models.

    Returns
    -------
    notes, kept
        `kept` tells whether the shortlist of A's model is still the same.
    """
    if not run:
        raise PreventUpdate
    identities = [runs.load(each["key"]).model.owner for each in (run, other) if each]
    found = [_of(identity) for identity in identities]
    return found, store.key(found[0])


def change(asked: dict | None, run: dict | None):
    """Keep a head's new star or note; send what is kept of its model, as `send` does."""
    if not asked or not run:
        raise PreventUpdate
    identity = runs.load(asked["run"]).model.owner
    at = asked["layer"], asked["head"]
    heads.change(identity, *at, star=asked.get("star"), text=asked.get("text"))
    return [_of(identity)], store.key(_of(runs.load(run["key"]).model.owner))


def _of(identity: str) -> dict:
    found = heads.of_model(identity)
    return {
        "identity": identity,
        "heads": {note.name: {"star": note.star, "text": note.text} for note in found},
    }


def draw(_kept, _scores, measured: dict | None, run: dict | None):
    """List the heads with a star or a note.

    Returns
    -------
    lines, title, whether there is nothing to save
    """
    if not run:
        raise PreventUpdate
    return shortlist.listed(run, measured)


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    run = Input("run", "data")
    sent = ("notes", "notes-kept")
    app.callback(*(Output(id, "data") for id in sent), run, Input("run-b", "data"))(send)
    app.callback(
        *(Output(id, "data", allow_duplicate=True) for id in sent),
        Input("note-asked", "data"),
        State("run", "data"),
    )(change)
    app.callback(
        Output("shortlist", "children"),
        Output("shortlist-title", "children"),
        Output("shortlist-saves", "hidden"),
        Input("notes-kept", "data"),
        Input("scores", "data"),
        Input("induction", "data"),
        run,
    )(draw)
    app.clientside_callback(
        "done => (done ? done.file : window.dash_clientside.no_update)",
        Output("shortlist-file", "data"),
        Input("shortlist-page", "data"),
    )
    in_browser(app)("notesSent", Input("notes", "data"))
