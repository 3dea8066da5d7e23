"""Selected points that are given a name: kept for their text, shown again, compared, saved."""

import numpy as np
from dash import Dash, Input, Output, State, html, set_props
from dash.exceptions import PreventUpdate

from components.forms.fields import Clicks, Key, Needs, Record, line
from components.forms.form import Form
from components.parts import controls, save_table
from components.parts.browser import in_browser
from components.parts.head_table import Column, head_table
from components.parts.jobs import Job, job_bar
from components.parts.part import Field
from components.parts.save_table import Saved, SavedTable
from components.shown.records import model_of
from components.shown.typed import head as typed_head
from compute import limits, runs, store
from compute.errors import HeadscopeError
from compute.jobs import scoring
from compute.notes import selections
from compute.runs import Run
from compute.scores import selected
from compute.take_away import selected_tables

MOST = 12
NAME = line(4 * limits.SELECTION_NAME)
NONE = {"value": "", "label": "none"}
COLUMNS = (
    Column("Share", "{:.1%}", "mean", ("low", "high")),
    Column("With equal attention", "{:.1%}", "chance"),
)
HELP = [
    html.P(
        "Points that you selected in the map (lasso or box, in its toolbar) can be given a name. "
        "They are kept for this text on this machine, shown again in any head, and saved with the "
        "words around them."
    ),
    html.P(
        "They belong to one text as one model reads it. Results that were deleted to make room are "
        "no loss: open the text again. After a change of text or model they are not offered, but "
        "stay in the cache folder."
    ),
    html.P(
        "“Rank heads” says in which heads the attention of the selected queries goes to the "
        "selected keys, beside what equal attention would give, with 95 % intervals over passages."
    ),
]


class Asked(Record):
    """A kept selection that all heads shall be ranked by; `digest` tells which points it has."""

    run: Key
    name: NAME
    digest: Key


class Ranked(Asked):
    """What was measured of it."""

    found: Key
    needs: Needs


def panel() -> html.Section:
    """Return the panel; it is shown while points are selected, or some are kept."""
    keep = [
        controls.field(
            "Keep these points as", "kept-name", "a name", maxlength=limits.SELECTION_NAME
        ),
        controls.button("Keep", "kept-keep"),
    ]
    kept = [
        controls.labelled("Kept selections", controls.select("kept-select", [("", "none")])),
        controls.button("Rank heads", "kept-rank", title="Rank all heads by this selection"),
        *save_table.buttons(TABLES, "kept"),
        controls.button("Delete", "kept-delete", title="Delete this kept selection"),
        controls.hint("kept", HELP),
    ]
    return html.Section(
        [
            html.Div([*keep, *kept], className="tool-bar mb-2"),
            job_bar("kept-ranked"),
            html.Div(id="kept-ranking"),
        ],
        id="kept-panel",
        className="panel",
        hidden=True,
    )


def _run(run: dict | None) -> Run:
    if not run:
        raise PreventUpdate
    return runs.load(run["key"])


def _options(data: Run) -> list[dict]:
    found = selections.of_run(data.key, _counts(data))
    return [NONE, *({"value": each.name, "label": _label(each)} for each in found)]


def _counts(data: Run) -> selections.Counts:
    return len(data.tokens), len(data.keys)


def _label(each: selections.Selection) -> str:
    counts = (len(each.queries), "query", "queries"), (len(each.keys), "key", "keys")
    said = ", ".join(f"{n:,} {one if n == 1 else many}" for n, one, many in counts)
    return f"{each.name} ({said})"


def offer(run: dict | None, chosen: str | None):
    """Offer what is kept of the open text; leave the chosen one if it is among them."""
    options = _options(_run(run))
    return options, chosen if any(o["value"] == chosen for o in options) else ""


def show(chosen: str | None, run: dict | None) -> dict:
    """Select the points of a kept selection.

    Raises
    ------
    HeadscopeError
        If it is not kept any more, as when it was deleted in another tab; it is not offered then.
    """
    data = _run(run)
    if not chosen:
        raise PreventUpdate
    found = selections.load(data.key, _counts(data), chosen)
    if found is None:
        set_props("kept-select", {"options": _options(data), "value": ""})
        raise HeadscopeError(f"“{chosen}” is not kept any more: it was deleted in another tab.")
    points = {"queries": list(found.queries), "keys": list(found.keys)}
    return {"run": data.key, "name": found.name, "digest": _digest(found)} | points


def _digest(found: selections.Selection) -> str:
    """Return what tells which points a selection has: a name can be given to others."""
    return store.key({"queries": list(found.queries), "keys": list(found.keys)})


def _of_chosen(
    ranked: dict | None, chosen: str | None, run: dict | None
) -> selected.Selected | None:
    """Return what was measured, if it is of the points that the chosen name stands for now."""
    if not run or not ranked or (ranked["run"], ranked["name"]) != (run["key"], chosen):
        return None
    now = selections.load(ranked["run"], _counts(runs.load(ranked["run"])), chosen)
    same = now is not None and _digest(now) == ranked["digest"]
    return selected.SELECTED.get(ranked["found"]) if same else None


