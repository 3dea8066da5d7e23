"""Which passage is shown: the one before, the one after, or one by its number."""

from dash import Dash, Input

from components.parts import passage_chooser
from components.parts.browser import in_browser


def register(app: Dash) -> None:
    """Wire it in the browser, which knows where passages begin."""
    browser = in_browser(app)
    browser(
        "showPassage",
        *passage_chooser.shown(),
        Input("selection", "data"),
        Input("tokens", "data"),
        Input("tokens-ghost", "data"),
        Input("run", "data"),
        Input("ghost-input", "value"),
    )
    browser("dropSentence", Input("error-toast", "is_open"), Input("ghost-asked", "data"))
    passage_chooser.register(app)
