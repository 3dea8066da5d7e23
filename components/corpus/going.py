"""From the corpus to one text: its sample as a whole, or the passage of an example."""

from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from components.corpus.of_head import opened, view_of
from components.parts.browser import in_browser
from compute import texts
from compute.errors import HeadscopeError
from compute.jobs import corpora

GONE = "This passage is not kept any more. Choose the findings again."


def sample(set_progress, asked: dict) -> dict:
    """Background job: the sample of the findings as a text."""
    return corpora.sample(asked["name"], set_progress)


def keep_sequence(asked: dict | None) -> dict:
    """Keep the passage of an example as a text; say what to open, and which query to select."""
    if not asked:
        raise PreventUpdate
    found = opened(asked)
    view = view_of(asked) if found else None
    if view is None or asked["number"] >= len(view.examples):
        raise HeadscopeError(GONE)
    example = view.examples[asked["number"]]
    title = f"Passage of “{found.about['corpus']}”"
    name = texts.save_user(texts.from_user(example.text, name=title, by="line"))
    return {"text": name, "query": example.place}


def register(app: Dash) -> None:
    """Wire both ways; the browser opens the text in the stage Heads."""
    browser = in_browser(app)
    browser(
        "corpusSample",
        Output("corpus-sampled-asked", "data"),
        Input("corpus-sample", "n_clicks"),
        State("corpus-found", "value"),
    )
    app.callback(Output("corpus-going", "data"), Input("corpus-sequence", "data"))(keep_sequence)
    browser("corpusGo", Input("corpus-sampled", "data"))
    browser("corpusGoTo", Input("corpus-going", "data"))
    browser("corpusArrive", Input("run", "data"))
