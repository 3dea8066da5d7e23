"""Column B: which model, text and heads it shows, and what of it belongs to which token of A."""

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, html

from components.forms import opened
from components.forms.form import Form
from components.forms.results import DoneOfText
from components.grid.grids import score_heads
from components.links import asking
from components.parts import controls
from components.parts.browser import in_browser
from components.parts.controls import button, field, hint, labelled, select
from components.parts.jobs import Job, job_bar
from components.shown.tokens import tokens_of
from compute import pictures, runs
from compute.errors import HeadscopeError
from compute.jobs import opening
from compute.matched import paired_attention, token_sides

STORES = ("b-wish", "tokens-b")  # only the browser reads them
REPLACEMENTS = [("zero", "nothing (zero)"), ("mean", "its mean over random tokens")]
HELP = [
    html.P(
        "Column B can show another head of the same model, another model, another text, or the "
        "model with some heads switched off. On one text the tokens of both are matched by their "
        "characters: what you select, point at or zoom in one is so in the other."
    ),
    html.P(
        "Lay over A: a map has no up or down and no size of its own, so B's is turned, mirrored "
        "and moved to where its shared tokens come nearest to A's (Procrustes), and drawn as "
        "large. The residual says what remains: 0 the same picture, 1 nothing in common. Above "
        "0.95 less than a tenth of B's spread follows A's; then B lies over A only if you say so."
    ),
]


def title_line(side: str) -> html.Div:
    """Return the line over a map that says what a column shows, while two are compared."""
    if not side:
        return html.Div(html.Span(id="a-title"), className="side-title")
    return html.Div(
        [
            html.Span(id="b-title"),
            button("Another model, text or ablation …", "b-open"),
            html.Span(button("Compare with its base", "b-bare"), id="b-base", hidden=True),
            html.Span(button("Same as A", "b-same"), id="b-back", hidden=True),
            hint("b", HELP),
            html.Span(id="b-note", className="note", role="status"),
            job_bar("open-b"),
            job_bar("scores-b"),
            job_bar("ghost-b"),
        ],
        className="side-title",
    )


def align_switch(side: str) -> list[html.Div]:
    """Return what stands beside the note of B's map: whether it is laid over that of A.

    The switch that is seen says what is drawn. What is wished for, as the address has it, is in
    two that are not: a map far from A's (see `joint_map.maps.APART`) is laid over it only with
    `b-anyway`.
    """
    if not side:
        return []
    wished = [
        dbc.Switch(id="b-align", label="Lay over A", value=True),
        dbc.Switch(id="b-anyway", label="Lay over A, however far apart", value=False),
    ]
    switch = dbc.Switch(id="b-laid", label="Lay over A", value=False)
    return [html.Div([switch, html.Div(wished, hidden=True)], id="b-align-box")]


def dialog() -> dbc.Modal:
    """Ask what column B shall show."""
    same = ("same", "the same as A")
    off = "none; such as L0H0, L1H2 or L1 for a whole layer"
    parts = [
        labelled("Model", select("b-model", [same])),
        field("or a Hugging Face id, a folder, a GGUF file", "b-model-typed", size=None),
        labelled("Text", select("b-text", [same])),
        field("Heads switched off in B", "b-off", off, size=None),
        labelled("What they pass on is replaced by", select("b-method", REPLACEMENTS)),
        html.P(
            "A head that is switched off still looks where it did: what changes is "
            "what later layers get from it, and so where their heads look. Two models "
            "on one text are matched by characters, whatever their tokens.",
            className="note",
        ),
    ]
    body = html.Div(parts, className="d-grid gap-2")
    return controls.dialog("b-dialog", "What B shows", [body], ("b-use", "Show in B"))


def open_run(set_progress, asked: dict) -> dict:
    """Background job: read the text that B shall show with its model, some heads switched off."""
    asking.check(asked)
    told = opening.open_run(
        asked["model"],
        asked["text"],
        set_progress,
        asked["off"],
        asked["method"],
        asked.get("part", ""),
    )
    if told["text"] != asked["text"]:  # read in its place; nobody asked for that beside A
        name, kind = (
            told["model"]["name"],
            "pictures" if pictures.is_name(told["text"]) else "texts",
        )
        raise HeadscopeError(f"{name} reads {kind}, not what was chosen for B. Choose some for it.")
    return told


