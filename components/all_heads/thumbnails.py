"""Attention of one passage in all heads, as pictures of the size of a tile."""

from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate
from pydantic import model_validator

from components.all_heads.sending import base64_of
from components.forms.fields import Index, Key
from components.forms.opened import OTHER
from components.forms.results import OfText
from components.parts import passage_chooser
from components.parts.browser import in_browser
from components.plots.theme import DARK, LIGHT
from compute import runs
from compute.errors import HeadscopeError
from compute.runs import all_attention

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


def send_attention(asked: dict | None, run: dict | None) -> dict:
    """Send all heads' attention over a passage: `all_attention.LEVELS` times its square root."""
    if not asked or not run or asked["run"] != run["key"]:
        raise PreventUpdate
    data, before = runs.load(run["key"]), (0, 0)
    if asked.get("sentence"):  # its tokens are numbered on after those of the text
        before = len(data.tokens), len(data.keys)
        data = runs.load(asked["sentence"])
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
        Output("all-attention", "data"), Input("all-passage", "data"), State("run", "data")
    )(send_attention)
    passage_chooser.register(app, "all-")
    browser(
        "allShow",
        *(Output(f"all-{name}", "hidden") for name in ("map-tools", "attention-tools")),
        Output("all-title", "children"),
        Input("all-show", "value"),
        Input("all-attention", "data"),
        prevent_initial_call=False,
    )
