"""Attention of one passage in all heads, as pictures of the size of a tile."""

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from pydantic import model_validator

from components.all_heads.sending import base64_of
from components.forms.fields import Index, Key
from components.forms.form import Form
from components.forms.opened import OTHER
from components.forms.results import DoneOfText, OfText
from components.parts import passage_chooser
from components.parts.browser import in_browser
from components.parts.jobs import Job
from components.plots.theme import DARK, LIGHT
from compute import runs
from compute.attention import all_attention
from compute.errors import HeadscopeError
from compute.jobs import scoring

SHOWN = [("maps", "maps"), ("attention", "attention")]
HEATS = [
    ("one", "0 to 1"),
    ("log", "logarithmic"),
    ("head", "each head to its most"),
]


class Passage(OfText):
    """A passage of a text, the first of which is 0.

    Attributes
    ----------
    sentence : str or None
        The run of an added sentence, if the passage is in there.
    """

    passage: Index
    sentence: Key | None = None

    @model_validator(mode="after")
    def there(self) -> "Passage":
        """Refuse a passage that the text doesn't have, and what another model has read."""
        text = runs.load(self.run)
        of = runs.load(self.sentence) if self.sentence else text
        if of.model != text.model or self.passage >= len(of.tokens.starts) - 1:
            raise HeadscopeError(OTHER)
        return self


class Drawn(DoneOfText):
    """All heads' pictures of a long passage, which a job has made."""


def draw(set_progress, wanted: dict) -> dict:
    """Background job: all heads' attention over a passage of thousands of tokens."""
    key = wanted.get("sentence") or wanted["run"]
    needs = scoring.draw_all_heads(key, wanted["passage"], set_progress)
    return {"run": wanted["run"], "needs": needs}


def show(asked: dict | None, _drawn: dict | None, run: dict | None):
    """Send all heads' attention, or have a job draw that of a long passage first."""
    sent = send_attention(asked, run)
    return (no_update, asked) if sent is None else (sent, no_update)


def send_attention(asked: dict | None, run: dict | None) -> dict | None:
    """Send all heads' attention over a passage: `all_attention.LEVELS` times its square root.

    None while that of a long passage is not there.
    """
    if not asked or not run or asked["run"] != run["key"]:
        raise PreventUpdate
    data, before = runs.load(run["key"]), (0, 0)
    if asked.get("sentence"):  # its tokens are numbered on after those of the text
        before = len(data.tokens), len(data.keys)
        data = runs.load(asked["sentence"])
    if all_attention.is_long(data, asked["passage"]):
        data.check_all()
        kept = all_attention.KEPT.get(all_attention.key(data.key, asked["passage"]))
        if kept is None:
            return None
        found = kept.levels
    else:
        found = all_attention.of_all_heads(data, asked["passage"])
    spans = data.span(asked["passage"]), data.key_span(asked["passage"])
    queries, keys = (
        {"start": more + span.start, "count": span.stop - span.start}
        for more, span in zip(before, spans, strict=True)
    )
    return asked | {
        "layers": data.model.layers,
        "heads": data.model.heads,
        **queries,
        "keys": keys,
        "rows": found.shape[-2],
        "columns": found.shape[-1],
        "levels": base64_of(found),
        "shades": {"light": LIGHT.attention, "dark": DARK.attention},
    }


JOB = Job(
    "all-attention-drawn",
    draw,
    Drawn,
    Form(Passage),
    by="all-attention-wanted",
    bar="all-attention",
)


def register(app: Dash) -> None:
    """Wire the pictures to the page."""
    browser = in_browser(app)
    browser(
        "allPassage",
        Output("all-passage", "data"),
        *passage_chooser.shown("all-"),
        Input("stage-select", "value"),
        Input("all-show", "value"),
        Input("tokens", "data"),
        Input("tokens-ghost", "data"),
        Input("selection", "data"),
        State("all-passage", "data"),
        prevent_initial_call=False,
    )
    app.callback(
        Output("all-attention", "data"),
        Output("all-attention-wanted", "data"),
        Input("all-passage", "data"),
        Input("all-attention-drawn", "data"),
        State("run", "data"),
    )(show)
    passage_chooser.register(app, "all-")
    browser(
        "allShow",
        *(Output(f"all-{name}", "hidden") for name in ("map-tools", "attention-tools")),
        Output("all-title", "children"),
        Input("all-show", "value"),
        Input("all-attention", "data"),
        prevent_initial_call=False,
    )
