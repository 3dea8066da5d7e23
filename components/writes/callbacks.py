"""Wires the view "What it writes": what is asked, what is drawn of what is known so far."""

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from components.parts.browser import in_browser
from components.writes import figures, tables, words
from compute import runs
from compute.errors import HeadscopeError
from compute.jobs import writing
from compute.runs import Run
from compute.store import Stored
from compute.writes.at_place import WRITTEN
from compute.writes.over_text import OVERALL
from compute.writes.refusals import refusal


def explain(set_progress, asked: dict) -> dict:
    """Background job: what a head writes at a place, if one is asked for, then over the text."""
    of = {name: asked[name] for name in ("run", "layer", "head")}
    seen = of | {"passage": None, "place": None, "text": None}
    told: list[dict | None] = [None]

    def report(state: tuple[float, str]) -> None:
        set_progress((*state, told[0]))

    at, options = (asked["layer"], asked["head"]), {"hide": asked["hide"]}
    needs = []
    if where := _place(asked):
        name = writing.at_place(asked["run"], *at, *where, options, report)
        seen |= {"passage": where[0], "place": name}
        needs.append(WRITTEN.ref(name))
        told[0] = dict(seen)
        report((0, "The whole text …"))
    name = writing.over_text(asked["run"], *at, options, report)
    return seen | {"text": name, "needs": [*needs, OVERALL.ref(name)]}


def _place(asked: dict) -> tuple[int, int] | None:
    """Return passage and place from 0; None where neither is asked for."""
    passage, place = asked["passage"], asked["place"]
    if passage is None and place is None:
        return None
    if passage is None or place is None:
        raise HeadscopeError(words.HALF)
    run = runs.load(asked["run"])
    passages = len(run.tokens.starts) - 1
    if passage > passages:
        raise HeadscopeError(f"There is no passage {passage:,}: this text has {passages:,}.")
    span = run.span(passage - 1)
    count = span.stop - span.start
    if place >= count:
        raise HeadscopeError(
            f"Passage {passage:,} has no token {place:,}: its last one is {count - 1:,}."
        )
    return passage - 1, place


def allow(run: dict | None):
    """Say at once where a model's heads can't be looked at.

    Returns
    -------
    the refusal, whether it is hidden, whether what asks is hidden, whether the mask is
    """
    if not run:
        raise PreventUpdate
    info = runs.load(run["key"]).model
    why = refusal(info)
    return why, not why, bool(why), info.causal or info.mask_id is None


def draw(seen: dict | None, at: dict | None, theme: str, run: dict | None):
    """Draw what is known of the open head.

    Returns
    -------
    said, place hidden, its sentence, bars, its note, its check, options of the words, text hidden,
    its sentence, table, its check
    """
    if not at or not run or at["run"] != run["key"]:
        raise PreventUpdate
    known = runs.load(run["key"])
    here, whole = _of("place", WRITTEN, seen, at), _of("text", OVERALL, seen, at)
    if here is None and whole is None:
        lead = words.AGAIN if seen and seen["run"] == at["run"] else words.EMPTY
        return (
            lead.format(at["layer"], at["head"]),
            True,
            *[no_update] * 5,
            True,
            *[no_update] * 3,
        )
    return (
        "" if here is not None else words.NO_PLACE,
        *_drawn_place(here, seen["passage"], known, theme == "dark"),
        *_drawn_text(whole, known),
    )


def _drawn_place(found, passage: int, run: Run, dark: bool) -> tuple:
    if found is None:
        return True, *[no_update] * 5
    comes = words.comes(run)
    return (
        False,
        words.place(found, passage, run),
        figures.bars(found, comes, dark),
        words.place_note(found),
        words.place_check(found),
        tables.options(found, comes),
    )


def _drawn_text(found, run: Run) -> tuple:
    if found is None:
        return True, *[no_update] * 3
    return False, words.text(found, run), tables.tokens(found), words.text_check(found)


def draw_words(seen: dict | None, chosen: str | None, at: dict | None, run: dict | None):
    """Shade the words of the passage by what each gave to the chosen token."""
    found = _of("place", WRITTEN, seen, at)
    if found is None or not run:
        raise PreventUpdate
    known = runs.load(run["key"])
    labels = {each["value"]: each["label"] for each in tables.options(found, words.comes(known))}
    name = chosen if chosen in labels else next(iter(labels))
    shaded, note = tables.words(found, seen["passage"], known, name, labels[name])
    return shaded, note, name if name != chosen else no_update


def _of(what: str, store: Stored, seen: dict | None, at: dict | None) -> object | None:
    same = seen and at and all(seen[name] == at[name] for name in ("run", "layer", "head"))
    return store.get(seen[what]) if same and seen[what] else None


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    seen, head, run = (
        Input("why-writes-seen", "data"),
        Input("why-head", "data"),
        State("run", "data"),
    )
    app.callback(
        Output("why-writes-refused", "children"),
        Output("why-writes-refused", "hidden"),
        Output("why-writes-ask", "hidden"),
        Output("why-writes-hide-box", "hidden"),
        Input("why-run", "data"),
    )(allow)
    app.callback(
        Output("why-writes-said", "children"),
        Output("why-writes-here-panel", "hidden"),
        Output("why-writes-lead", "children"),
        Output("why-writes-bars", "figure"),
        Output("why-writes-note", "children"),
        Output("why-writes-check", "children"),
        Output("why-writes-of", "options"),
        Output("why-writes-over-panel", "hidden"),
        Output("why-writes-over-lead", "children"),
        Output("why-writes-table", "children"),
        Output("why-writes-over-check", "children"),
        seen,
        head,
        Input("theme", "data"),
        run,
    )(draw)
    app.callback(
        Output("why-writes-words", "children"),
        Output("why-writes-words-note", "children"),
        Output("why-writes-of", "value"),
        seen,
        Input("why-writes-of", "value"),
        head,
        run,
    )(draw_words)
    browser = in_browser(app)
    place = [f"why-writes-{name}" for name in ("passage", "token")]
    browser(
        "writesArrive",
        *(Output(id, "value") for id in place),
        Input("stage-select", "value"),
        Input("why-view", "value"),
        Input("why-run", "data"),
        *(State(id, "value") for id in place),
        prevent_initial_call=False,
    )
    browser(
        "writesAsk",
        Output("why-writes-asked", "data"),
        Input("why-writes-start", "n_clicks"),
        State("why-run", "data"),
        State("why-head", "data"),
        *(State(id, "value") for id in (*place, "why-writes-hide")),
    )
    browser(
        "writesSeen",
        Output("why-writes-seen", "data"),
        Input("why-writes-frame", "data"),
        Input("why-writes", "data"),
        State("why-writes-seen", "data"),
    )
