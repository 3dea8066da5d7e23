"""What is asked for: a corpus, dropped or chosen, and the job that measures all heads over it."""

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from components.corpus.stage import DROP, source
from components.parts.browser import in_browser
from components.parts.errors import show_problem, show_warning
from components.shown import typed
from compute import store
from compute.corpora import keep
from compute.errors import HeadscopeError
from compute.jobs import corpora
from compute.jobs.aside import spread

FIELDS = ("which", "field", "by", "slices", "tokens", "loss", "rules")


@spread
def measure(set_progress, asked: dict) -> dict:
    """Background job: all heads of the open model over a corpus."""
    return corpora.measure(asked, set_progress)


def keep_files(contents: list | None, names: list | None, options: list):
    """Keep the texts that the browser sent, and choose them.

    Returns
    -------
    options, value, contents
    """
    if not contents:
        raise PreventUpdate
    try:
        if len(names or ()) != len(contents):
            raise HeadscopeError("The texts came without their names. Choose them again.")
        files = [(name, typed.file(each)) for name, each in zip(names, contents, strict=True)]
        name = keep(files)
    except HeadscopeError as problem:
        show_problem(str(problem))
        return no_update, no_update, None
    if sentence := store.usage().trouble:
        show_warning(sentence)
    label = names[0] + (f" and {len(names) - 1:,} more" if len(names) > 1 else "")
    known = [each for each in options if each["value"] not in (name, DROP)]
    return [*known, {"value": name, "label": label}, options[-1]], name, None


def register(app: Dash) -> None:
    """Wire the panel."""
    browser = in_browser(app)
    app.callback(
        Output("corpus-which", "options"),
        Output("corpus-which", "value"),
        Output("corpus-files", "contents"),
        Input("corpus-files", "contents"),
        State("corpus-files", "filename"),
        State("corpus-which", "options"),
    )(keep_files)
    app.callback(Output("corpus-source", "children"), Input("corpus-which", "value"))(source)
    browser(
        "corpusFields",
        *(Output(f"corpus-{name}-box", "hidden") for name in ("drop", "slices", "loss")),
        Input("corpus-which", "value"),
        Input("corpus-by", "value"),
        Input("corpus-run", "data"),
        prevent_initial_call=False,
    )
    browser(
        "corpusAsk",
        Output("corpus-measured-asked", "data"),
        Input("corpus-start", "n_clicks"),
        State("corpus-run", "data"),
        *(State(f"corpus-{name}", "value") for name in FIELDS),
    )
