"""The whole of a long passage as a small picture, on which the window of its heatmap is moved.

The scripts ask for the picture of what is drawn, draw it, and move the window
(assets/passage/overview.js); a selection holds where it is.
"""

import base64

from dash import Dash, Input, Output, State, html, no_update
from pydantic import model_validator

from components.forms.fields import Index, Key, Needs, Record
from components.forms.form import Form
from components.forms.opened import OTHER, Head
from components.parts.browser import in_browser
from components.parts.controls import button
from components.parts.jobs import Job, job_bar
from components.plots.theme import DARK, LIGHT
from compute import runs
from compute.attention import overviews
from compute.errors import HeadscopeError
from compute.jobs import scoring

SLIDER = {"aria-label": "Shown part of the passage", "aria-valuemin": 0, "aria-valuenow": 0}


class Wanted(Head):
    """A head, and a passage of its run."""

    passage: Index

    @model_validator(mode="after")
    def of_the_text(self) -> "Wanted":
        """Refuse a passage that the text doesn't have."""
        if self.passage >= len(runs.load(self.run).tokens.starts) - 1:
            raise HeadscopeError(OTHER)
        return self


class Asked(Wanted):
    """The same; `found` is what a job has made since."""

    found: Key | None


class Found(Record):
    """A picture that a job has made."""

    name: Key
    needs: Needs


def place() -> html.Div:
    """Return where the picture stands; hidden while all of the passage is drawn."""
    picture = [html.Canvas(id="overview-picture"), html.Div(id="overview-window")]
    return html.Div(
        [
            html.Div(picture, id="overview-map", role="slider", tabIndex=0, **SLIDER),
            job_bar("overview"),
            html.P(id="overview-said", className="note"),
            button("Back to the selection", "overview-back"),
        ],
        id="overview",
        className="overview",
        hidden=True,
    )


def make(set_progress, wanted: dict) -> dict:
    """Background job: look through a passage of many thousand tokens."""
    at = wanted["run"], wanted["layer"], wanted["head"], wanted["passage"]
    needs = scoring.overview(*at, set_progress)
    return {"name": needs[0][1], "needs": needs}


def send(asked: dict | None):
    """Send the picture of a passage.

    Returns
    -------
    sent, wanted
        `sent` is what was asked with ``levels``, base64 of uint8 (``rows``, ``columns``), as
        `overviews.Overview` has them, and the colours; None until it is made. `wanted` starts the
        job, where that is needed.
    """
    if not asked:
        return None, no_update
    at = asked["run"], asked["layer"], asked["head"], asked["passage"]
    run = runs.load(asked["run"])
    if overviews.pairs(run, asked["passage"]) <= overviews.AT_ONCE:
        found = overviews.of_passage(run, *at[1:])
    else:
        found = overviews.OVERVIEWS.get(overviews.key(*at))
    of = {name: asked[name] for name in Wanted.model_fields}
    if found is None:
        return None, of
    rows, columns = found.levels.shape
    sent = {"rows": rows, "columns": columns, "levels": base64.b64encode(found.levels).decode()}
    shades = {"light": LIGHT.attention, "dark": DARK.attention}
    return of | sent | {"shades": shades}, no_update


JOB = Job("overview-found", make, Found, Form(Wanted), by="overview-wanted", bar="overview")
STORES = {"overview-asked": Form(Asked | None)}


def register(app: Dash) -> None:
    """Wire it; the server is asked only while a part of a passage is drawn."""
    browser = in_browser(app)
    browser(
        "overviewAsk",
        Output("overview-asked", "data"),
        Input("links", "data"),
        Input("overview-found", "data"),
        State("run", "data"),
    )
    app.callback(
        Output("overview-sent", "data"),
        Output("overview-wanted", "data"),
        Input("overview-asked", "data"),
    )(send)
    browser("overviewDraw", Input("overview-sent", "data"), Input("theme", "data"))
    browser("overviewBack", Input("overview-back", "n_clicks"))
