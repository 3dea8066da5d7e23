"""The two grids of all heads: scores on the text, and induction on random repeated tokens."""

import numpy as np
from dash import Dash, Input, Output, State, html, no_update
from dash.exceptions import PreventUpdate
from pydantic import model_validator

from components.forms.fields import Dims, Key, Method, Needs, Record, few
from components.forms.form import Form
from components.forms.maps import Options
from components.forms.results import DoneOfModel, DoneOfText
from components.grid import head_scores
from components.grid.chooser import INDUCTION_SCORE, OFFER, TRUST_SCORE
from components.lab.words import DESIGNS, PROTOCOL_WORDS
from components.parts.head_table import head_link
from components.parts.jobs import Job, is_of
from components.plots import figures
from components.shown import corpora
from components.shown.pictures import picture
from components.shown.records import HeadView, MapOptions
from compute.all_heads import all_maps
from compute.jobs import mapping, measuring, scoring
from compute.lab import induction
from compute.lab.readouts import READOUTS, main_of
from compute.maps import projection
from compute.scores import heads
from compute.scores.cross_scores import known_of

# The stores of the jobs that measure what it can show.
MEASURED = ("scores", head_scores.INDUCTION, *head_scores.STORES, "trusts")
NO_INDUCTION = (
    "Not for imported vectors: induction is measured by running the model on random tokens, and "
    "its weights are not here."
)
NO_REPEATS = (
    "Not for an encoder–decoder yet: induction is measured by running a model of one stack on "
    "random tokens that come twice."
)
NO_WORDS = (
    "Not for models of pictures: induction is measured by running a model on random words that "
    "come twice."
)
NOTHING = 0.1  # below this no head does what the induction grid asks for


class TrustAsked(Record):
    """Maps of all heads to be measured; their settings as pairs."""

    run: Key
    method: Method
    dims: Dims
    options: few(tuple[str, str | int | float], 5)

    @model_validator(mode="after")
    def possible(self) -> "TrustAsked":
        """Take a method's own settings alone."""
        Options(**dict(self.options)).fit(self.method)
        return self


class Trusts(TrustAsked):
    """Maps of all heads, measured."""

    needs: Needs


def score_heads(set_progress, run: dict | None) -> dict | None:
    """Background job: per-head scores of the open text."""
    if not run:
        return None
    scoring.score_heads(run["key"], set_progress)
    return {"run": run["key"], "needs": [heads.SCORES.ref(heads.key(run["key"]))]}


def measure_trust(set_progress, asked: dict) -> dict:
    """Background job: the maps of all heads and their trust."""
    options = dict(asked["options"])
    at = asked["run"], asked["method"], asked["dims"], options
    mapping.measure_trust(*at, set_progress)
    return asked | {"needs": [all_maps.TRUSTS.ref(all_maps.key(*at))]}


def measure_induction(set_progress, run: dict | None, _, trials, length, seed) -> dict | None:
    """Background job: induction in the open model; nothing where it can't be measured."""
    if not run or _no_induction(run):
        return None
    options = {"trials": trials or 50, "length": length, "seed": seed or 0}
    name = measuring.measure_induction(run["spec"], options, set_progress)
    return {"spec": run["spec"], "name": name, "needs": [induction.SCORES.ref(name)]}


def draw_head_grid(found, score, theme, options, run):
    """Colour all heads by the chosen score; what isn't there yet is asked for where that is quick.

    Returns
    -------
    figure, note, trusts asked, others asked
        The last two start the job that lays out all heads, and by their stores those of
        `head_scores.JOBS`.
    """
    if not run:
        raise PreventUpdate
    scores, measured = found["scores"], found["induction"]
    if score == INDUCTION_SCORE:
        if not is_of(measured, run):
            return no_update, "Waiting for induction on random repeats, below.", no_update, _start()
        return *_induction(measured, theme), no_update, _start()
    if score == TRUST_SCORE:
        return *_trust(run, theme, MapOptions(**options)), _start()
    if score in head_scores.LAB_SCORES:
        return _of_the_lab(head_scores.LAB_SCORES[score], run, theme, found)
    model = run["model"]
    measure = known_of(model.get("part") != "cross", model.get("task") == "picture").get(score)
    if measure is None:
        raise PreventUpdate  # of the other kind of attention; `OFFER` chooses another
    known = heads.SCORES.get(heads.key(run["key"])) if is_of(scores, run) else None
    if known is None:
        return no_update, no_update, no_update, _start()
    values = known.of(score)
    mean, top = values.mean, measure.high
    if top is None:
        top = float(np.nanmax(mean, initial=measure.low))
    details, over = figures.intervals(values), corpora.beside(run, score)
    if over is not None:
        details = np.char.add(details, over)
    figure = figures.grid(mean, measure.low, top, theme == "dark", details)
    return figure, measure.definition, no_update, _start()


def _start(job: Job | None = None, run: dict | None = None) -> dict[str, object]:
    """Return what the head grid writes to start a score's job; by default it starts none."""
    idle = {each.started_by: no_update for each in head_scores.JOBS}
    return idle | ({job.started_by: {"run": run["key"]}} if job else {})


