"""Opening a model with a text: the job, the user's own text, and what the top bar says of it."""

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from components.links import asking
from components.page.dialogs import FILE_PROMPT
from components.parts import typed
from components.parts.controls import hand_over, job_options
from components.parts.errors import show_problem, show_warning
from compute import runs, store, texts
from compute.errors import HeadscopeError
from compute.jobs import opening


def open_run(set_progress, request: dict) -> dict:
    """Background job: read the requested text with the requested model."""
    asking.check(request)
    return opening.open_run(request["model"], request["text"], set_progress)


def send_tokens(run: dict | None) -> dict:
    """Send the tokens once; hover, search and labels then need no server."""
    if not run:
        raise PreventUpdate
    return tokens_of(run["key"])


def tokens_of(key: str) -> dict:
    """Return what the page needs to know of a run's tokens."""
    tokens = runs.load(key).tokens
    return {
        "run": key,
        "strings": tokens.strings,
        "passage": tokens.passage.tolist(),
        "starts": tokens.starts.tolist(),
        "special": tokens.special.nonzero()[0].tolist(),
    }


def use_text(n_clicks: int, pasted: str | None, uploaded: str | None, by: str, options: list):
    """Keep the user's own text and choose it; the request follows from the choice."""
    if not n_clicks:
        raise PreventUpdate
    try:
        content = typed.file(uploaded) if uploaded else pasted or ""
        text = texts.from_user(content, by=by)
        name = texts.save_user(text)
    except HeadscopeError as problem:
        show_problem(str(problem))
        return (no_update,) * 4
    if sentence := store.usage().trouble:
        show_warning(sentence)
    kept = [o for o in options if o["value"] not in (name, "own")]
    count = len(text.passages)
    label = f"{text.title} ({count:,} {'passage' if count == 1 else 'passages'})"
    return [*kept, {"value": name, "label": label}, options[-1]], name, False, None


def show_file(uploaded: str | None, filename: str | None) -> list | str:
    """Say which file was chosen."""
    if not uploaded:
        return FILE_PROMPT
    size = len(uploaded.partition(",")[2]) * 3 // 4
    return f"{filename}, {size:,} bytes. It is used instead of pasted text."


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    hand_over(app, "opened")
    app.callback(
        Output("opened-result", "data"),
        Input("request", "data"),
        **job_options("open"),
    )(open_run)
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
    )(use_text)
    app.callback(
        Output("text-file", "children"),
        Input("text-file", "contents"),
        State("text-file", "filename"),
    )(show_file)
