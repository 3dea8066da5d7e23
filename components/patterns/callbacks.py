"""Wires the stage "Patterns"; the painting itself is in assets/patterns/patterns.js."""

from dash import Dash, Input, Output, State, html
from dash.exceptions import PreventUpdate

from components.forms.fields import Key, Words, few, one_of
from components.forms.form import Form
from components.forms.results import DoneOfText, OfText
from components.parts.browser import in_browser
from components.parts.head_table import Column, head_table
from components.parts.jobs import Job, is_of, kept
from components.patterns import figures, saved
from components.patterns.by_class import draw_classes, list_by_cell
from components.patterns.stage import FILE_PROMPT
from components.plots.figures import spectrum
from components.shown import shown_head, typed
from compute import limits, runs
from compute.attention import windows
from compute.errors import HeadscopeError
from compute.jobs import scoring
from compute.pictures import grid
from compute.scores import aggregate, classes, patterns
from compute.scores.pattern_rules import RULES

SHOWN = 20  # heads of a ranking
CROSS_PLACES = (
    "Queries are of the target, keys of the source; places are counted in each from its beginning."
)
# What is shown or hidden by the choices made, in the order of `patternsShow`.
PARTS = (
    *("view-find", "view-classes", "view-average"),
    *("offset-box", "where-box", "clear-box", "rules-box", "file-box"),
)


class Found(DoneOfText):
    """Heads ranked by a pattern."""

    name: Key
    rule: one_of([patterns.PAINTED, *RULES])


class Classed(DoneOfText):
    """Attention between classes of tokens."""

    name: Key
    notes: few(Words, 100)


def average(set_progress, asked: dict) -> dict:
    """Background job: attention of all heads by position and by offset."""
    scoring.average(asked["run"], set_progress)
    return asked | {"needs": [aggregate.AVERAGES.ref(aggregate.key(asked["run"]))]}


def find(set_progress, clicks, run, rule, offset, where, passage, cells) -> dict | None:
    """Background job: all heads ranked by the chosen pattern."""
    if not clicks or not run:
        return None
    here = _place(passage)
    if rule == patterns.PAINTED:
        asked = patterns.Pattern(rule, passage=here, cells=read_cells(cells))
    else:
        some = here if where == "passage" else None
        back = typed.whole(offset, "Offset", limits.OFFSET)
        asked = patterns.Pattern(rule, -1 if back is None else back, some)
    name = scoring.find_pattern(run["key"], asked, set_progress)
    return {"run": run["key"], "name": name, "rule": rule, "needs": [patterns.RANKINGS.ref(name)]}


def _place(passage: str | float | None) -> int:
    """Return a passage's place from its number, which begins at 1."""
    return (typed.whole(passage, "Passage", limits.PASSAGE) or 1) - 1


def classify(set_progress, clicks, run, source, rules, file, keys) -> dict | None:
    """Background job: attention between classes of tokens."""
    if not clicks or not run:
        return None
    if source == "file" and not file:
        raise HeadscopeError("There is no file of labels yet. Choose one, then press Measure.")
    given = typed.file(file) if source == "file" else rules or ""
    made = scoring.between_classes(run["key"], source, given, keys == "all", set_progress)
    return {"run": run["key"], **made, "needs": [classes.CLASSES.ref(made["name"])]}


def read_cells(text: str | None) -> tuple[tuple[int, int, float], ...]:
    """Return painted cells from "query-key,query-key"."""
    pairs = [part.split("-") for part in (text or "").split(",") if part]
    if len(pairs) > limits.CELLS:
        raise HeadscopeError(f"At most {limits.CELLS:,} cells can be painted. Paint fewer.")
    try:
        return tuple((int(query), int(key), 1.0) for query, key in pairs)
    except ValueError as error:
        raise HeadscopeError(
            "The painted cells in the address are damaged. Paint again."
        ) from error


def draw_passage(shown, run, passage, theme):
    """Draw the open head's attention in a passage, to paint on; of a long one its beginning."""
    at = shown_head.place(shown, run)
    data, last = runs.load(run["key"]), run["passages"]
    here = _place(passage)
    if not 0 <= here < last:
        raise HeadscopeError(f"There is no passage {passage}: this text has 1 to {last}.")
    window = windows.around(data, here)
    tokens = list(data.tokens.strings[window.row_span])
    keys = list(data.keys.strings[window.column_span])
    figure = figures.passage(windows.weights(data, *at, window), tokens, keys, theme == "dark")
    if not window.whole:
        said = f"the first {len(tokens):,} of the passage's tokens; rules look at all of them"
        figure.update_xaxes(title={"text": said, "font": {"size": 12}}, automargin=True)
    starts = (int(side.starts[here]) for side in (data.tokens, data.keys))
    return figure.update_layout(meta=dict(zip(("query", "key"), starts, strict=True)))