def _of_the_lab(score: head_scores.LabScore, run: dict, theme: str, told: head_scores.Told):
    if score.causal not in (None, run["model"]["causal"]) or run["model"].get("part") == "cross":
        raise PreventUpdate  # of another kind of model; `OFFER` chooses another
    found = score.show(run, told)
    if isinstance(found, str):
        return _nothing(run, theme), found, no_update, _start(score.job, run)
    figure = figures.grid(found.mean, found.low, found.high, theme == "dark", found.details)
    return figure, found.note, no_update, _start()


def _nothing(run: dict, theme: str):
    """Return a grid of heads without a number."""
    empty = np.full((run["model"]["layers"], run["model"]["heads"]), np.nan)
    figure = figures.grid(empty, 0, 1, theme == "dark")
    return figure.update_traces(showscale=False, hoverinfo="skip", hovertemplate=None)


def _trust(run: dict, theme: str, options: MapOptions):
    asked, method = picture(HeadView(run, 0, 0), options), options.method
    title = projection.METHODS[method].title
    found = all_maps.TRUSTS.get(all_maps.key(run["key"], method, asked.dims, dict(asked.options)))
    if found is None:
        job = {"run": run["key"], "method": method, "dims": asked.dims, "options": asked.options}
        return no_update, f"Laying out every head ({title}) to measure its trust …", job
    details = np.array([[found.words(i, j) for j in range(run["model"]["heads"])]
                        for i in range(run["model"]["layers"])])  # fmt: skip
    note = (
        f"Trust of every head's map ({title}): 0 is chance, 1 the best any picture could do. "
        f"Median {np.nanmedian(found.score):z.2f}, least {np.nanmin(found.score):z.2f}."
        if np.isfinite(found.score).any()
        else "No head of this text can be measured: its passages are too short."
    )
    return figures.grid(found.score, 0, 1, theme == "dark", details), note, no_update


def draw_induction(measured: dict | None, theme, run: dict | None):
    """Draw induction on random repeats for every head; say why not of imported vectors."""
    if run and (why := _no_induction(run)):
        return _nothing(run, theme), why
    if not is_of(measured, run):
        raise PreventUpdate
    return _induction(measured, theme)


def _no_induction(run: dict) -> str:
    """Say why induction can't be measured in the open model; empty if it can."""
    if not run["model"]["weights"]:
        return NO_INDUCTION
    if run["model"].get("task") == "picture":
        return NO_WORDS
    return NO_REPEATS if run["model"].get("part") else ""


def _induction(measured: dict, theme: str):
    found = induction.SCORES.get(measured["name"])
    if found is None:
        raise PreventUpdate
    name = main_of(found.readouts)
    score = found.readouts[name]
    what = READOUTS[name]
    trials = f": {found.trials} trials, {found.length} random tokens repeated, seed {found.seed}."
    note = [
        f" {what.title}: {what.definition} Design “{DESIGNS[found.design]}”, ",
        html.Abbr(found.protocol, title=PROTOCOL_WORDS.get(found.protocol)),
        " ".join([trials, *found.notes]),
    ]
    figure = figures.grid(score.mean, 0, 1, theme == "dark", figures.intervals(score))
    return figure, [*_strongest(score.mean), *note]


def _strongest(mean: np.ndarray) -> list:
    """Say which head has the most; its name opens it."""
    if not np.isfinite(mean).any():
        return []
    layer, head = np.unravel_index(np.nanargmax(mean), mean.shape)
    few = mean[layer, head] < NOTHING
    said = "No head does this here: the most is " if few else "Strongest: "
    return [said, head_link(layer, head), f" with {mean[layer, head]:.2f}."]


JOBS = (
    Job("scores", score_heads, DoneOfText, inputs=(Input("run", "data"),)),
    Job("trusts", measure_trust, Trusts, Form(TrustAsked)),
    Job(
        "induction",
        measure_induction,
        DoneOfModel,
        inputs=(
            Input("run", "data"),
            Input("induction-start", "n_clicks"),
            *(State(f"induction-{name}", "value") for name in ("trials", "length", "seed")),
        ),
        clicks=(1,),
    ),
)


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    starts = [job.started_by for job in head_scores.JOBS]
    app.callback(
        output=(
            Output("head-grid", "figure"),
            Output("score-note", "children"),
            Output("trusts-asked", "data"),
            {name: Output(name, "data", allow_duplicate=True) for name in starts},
        ),
        inputs={
            "found": {name: Input(name, "data") for name in (*MEASURED, corpora.MEASURED)},
            "score": Input("score-select", "value"),
            "theme": Input("theme", "data"),
            "options": MapOptions.inputs(),
            "run": State("run", "data"),
        },
    )(draw_head_grid)
    app.clientside_callback(
        OFFER,
        Output("score-select", "options"),
        Output("score-select", "value"),
        Input("run", "data"),
        State("score-select", "value"),
        State("score-kinds", "data"),
    )
    app.callback(
        Output("induction-grid", "figure"),
        Output("induction-note", "children"),
        Input("induction", "data"),
        Input("theme", "data"),
        Input("run", "data"),
    )(draw_induction)
