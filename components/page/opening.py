"""Opening a model with a text: the job, the user's own text, and what the top bar says of it."""

from typing import Annotated

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from pydantic import Field as Of

from components.forms import opened
from components.forms.fields import few, one_of, text
from components.forms.form import Form
from components.forms.typed import FILE_NAME, Option, file
from components.links import asking
from components.page.dialogs import FILE_PROMPT
from components.parts.errors import show_problem, show_warning
from components.parts.jobs import Job
from components.parts.part import Field, Part
from components.shown import typed
from components.shown.tokens import tokens_of
from compute import store, texts
from compute.errors import HeadscopeError
from compute.jobs import opening


def open_run(set_progress, request: dict) -> dict:
    """Background job: read the requested text with the requested model."""
    asking.check(request)
    named, all_on = (request["model"], request["text"], set_progress), ("", "zero")
    try:
        layers = [request["layers"]] if request.get("layers") else []
        return opening.open_run(*named, *all_on, request.get("part", ""), *layers)
    except opening.NoSuchPart:  # of an address: the page says so (assets/page/address_lost.js)
        return opening.open_run(*named)


def send_tokens(run: dict | None) -> dict:
    """Send the tokens once; hover, search and labels then need no server."""
    if not run:
        raise PreventUpdate
    return tokens_of(run["key"])


def use_text(
    n_clicks: int,
    pasted: str | None,
    uploaded: str | None,
    by: str,
    options: list,
    targets: str | None = None,
    filename: str | None = None,
):
    """Keep the user's own text and choose it; the request follows from the choice."""
    if not n_clicks:
        raise PreventUpdate
    try:
        content = typed.file(uploaded) if uploaded else pasted or ""
        named = {"name": filename} if uploaded and (filename or "").lower().endswith(".tsv") else {}
        given = targets if (targets or "").strip() else None
        text = texts.from_user(content, by=by, targets=given, **named)
        name = texts.save_user(text)
    except HeadscopeError as problem:
        show_problem(str(problem))
        return (no_update,) * 4
    if sentence := store.usage().trouble:
        show_warning(sentence)
    kept = [o for o in options if o["value"] not in (name, "own")]
    count = len(text.passages)
    what = "pair" if text.targets else "passage"
    label = f"{text.title} ({count:,} {what}{'' if count == 1 else 's'})"
    return [*kept, {"value": name, "label": label}, options[-1]], name, False, None


def show_file(uploaded: str | None, filename: str | None) -> list | str:
    """Say which file was chosen."""
    if not uploaded:
        return FILE_PROMPT
    size = len(uploaded.partition(",")[2]) * 3 // 4
    return f"{filename}, {size:,} bytes. It is used instead of pasted text."


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    app.callback(Output("tokens", "data"), Input("run", "data"))(send_tokens)
    app.callback(
        Output("text-select", "options"),
        Output("text-select", "value"),
        Output("text-dialog", "is_open"),
        Output("text-file", "contents"),
        Input("text-use", "n_clicks"),
        State("text-input", "value"),
        State("text-file", "contents"),
        State("text-by", "value"),
        State("text-select", "options"),
        State("text-targets", "value"),
        State("text-file", "filename"),
    )(use_text)
    app.callback(
        Output("text-file", "children"),
        Input("text-file", "contents"),
        State("text-file", "filename"),
    )(show_file)


PART = Part(
    register,
    jobs=(
        Job(
            "opened",
            open_run,
            opened.Run,
            Form(opened.Request, opened.TOO_LONG),
            by="request",
            bar="open",
        ),
    ),
    fields=(
        Field(
            "text-input",
            Form(
                text(texts.LONGEST) | None,
                f"The text is longer than {texts.LONGEST:,} characters. "
                "Cut out the part you want to look at.",
            ),
        ),
        Field(
            "text-targets",
            Form(
                text(texts.LONGEST) | None,
                f"The targets are longer than {texts.LONGEST:,} characters. "
                "Cut out the part you want to look at.",
            ),
        ),
        Field("text-file", file("This file", 4 * texts.LONGEST), prop="contents"),
        Field("text-file", FILE_NAME, prop="filename"),
        Field("text-by", Form(one_of(["auto", "line", "paragraph"]))),
        Field(
            "text-select", Form(Annotated[few(Option, 10_000), Of(min_length=1)]), prop="options"
        ),
    ),
    stores={
        "run": Form(opened.Run | None),
        "selection": Form(opened.Selection | None),
    },
)