def keep(_clicks, _entered, name: str | None, lassoed: dict | None, run: dict | None):
    """Keep the selected points under a name.

    Returns
    -------
    options, chosen, name
    """
    data = _run(run)
    if not lassoed or lassoed["run"] != data.key:
        raise HeadscopeError("No points are selected. Draw a lasso round some, then keep them.")
    kept = selections.keep(data.key, name or "", lassoed["queries"], lassoed["keys"])
    return _options(data), kept, ""


def delete(clicks: int | None, chosen: str | None, run: dict | None):
    """Delete a kept selection; its points stay selected."""
    if not clicks or not chosen:
        raise PreventUpdate
    data = _run(run)
    selections.forget(data.key, chosen)
    return _options(data), ""


def rank(set_progress, asked: dict) -> dict:
    """Background job: how much every head's attention stays within the selection."""
    found = scoring.rank_selected(asked["run"], asked["name"], set_progress)
    return asked | {"found": found, "needs": [selected.SELECTED.ref(found)]}


def draw(ranked: dict | None, chosen: str | None, run: dict | None, *heads: str | None):
    """List the heads whose attention stays most within the selection, and the open ones."""
    found = _of_chosen(ranked, chosen, run)
    if found is None:
        return []
    if not np.isfinite(found.mean).any():
        said = "No selected query can see a selected key: select queries and keys of one passage."
        return html.P(said, className="note")
    shown = typed_head(*heads[:2])
    rows = selected.rows(found)
    listed = rows[:MOST] + [row for row in rows[MOST:] if (row.layer, row.head) == shown]
    n = int(found.n[shown[0]])
    told = f"{selected.DEFINITION} {n:,} {'query' if n == 1 else 'queries'}; 95 % intervals over "
    told += f"passages. The first {MOST} of {len(rows)} heads, and the open one."
    return [
        html.H2(f"Heads by “{ranked['name']}”"),
        head_table(listed, COLUMNS, shown),
        html.P(told, className="note"),
    ]


def points_table(lassoed: dict | None, chosen: str | None) -> Saved:
    """Return the selected points with the words around them."""
    if not lassoed:
        raise HeadscopeError("No points are selected. Draw a lasso round some, then save them.")
    data = runs.load(lassoed["run"])
    points = (np.array(lassoed[side], np.int64) for side in ("queries", "keys"))
    made = selected_tables.contexts(data, *points, chosen or "")
    return made, ("selection", model_of(data), _file(chosen))


def heads_table(ranked: dict | None, chosen: str | None, run: dict | None) -> Saved:
    """Return all heads, ranked by the kept selection that is chosen."""
    found = _of_chosen(ranked, chosen, run)
    if found is None:
        raise HeadscopeError("The heads are not ranked yet. Press “Rank heads”, then save.")
    data = runs.load(ranked["run"])
    table = selected_tables.ranking(found, ranked["name"])
    return table, ("selection-heads", model_of(data), _file(ranked["name"]))


def _file(name: str | None) -> str:
    return "".join(c if c.isalnum() else "-" for c in name or "lasso")


TABLES = (
    SavedTable(
        "save-kept",
        "the selected points with their contexts",
        "kept",
        points_table,
        (("lassoed", "data"), ("kept-select", "value")),
        label="points",
    ),
    SavedTable(
        "save-kept-heads",
        "all heads ranked by this selection",
        "kept",
        heads_table,
        (("kept-ranked", "data"), ("kept-select", "value"), ("run", "data")),
        label="ranking",
    ),
)
JOB = Job("kept-ranked", rank, Ranked, Form(Asked))
TOO_LONG = f"The name of a selection can have at most {limits.SELECTION_NAME} characters, no more."
FIELDS = (
    Field("kept-select", Form(NAME | None), "lasso", "free"),
    Field("kept-name", Form(NAME | None, TOO_LONG)),
    Field("kept-name", Form(Clicks), prop="n_submit"),
)


def register(app: Dash) -> None:
    """Wire the panel."""
    browser = in_browser(app)
    run, chosen = ("run", "data"), ("kept-select", "value")
    select = [Output("kept-select", "options"), Output("kept-select", "value")]
    again = [Output(o.component_id, o.component_property, allow_duplicate=True) for o in select]
    app.callback(*select, Input(*run), State(*chosen))(offer)
    app.callback(
        *again,
        Output("kept-name", "value"),
        Input("kept-keep", "n_clicks"),
        Input("kept-name", "n_submit"),
        State("kept-name", "value"),
        State("lassoed", "data"),
        State(*run),
    )(keep)
    app.callback(*again, Input("kept-delete", "n_clicks"), State(*chosen), State(*run))(delete)
    app.callback(Output("lasso", "data"), Input(*chosen), Input(*run))(show)
    app.callback(
        Output("kept-ranking", "children"),
        Input("kept-ranked", "data"),
        Input(*chosen),
        State(*run),
        State("layer-select", "value"),
        State("head-select", "value"),
    )(draw)
    browser(
        "keptPanel",
        Output("kept-panel", "hidden"),
        Output("kept-keep", "disabled"),
        Output("kept-rank", "disabled"),
        Output("kept-delete", "disabled"),
        Input("lasso", "data"),
        Input("kept-select", "options"),
        Input(*chosen),
        Input(*run),
    )
    browser(
        "keptAsk",
        Output("kept-ranked-asked", "data"),
        Input("kept-rank", "n_clicks"),
        State("lasso", "data"),
    )
