"""The added sentence as a passage of its own: it follows the text's last one.

Its tokens are numbered on after those of the text, everywhere on the page and in the address; here
such a number is taken back to the sentence's own run.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
from dash import Dash, Input, Output, State, html

from components.parts.browser import in_browser
from components.parts.controls import field
from components.parts.jobs import job_bar
from components.shown.records import HeadView
from components.shown.tokens import tokens_of
from compute import runs
from compute.errors import HeadscopeError
from compute.matched import paired_attention

GHOSTS = [Input("ghost", "data"), Input("ghost-b", "data")]
"""The sentence as A's model has read it, and as B's has, where that is another."""


Before = Mapping[str, int]
"""How many tokens of a text come before those of the sentence: queries, and keys."""

NONE: Before = {"query": 0, "key": 0}
"""Nothing, where a selection is in the text itself."""

TOKENS = [Input("tokens-ghost", "data"), Input("tokens-ghost-b", "data")]
"""Its tokens in the browser, likewise."""


def of(view: HeadView, ghosts: Iterable[dict | None]) -> str | None:
    """Return the run of the sentence in the view's model; None if that has not read it."""
    own = _read_by(view.key)
    keys = (ghost["key"] for ghost in ghosts if ghost)
    return next((key for key in keys if _read_by(key) == own), None)


def _read_by(key: str) -> tuple[str, str]:
    """Return what tells which model, and which part of it, a run is of."""
    model = runs.load(key).model
    return model.identity, model.part


def shown(
    view: HeadView, selection: dict | None, ghosts: Iterable[dict | None]
) -> tuple[HeadView, dict | None, Before]:
    """Return what a selection is of, the selection there, and how many tokens come before.

    A selection in the text is returned as it is, and so is every one while no sentence is there
    that the view's model has read.
    """
    counts = {"query": len(view.data.tokens), "key": len(view.data.keys)}
    place = selection and (
        selection["token"] if selection["token"] is not None else selection["near"]
    )
    if place is None or place < counts[selection["role"]]:
        return view, selection, NONE
    key = of(view, ghosts)
    if key is None:
        return view, selection, NONE
    return _in(view, key), moved(selection, counts, -1), counts


def _in(view: HeadView, key: str) -> HeadView:
    """Return the same head in the sentence."""
    return replace(view, run=view.run | {"key": key})


def pair(a: HeadView, b: HeadView, selection: dict | None, ghosts: Iterable[dict | None]):
    """Return two views and a selection of A's, all of the sentence if the selection is in there.

    Returns
    -------
    a, b, selection, before
        As `shown`. `b` is None if the sentence is selected and B's model has not read it.
    """
    own, selection, before = shown(a, selection, ghosts)
    if before is NONE:
        return a, b, selection, before
    key = of(b, ghosts)
    return own, None if key is None else _in(b, key), selection, before


def numbered(links: dict, before: Before) -> dict:
    """Return what is sent for the map with the numbers that the page knows."""
    keys = links["keys"] | {"start": links["keys"]["start"] + before["key"]}
    start, selection = links["start"] + before["query"], moved(links["selection"], before)
    return links | {"start": start, "keys": keys, "selection": selection}


def where(view: HeadView, passage: int, before: Before) -> html.Span:
    """Say which passage, or picture, is shown."""
    count = len(view.data.tokens.starts) - 1
    kind = "passage" if view.data.grid is None else "picture"
    said = f" in {kind} {passage + 1} of {count}"
    if before is not NONE:
        said = " in your sentence" + (f", part {passage + 1} of {count}" if count > 1 else "")
    return html.Span(said, className="where")


def moved(selection: dict | None, by: Before, sign: int = 1) -> dict | None:
    """Return a selection whose tokens have numbers that are so much larger, or smaller."""
    if not selection or by is NONE:
        return selection
    other = "key" if selection["role"] == "query" else "query"
    roles = {"token": selection["role"], "near": selection["role"], "other": other}
    tokens = {name: (selection.get(name), sign * by[role]) for name, role in roles.items()}
    return selection | {name: n if n is None else n + more for name, (n, more) in tokens.items()}


def send(ghost: dict | None) -> dict | None:
    """Send the sentence's tokens, once, with the model that has read it, and its part."""
    if not ghost:
        return None
    part = runs.load(ghost["key"]).model.part
    return tokens_of(ghost["key"]) | {"identity": ghost["identity"], "part": part}


def send_other(ghost: dict | None, other: dict | None) -> dict | None:
    """Send its tokens as B's model has them, and which of A's they belong to.

    Returns
    -------
    dict or None
        As `send`; ``of_a`` and ``of_b`` hold each token's counterpart in the other (-1 without).
    """
    if not ghost or not other:
        return None
    try:
        found = paired_attention.crossings(ghost["key"], other["key"])
    except HeadscopeError:  # in other parts, or in tokens that none can match
        found = tuple(np.full(len(runs.load(each["key"]).tokens), -1) for each in (ghost, other))
    of_a, of_b = (each.tolist() for each in found)
    return send(other) | {"of_a": of_a, "of_b": of_b}


def controls() -> list:
    """Return the field for it, and what is there while it is read, and while there is one."""
    typed = field(
        "Add a sentence",
        "ghost-input",
        "Add a sentence to the map",
        quiet=True,
        debounce=True,
        maxlength=2000,
    )
    return [typed, _remove(), job_bar("ghost")]


def _remove() -> html.Span:
    """Return the button that takes the sentence away; there while one is read, or was."""
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
    app.callback(Output("tokens-ghost", "data"), GHOSTS[0])(send)
    app.callback(Output("tokens-ghost-b", "data"), *GHOSTS)(send_other)
    browser(
        "showSentence",
        Output("ghost-there", "hidden"),
        *TOKENS,
        State("ghost-sentence", "data"),
    )
    browser("removeSentence", Output("ghost-input", "value"), Input("ghost-remove", "n_clicks"))
