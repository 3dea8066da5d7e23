"""Wires the stage "Corpus": which findings there are, and what all heads do in them."""

import numpy as np
from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from components.corpus import asking, figures, going, of_head, saved, words
from components.corpus.figures import Axis
from components.corpus.views import WHOLE, slice_of
from components.parts.browser import in_browser
from components.plots import figures as grids
from components.shown import corpora, shown_head
from compute.corpus import findings
from compute.corpus.corpus_scores import CORPUS_SCORES
from compute.corpus.findings import Findings
from compute.scores.intervals import Estimate

LAYER = "layer"


def offer(asked: dict | None, run: dict | None, chosen: str | None, beside: str | None):
    """Offer what was measured with the open model; the newest, if nothing else is chosen.

    Parameters
    ----------
    asked : dict
        ``run``; ``new``, what a job has just made of the same model.

    Returns
    -------
    options, value, options, value, why there are none, whether a corpus is asked for, found hidden,
    Start disabled, command
    """
    if not asked or not run or asked["run"] != run["key"]:
        raise PreventUpdate
    refused = words.refusal(run)
    known = [] if refused or not corpora.may(run) else findings.known(run["model"]["identity"])
    options = [{"value": each.name, "label": _label(each, run)} for each in known]
    names = [each.name for each in known]
    chosen = next((name for name in (asked["new"], chosen, *names) if name in names), "")
    every = [] if not chosen else findings.known()
    beside = beside if beside in [each.name for each in every] else chosen
    right = [{"value": each.name, "label": _label(each, run)} for each in every]
    nothing = refused or ("" if names else words.NOTHING.format(model=run["model"]["name"]))
    command = words.COMMAND.format(model=run["spec"])
    state = (nothing, not names, not names, bool(refused), command)
    return options, chosen, right, beside, *state


def _label(known: findings.Known, run: dict) -> str:
    own = known.model == run["model"]["name"]
    return f"{'' if own else f'{known.model}: '}{known.title}, {known.tokens:,} tokens"


def tell(name: str | None, beside: str | None, part: str | None, other: str | None,
         run: dict | None):  # fmt: skip
    """Say what the findings rest on, and offer their slices.

    Returns
    -------
    said, notes, options, value, options, value
    """
    found, right = corpora.of(name, run), corpora.every(beside)
    if found is None:
        raise PreventUpdate
    options, right_options = _slices(found), _slices(right or found)
    part, other = slice_of(part, found) or WHOLE[0], slice_of(other, right or found) or WHOLE[0]
    return words.said(found), words.notes(found), options, part, right_options, other


def _slices(found: Findings) -> list[dict]:
    rows = zip(found.slices, found.tokens.tolist(), strict=True)
    return [
        {"value": part or WHOLE[0], "label": f"{part or WHOLE[1]} ({tokens:,} tokens)"}
        for part, tokens in rows
    ]


def draw_grid(name, score, part, apart, theme, run):
    """Draw one score of all heads, or how a slice differs from the rest; say what it is."""
    found = corpora.of(name, run)
    if found is None:
        raise PreventUpdate
    part, what = slice_of(part, found), CORPUS_SCORES[score]
    if score not in found.names:
        return figures.nothing(theme == "dark"), f"“{what.title}” was not measured here."
    differs = apart and part
    values = found.apart(score, part) if differs else found.of(score, part)
    low, high = (what.low, what.high) if not differs else (None, None)
    if differs:
        high = max(1e-3, float(np.nanmax(np.abs(values.mean), initial=0)))
        low = -high
    elif high is None:
        high = float(np.nanmax(values.mean, initial=low))
    details = np.char.add(grids.intervals(values), _counted(found, score, part, values.mean.shape))
    figure = grids.grid(values.mean, low, high, theme == "dark", details)
    where = f"in the slice “{part}”" if part else "over all of the corpus"
    said = f"{what.title}, {where}"
    said += " minus the rest of the corpus. " if differs else ". "
    return figure, said + what.definition.partition("\n")[0]