def list_found(found: dict | None, run: dict | None, shown: dict | None, order: str):
    """List the heads by their attention to the pattern, or its excess; say which."""
    empty = "Paint some cells and press Find heads, or choose a rule."
    ranking = kept(patterns.RANKINGS, found, run)
    if ranking is None:
        return html.P(empty, className="note")
    at = shown_head.place(shown, run)
    against = "position alone" if ranking.baseline == "position" else "equal attention"
    by = patterns.fitting(found["rule"]) if order == saved.FITTING else order
    columns = [
        Column("Attention", "{:.3f}", "mean", ("low", "high")),
        Column("Expected", "{:.3f}", "expected"),
        Column("Excess", "{:+z.3f}", "excess", ("excess_low", "excess_high")),
    ]
    if by == "excess":
        columns.reverse()
    listed = patterns.rows(ranking, by)
    what = RULES[found["rule"]].title if found["rule"] in RULES else "Painted cells"
    ordered = "attention on the pattern" if by == "mean" else f"what {against} does not explain"
    note = (
        f"{what}, ordered by {ordered}. Over {listed[0].n:,} "
        f"{'query' if listed[0].n == 1 else 'queries'}; expected: by {against}. "
        "Click a head to open it."
    )
    return [html.P(note, className="note"), head_table(listed[:SHOWN], columns, at)]


def draw_average(averaged, shown, theme, run):
    """Draw the open head's attention by position and by offset."""
    found = aggregate.AVERAGES.get(aggregate.key(run["key"])) if is_of(averaged, run) else None
    if found is None:
        raise PreventUpdate
    at, dark = shown_head.place(shown, run), theme == "dark"
    runs.load(run["key"]).check(*at)
    of_pictures = run["model"].get("task") == "picture"
    unit = "pictures" if of_pictures else "passages"
    note = f"L{at[0]}H{at[1]}, over {run['passages']:,} {unit}."
    if found.width > 1:
        note += f" One cell of the left picture is {found.width} positions."
    if run["model"].get("part") == "cross":
        note += f" {CROSS_PLACES}"
    if of_pictures:
        note += f" {grid.PLACES}"
    by_offset = type(found.spectrum)(*(part[at] for part in found.spectrum))
    return (
        figures.positions(found.positions[at], found.width, dark),
        spectrum(found.offsets, {"": by_offset}, dark, "offset: key's position minus query's"),
        note,
    )


def show_file(file: str | None, name: str | None) -> str:
    """Say which file was chosen."""
    return f"{name}: press Measure." if file else FILE_PROMPT


def _values(*names: str, kind: type = State) -> list:
    return [kind(f"patterns-{name}", "value") for name in names]


RUN = State("run", "data")
JOBS = (
    Job("patterns-averaged", average, DoneOfText, Form(OfText), by="patterns-asked"),
    Job(
        "patterns-found",
        find,
        Found,
        inputs=(
            Input("patterns-find", "n_clicks"),
            RUN,
            *_values("rule", "offset", "where", "passage", "cells"),
        ),
        clicks=(0,),
    ),
    Job(
        "patterns-classed",
        classify,
        Classed,
        inputs=(
            Input("patterns-classify", "n_clicks"),
            RUN,
            *_values("source", "rules"),
            State("patterns-file", "contents"),
            *_values("keys"),
        ),
        clicks=(0,),
    ),
)


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    browser = in_browser(app)
    theme = Input("theme", "data")
    stage, head = Input("stage-select", "value"), Input("patterns-head", "data")
    shown_head.register(app, "patterns")

    browser(
        "patternsAsk",
        Output("patterns-asked", "data"),
        stage,
        Input("patterns-run", "data"),
        State("patterns-asked", "data"),
    )
    app.callback(
        Output("patterns-heatmap", "figure"),
        head,
        Input("patterns-run", "data"),
        *_values("passage", kind=Input),
        theme,
    )(draw_passage)
    app.callback(
        Output("patterns-ranking", "children"),
        Input("patterns-found", "data"),
        Input("patterns-run", "data"),
        head,
        *_values("order", kind=Input),
    )(list_found)
    browser(
        "patternsTold",
        Output("patterns-told", "children"),
        Output("patterns-ranking", "hidden"),
        Input("patterns-find", "n_clicks"),
        Input("patterns-found", "data"),
        Input("patterns-run", "data"),
        Input("error-toast", "is_open"),
    )
    classed, shown = Input("patterns-classed", "data"), State("patterns-run", "data")
    app.callback(
        Output("patterns-matrix", "figure"),
        Output("patterns-classes-note", "children"),
        Output("patterns-matrix-box", "hidden"),
        classed,
        head,
        *_values("by", "cell", kind=Input),
        theme,
        shown,
    )(draw_classes)
    app.callback(
        Output("patterns-cell-title", "children"),
        Output("patterns-by-cell", "children"),
        classed,
        *_values("cell", "by", "least", kind=Input),
        shown,
        head,
    )(list_by_cell)
    app.callback(
        Output("patterns-positions", "figure"),
        Output("patterns-offsets", "figure"),
        Output("patterns-average-note", "children"),
        Input("patterns-averaged", "data"),
        head,
        theme,
        shown,
    )(draw_average)
    app.callback(
        Output("patterns-file", "children"),
        Input("patterns-file", "contents"),
        State("patterns-file", "filename"),
    )(show_file)
    browser(
        "patternsOffer",
        Output("patterns-rule", "options"),
        Output("patterns-rule", "value"),
        Input("patterns-run", "data"),
        *_values("rule"),
        State("patterns-rule-kinds", "data"),
    )
    browser(
        "patternsShow",
        *(Output(f"patterns-{part}", "hidden") for part in PARTS),
        *_values("view", "rule", "source", kind=Input),
        prevent_initial_call=False,
    )
    browser(
        "patternsPaint",
        Output("patterns-painted", "children"),
        *_values("cells", "rule", "passage", kind=Input),
        prevent_initial_call=False,
    )
    browser("patternsClear", Input("patterns-clear", "n_clicks"))