def send_tokens(keys: dict | None) -> dict | None:
    """Send the tokens of a run of B's own, and which of A's they belong to.

    Returns
    -------
    dict or None
        As `opening.tokens_of`; ``of_a`` and ``of_b`` hold each token's counterpart in the other run
        (-1 without), or None if the texts differ. ``ways``: where one of them is of a part of an
        encoder–decoder, the same by role, see `token_sides.ways`; else None.
    """
    if not keys:
        return None
    found = tokens_of(keys["b"]) | {"a": keys["a"], "of_a": None, "of_b": None, "ways": None}
    pair = runs.load(keys["a"]), runs.load(keys["b"])
    if any(run.model.part for run in pair):
        found["ways"] = [
            {role: {"role": way.role, "tokens": way.tokens.tolist()} for role, way in own.items()}
            for own in token_sides.ways(*pair)
        ]
    try:
        of_a, of_b = paired_attention.crossings(keys["a"], keys["b"])
    except HeadscopeError:
        return found
    return found | {"of_a": of_a.tolist(), "of_b": of_b.tolist()}


JOBS = (
    Job("opened-b", open_run, opened.Run, Form(opened.Asked), by="b-asked", bar="open-b"),
    Job("scores-b", score_heads, DoneOfText, Form(opened.Run | None), by="b-unscored"),
)
KEPT = {
    "run-b": Form(opened.Run | None),
    "selection-b": Form(opened.Selection | None),
    "b-runs": Form(opened.Pair | None),
    "b-side": Form(opened.Column | None),
    "b-other": Form(opened.Column | None),
    "b-over": Form(opened.Over | None),
    "b-differ": Form(opened.Chosen | None),
}


def register(app: Dash) -> None:
    """Wire column B."""
    app.callback(Output("tokens-b", "data"), Input("b-runs", "data"))(send_tokens)
    _dialog(app)
    _what_is_shown(app)


def _dialog(app: Dash) -> None:
    browser = in_browser(app)
    fields = [State(f"b-{name}", "value") for name in ("model", "model-typed", "text", "off")]
    browser(
        "secondOpen",
        Output("b-dialog", "is_open"),
        *(Output(f"b-{name}", "options") for name in ("model", "text")),
        *(Output(f"b-{name}", "value") for name in ("model", "model-typed", "text")),
        *(Output(f"b-{name}", "value") for name in ("off", "method")),
        Input("b-open", "n_clicks"),
        State("model-select", "options"),
        State("text-select", "options"),
        State("b-wish", "data"),
    )
    wish = Output("b-wish", "data", allow_duplicate=True)
    browser("secondUse", wish, Input("b-use", "n_clicks"), *fields, State("b-method", "value"))
    browser("secondSame", wish, Input("b-same", "n_clicks"))
    browser("secondBase", wish, Input("b-bare", "n_clicks"))
    browser("secondPart", wish, Input("part-select-b", "value"))


def _what_is_shown(app: Dash) -> None:
    browser = in_browser(app)
    run, own, comparing = (
        Input("run", "data"),
        Input("run-b", "data"),
        Input("comparing", "data"),
    )
    heads = [(f"{what}-select{b}", "value") for b in ("", "-b") for what in ("layer", "head")]
    browser(
        "secondRead", Output("b-align", "value"), Input("url", "search"), prevent_initial_call=False
    )
    browser(
        "secondAsk",
        Output("b-asked", "data"),
        Output("run-b", "data"),
        run,
        Input("b-wish", "data"),
    )
    browser(
        "secondFit",
        Output("run-b", "data", allow_duplicate=True),
        Output("b-unscored", "data"),
        Input("opened-b", "data"),
    )
    browser(
        "secondHeads",
        *(
            Output(f"{what}-select-b", prop, allow_duplicate=True)
            for what in ("layer", "head")
            for prop in ("options", "value")
        ),
        run,
        own,
        *(State(*part) for part in heads),
    )
    browser("secondLaid", Input("b-laid", "value"))
    browser("secondRuns", Output("b-runs", "data"), run, own, State("b-runs", "data"))
    browser(
        "secondShow",
        *(Output(f"b-{name}", "data") for name in ("side", "other", "over")),
        *(Output(f"{name}", "children") for name in ("a-title", "b-title", "b-note")),
        Output("b-open", "children"),
        Output("b-base", "hidden"),
        Output("b-back", "hidden"),
        Output("b-align-box", "hidden"),
        run,
        own,
        comparing,
        *(Input(*part) for part in heads),
        Input("b-align", "value"),
        Input("tokens-b", "data"),
        Input("fitted", "data"),
        Input("b-anyway", "value"),
        *(State(f"b-{name}", "data") for name in ("side", "other", "over")),
    )
    browser(
        "secondSelect",
        Output("selection-b", "data"),
        Input("selection", "data"),
        Input("tokens-b", "data"),
        Input("b-side", "data"),
        State("selection-b", "data"),
    )
    browser("secondDiffer", Input("b-side", "data"))
    browser(
        "secondRevert",
        Input("error-toast", "is_open"),
        Input("b-asked", "data"),  # of callbacks without outputs no two may have equal inputs
        State("error-toast", "header"),
    )