def _counted(found: Findings, score: str, part: str, shape: tuple[int, int]) -> np.ndarray:
    n = found.n[found.slices.index(part), found.names.index(score)]
    texts = np.array([f"<br>mean of {count:,} tokens" for count in n.tolist()])
    return np.broadcast_to(texts[:, None], shape)


def draw_scatter(name, x, y, colour, part, bars, theme, run):
    """Draw every head as a point between two scores, coloured by a third one."""
    found = corpora.of(name, run)
    if found is None:
        raise PreventUpdate
    axes = [_axis(found, score, slice_of(part, found)) for score in (x, y, colour)]
    figure = figures.scatter(*axes, bool(bars), theme == "dark")
    missing = found.mean[0, 0].size - len(figure.data[0].x)
    said = f"{len(figure.data[0].x):,} heads"
    said += f"; {missing:,} without evidence for both axes are left out" if missing else ""
    return figure, f"{said}. The ring is the open head; arrow keys walk from head to head."


def _axis(found: Findings, score: str, part: str) -> Axis:
    shape = found.mean.shape[2:]
    nothing = np.full(shape, np.nan)
    if score == LAYER:
        layers = np.broadcast_to(np.arange(shape[0], dtype=float)[:, None], shape)
        return Axis("Layer", Estimate(layers, nothing, nothing), (0.0, float(shape[0] - 1)))
    what = CORPUS_SCORES[score]
    unit = "" if what.unit in ("share", "correlation") else f" ({what.unit})"
    if score not in found.names:
        return Axis(what.title, Estimate(nothing, nothing, nothing), (0.0, 1.0))
    return Axis(what.title + unit, found.of(score, part), (what.low, what.high))


def register(app: Dash) -> None:
    """Wire these functions, and those of the open head."""
    shown_head.register(app, "corpus")
    run, theme = State("corpus-run", "data"), Input("theme", "data")
    found, part = Input("corpus-found", "value"), Input("corpus-part", "value")
    app.callback(
        *(Output(id, prop) for id in ("corpus-found", "corpus-b-found")
          for prop in ("options", "value")),
        Output("corpus-none", "children"),
        Output("corpus-ask-more", "open"),
        Output("corpus-found-box", "hidden"),
        Output("corpus-start", "disabled"),
        Output("corpus-command", "children"),
        Input("corpus-offered", "data"),
        run,
        State("corpus-found", "value"),
        State("corpus-b-found", "value"),
    )(offer)  # fmt: skip
    app.callback(
        Output("corpus-said", "children"),
        Output("corpus-notes", "children"),
        Output("corpus-part", "options"),
        Output("corpus-part", "value"),
        Output("corpus-b-part", "options"),
        Output("corpus-b-part", "value"),
        found,
        Input("corpus-b-found", "value"),
        State("corpus-part", "value"),
        State("corpus-b-part", "value"),
        run,
    )(tell)
    app.callback(
        Output("corpus-grid", "figure"),
        Output("corpus-grid-note", "children"),
        found,
        Input("corpus-score", "value"),
        part,
        Input("corpus-apart", "value"),
        theme,
        run,
    )(draw_grid)
    app.callback(
        Output("corpus-scatter", "figure"),
        Output("corpus-scatter-note", "children"),
        found,
        *(Input(f"corpus-{axis}", "value") for axis in ("x", "y", "colour")),
        part,
        Input("corpus-bars", "value"),
        theme,
        run,
    )(draw_scatter)
    app.clientside_callback("part => part === '*'", Output("corpus-apart", "disabled"), part)
    browser = in_browser(app)
    browser(
        "corpusOffer",
        Output("corpus-offered", "data"),
        Input("corpus-run", "data"),
        Input("corpus-measured", "data"),
        Input("corpus-address", "data"),
    )
    browser(
        "corpusView",
        *(Output(f"corpus-view-{name}", "hidden") for name in of_head.VIEWS),
        Input("corpus-view", "value"),
        prevent_initial_call=False,
    )
    asking.register(app)
    of_head.register(app)
    going.register(app)
    saved.register(app)
