"""The added sentence as a passage of its own: it follows the text's last one.

Its tokens are numbered on after those of the text, everywhere on the page and in the address; here
such a number is taken back to the sentence's own run.
"""

from dataclasses import replace

from dash import Dash, Input, Output, html

from components.parts.browser import in_browser
from components.parts.records import HeadView
from components.parts.tokens import tokens_of
from compute import runs

GHOST = Input("ghost", "data")


def shown(
    view: HeadView, selection: dict | None, ghost: dict | None
) -> tuple[HeadView, dict | None, int]:
    """Return what a selection is of, the selection there, and how many tokens come before.

    A selection in the text is returned as it is, and so is every one while no sentence is there
    that the view's model has read.
    """
    count = len(view.data.tokens)
    place = selection and (
        selection["token"] if selection["token"] is not None else selection["near"]
    )
    if not ghost or place is None or place < count:
        return view, selection, 0
    if runs.load(ghost["key"]).model.identity != view.data.model.identity:
        return view, selection, 0
    own = replace(view, run=view.run | {"key": ghost["key"]})
    return own, moved(selection, -count), count


def pair(a: HeadView, b: HeadView, selection: dict | None, ghost: dict | None):
    """Return two views and a selection of A's, all of the sentence if the selection is in there.

    Returns
    -------
    a, b, selection, before
        As `shown`. `b` is None if the sentence is selected and B's model has not read it.
    """
    own, selection, before = shown(a, selection, ghost)
    if not before:
        return a, b, selection, 0
    same = a.data.model.identity == b.data.model.identity
    return own, replace(b, run=b.run | {"key": own.key}) if same else None, selection, before


def numbered(links: dict, before: int) -> dict:
    """Return what is sent for the map with the numbers that the page knows."""
    selection = moved(links["selection"], before)
    return links | {"start": links["start"] + before, "selection": selection} if before else links


def where(view: HeadView, passage: int, before: int) -> html.Span:
    """Say which passage is shown."""
    count = len(view.data.tokens.starts) - 1
    said = f" in passage {passage + 1} of {count}"
    if before:
        said = " in your sentence" + (f", part {passage + 1} of {count}" if count > 1 else "")
    return html.Span(said, className="where")


def moved(selection: dict | None, by: int) -> dict | None:
    """Return a selection whose tokens have other numbers."""
    if not selection:
        return selection
    tokens = {name: selection.get(name) for name in ("token", "other", "near")}
    return selection | {name: n if n is None else n + by for name, n in tokens.items()}


def send(ghost: dict | None) -> dict | None:
    """Send the sentence's tokens, once."""
    return tokens_of(ghost["key"]) | {"identity": ghost["identity"]} if ghost else None


def remove() -> html.Span:
    """Return the button that takes the sentence away; there only while there is one."""
    said = "Take your sentence away"
    cross = html.Button(
        "×",
        id="ghost-remove",
        className="btn btn-sm btn-outline-secondary",
        title=said,
        **{"aria-label": said},
    )
    return html.Span(cross, id="ghost-there", hidden=True)


def register(app: Dash) -> None:
    """Wire it."""
    browser = in_browser(app)
    app.callback(Output("tokens-ghost", "data"), GHOST)(send)
    browser("showSentence", Output("ghost-there", "hidden"), Input("tokens-ghost", "data"))
    browser("removeSentence", Output("ghost-input", "value"), Input("ghost-remove", "n_clicks"))
