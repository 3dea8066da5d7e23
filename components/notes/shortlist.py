"""The shortlist: heads with a star or a note, their main scores, and what can be saved of them."""

import numpy as np
from dash import Input, State, dcc, html
from dash.exceptions import PreventUpdate

from components.forms.fields import Needs, Record
from components.parts import controls, save_table
from components.parts.jobs import Job, job_bar, kept
from components.parts.save_table import Saved, SavedTable
from components.shown.records import model_of
from compute import limits, runs
from compute.errors import HeadscopeError
from compute.jobs import scoring
from compute.lab import induction
from compute.lab.readouts import main_of
from compute.notes import heads as notes
from compute.notes.heads import Note
from compute.runs import Run
from compute.scores import heads
from compute.scores.cross_scores import described
from compute.take_away import shortlist

MAIN = ("previous", "duplicate", "induction", "coming", "read")
EMPTY = "No head has a star or a note yet: ☆ beside a head's layer and number stars it."
HELP = [
    html.P(
        "Heads that you starred (☆ beside a head's layer and number) or wrote a note on. A click "
        "opens one. They are kept for this model on this machine, whatever text is open, until you "
        "take star and note away; deleting results leaves them alone."
    ),
    html.P(
        "CSV and Parquet hold the notes with all scores and their intervals; HTML has pictures of "
        f"the starred heads (at most {limits.SHORTLIST}), in one page that opens offline."
    ),
]


def panel() -> html.Section:
    """Return the panel of the rail."""
    saves = [
        html.Span("Save", className="note"),
        *save_table.buttons(TABLES, "shortlist"),
        controls.button(
            "HTML", "shortlist-html", title="Save the starred heads with their pictures as one page"
        ),
    ]
    parts = [
        html.Summary("Shortlist", id="shortlist-title"),
        html.Div(id="shortlist"),
        html.Div(saves, id="shortlist-saves", className="shortlist-saves", hidden=True),
        job_bar("shortlist-page"),
        dcc.Download(id="shortlist-file"),
        dcc.Store(id="notes"),  # only the browser reads it
        controls.hint("shortlist", HELP),
    ]
    return controls.panel(html.Details(parts, open=True), id="shortlist-panel")


def listed(run: dict, measured: dict | None) -> tuple[list, str, bool]:
    """Return the lines of the list, its title, and whether there is nothing to save."""
    data = runs.load(run["key"])
    found = _of(data)
    scores = heads.SCORES.get(heads.key(data.key))
    repeats = kept(induction.SCORES, measured, run)
    lines = [html.Li(_line(note, _scores(note, scores, repeats))) for note in found]
    stars = sum(note.star for note in found)
    title = f"Shortlist: {stars} {'head' if stars == 1 else 'heads'}" if found else "Shortlist"
    return (html.Ul(lines) if lines else html.P(EMPTY, className="note")), title, not found


def _of(data: Run) -> list[Note]:
    """Return what is kept of the heads that a run's model has, the starred ones first."""
    model = data.model
    found = notes.of_model(model.owner)
    there = [note for note in found if note.layer < model.layers and note.head < model.heads]
    return sorted(there, key=lambda note: not note.star)


def _scores(note: Note, scores: heads.Scores | None, repeats: induction.Induction | None) -> str:
    at, said = (note.layer, note.head), []
    for name in (name for name in MAIN if scores and name in scores.names):
        said.append((described(name).title, scores.of(name).mean[at]))
    if repeats:
        name = main_of(repeats.readouts)
        said.append(("induction on random repeats", repeats.readouts[name].mean[at]))
    return " · ".join(
        f"{title[0].lower()}{title[1:]} {value:.2f}" for title, value in said if np.isfinite(value)
    )


def _line(note: Note, scores: str) -> list:
    mark = "★" if note.star else "☆"
    opener = html.Button(
        f"{mark} {note.name}",
        className="shortlist-open",
        title=f"Open {note.name}; with Shift in B",
        **{"data-open-head": note.name},
    )
    words = [html.P(note.text, className="shortlist-note")] if note.text else []
    return [opener, html.Span(scores, className="note"), *words]


def table(run: dict | None, measured: dict | None) -> Saved:
    """Return the shortlist with all scores of its heads."""
    data, found = _open(run)
    scores = heads.SCORES.get(heads.key(data.key))
    if scores is None:
        raise HeadscopeError("The scores are still being computed. Wait for the grid, then save.")
    repeats = kept(induction.SCORES, measured, run)
    made = shortlist.table(data, found, scores, repeats)
    return made, ("shortlist", model_of(data), run["text"])


def _open(run: dict | None) -> tuple[Run, list[Note]]:
    if not run:
        raise HeadscopeError("Nothing is open yet. Wait until the text is there, then save.")
    data = runs.load(run["key"])
    found = _of(data)
    if not found:
        raise HeadscopeError("No head has a star or a note yet. Star one, then save.")
    return data, found


def save_page(set_progress, clicks: int | None, run: dict | None, _kept: str | None) -> dict:
    """Background job: the starred heads with their pictures as one HTML file.

    A job of the same arguments is not done again: `_kept` is another one after each change.
    """
    if not clicks or not run:
        raise PreventUpdate
    content = scoring.write_shortlist(run["key"], set_progress)
    name = f"shortlist-{run['model']['name']}-{run['text']}.html"
    file = {"content": content, "filename": name, "type": "text/html"}
    return {"file": file, "needs": [runs.RUNS.ref(run["key"])]}


class Page(Record):
    """The page as a file, and what it is of."""

    file: dict[str, str]
    needs: Needs


_RUN = ("run", "data")
TABLES = (
    SavedTable(
        "save-shortlist",
        "the shortlist with all scores",
        "shortlist",
        table,
        (_RUN, ("induction", "data")),
    ),
)
JOB = Job(
    "shortlist-page",
    save_page,
    Page,
    inputs=(Input("shortlist-html", "n_clicks"), State(*_RUN), State("notes-kept", "data")),
    clicks=(0,),
)
