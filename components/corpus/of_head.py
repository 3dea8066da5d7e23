"""What the open head does in a corpus: the views of the stage, each asked for while it is shown."""

import numpy as np
from dash import Dash, Input, Output, State, html
from dash.exceptions import PreventUpdate

from components.corpus import bins, examples, figures, tables, words
from components.corpus.tables import Looked
from components.corpus.views import OF_HEAD, slice_of
from components.parts.browser import in_browser
from components.plots.theme import inert
from components.shown import corpora, typed
from compute import runs
from compute.corpus import findings, views
from compute.corpus.findings import Findings
from compute.corpus.views import HeadView
from compute.limits import LAYER
from compute.store import Recent

VIEWS = tuple(name for name, *_ in OF_HEAD)
TOLD = ("largest", "previous", "duplicate", "induction", "distance", "entropy")
_SEEN: Recent[HeadView] = Recent(4)
"""What was read last: its other views need not read it again."""
NOT_HERE = "Nothing is kept of this head in these findings."


def opened(at: dict | None) -> Findings | None:
    """Return the findings that a head is looked at in; None if they are gone or of others."""
    if not at:
        return None
    run = runs.load(at["run"])
    found = findings.FINDINGS.get(at["name"])
    fits = found is not None and found.about["identity"] == run.model.identity
    return found if fits and found.mean.shape[2:] == (run.model.layers, run.model.heads) else None


def view_of(at: dict) -> HeadView | None:
    """Return what is kept of a head."""
    name = at["name"], name_of(at)
    view = _SEEN.get(*name) or views.view(at["name"], at["layer"], at["head"])
    if view is not None:
        _SEEN.put(view, *name)
    return view


def name_of(at: dict) -> str:
    """Return the head's name, such as L5H1."""
    return f"L{at['layer']}H{at['head']}"


def _both(at: dict | None) -> tuple[Findings, HeadView | None]:
    found = opened(at)
    if found is None:
        raise PreventUpdate
    return found, view_of(at)


def tell_head(at: dict | None, part: str | None):
    """Name the open head and say some of its scores; title, facts."""
    found = opened(at)
    if found is None:
        raise PreventUpdate
    part = slice_of(part, found)
    where = f"in the slice “{part}”" if part else "over the corpus"
    looked = Looked(found, (at["layer"], at["head"]), part)
    return f"{name_of(at)} {where}", tables.facts(looked, TOLD)


def draw_examples(at: dict | None, group: str, shade: str):
    """List passages of the open head; rows, note, what a word looks at."""
    _, view = _both(at)
    if view is None:
        return html.P(NOT_HERE, className="note"), "", ""
    rows = examples.listed(view, group, shade, name_of(at))
    return rows, examples.said(view, group), words.POINT if examples.chosen(view, group) else ""


def draw_spread(at: dict | None, theme: str):
    """Draw the open head's histograms."""
    found, view = _both(at)
    if view is None:
        return figures.nothing(theme == "dark"), NOT_HERE
    figure = figures.histograms(bins.of(view), name_of(at), theme == "dark")
    return figure, f"{name_of(at)}, all of “{found.about['corpus']}”."


def draw_tokens(at: dict | None) -> list:
    """List the open head's tokens and pairs."""
    _, view = _both(at)
    return tables.tokens(view) if view else [html.P(NOT_HERE, className="note")]


def draw_classes(at: dict | None, theme: str):
    """Draw the open head's attention between classes; figure, note."""
    found, view = _both(at)
    if view is None or not view.classes:
        return figures.nothing(theme == "dark"), NOT_HERE
    numbers = view.attention, view.chance
    details = _details(*numbers, view.classes)
    figure = figures.classes(*numbers, view.classes, details, name_of(at), theme == "dark")
    return figure, f"{name_of(at)}, all of “{found.about['corpus']}”. Rows look at columns."


def _details(attention: np.ndarray, chance: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    texts = np.empty(attention.shape, object)
    for at in np.ndindex(attention.shape):
        query, key = (inert(names[i]) for i in at)
        texts[at] = f"<b>{query}</b> → <b>{key}</b><br>"
        known = np.isfinite(attention[at]) and np.isfinite(chance[at])
        said = f"attention {attention[at]:.3f}, chance {chance[at]:.3f}"
        texts[at] += said if known else "no evidence"
    return texts


def draw_beside(at, part, name, other, layer, head):
    """Compare the open head with any head in any findings: all scores, and both lists."""
    found = opened(at)
    if found is None or not name:
        raise PreventUpdate
    right = corpora.every(name)
    if right is None:
        return html.P(words.CHANGED, className="note")
    place = tuple(
        at[what] if (value := typed.whole(given, what.title(), LAYER)) is None else value
        for what, given in (("layer", layer), ("head", head))
    )
    if not all(0 <= n < most for n, most in zip(place, right.mean.shape[2:], strict=True)):
        return html.P(words.NO_HEAD.format(*place, *right.mean.shape[2:]), className="note")
    one = Looked(found, (at["layer"], at["head"]), slice_of(part, found))
    two = Looked(right, place, slice_of(other, right))
    right_at = {"name": name, "layer": place[0], "head": place[1]}
    lists = [_list(looked, view_of(of)) for looked, of in ((one, at), (two, right_at))]
    if one.title == two.title:
        return html.P(words.SAME, className="note")
    titles = html.P(f"Left: {one.title}. Right: {two.title}.", className="note")
    return [titles, tables.beside(one, two), html.Div(lists, className="corpus-lists")]


def _list(looked: Looked, view: HeadView | None) -> html.Div:
    if view is None:
        return html.Div([html.H3(looked.title), html.P(NOT_HERE, className="note")])
    # Where many passages share one largest attention there are hardly any tenths.
    group = examples.EVERY if len(examples.chosen(view, examples.EVERY)) > 2 else examples.TOP
    rows = examples.listed(view, group, "looks", looked.title, links=False)
    return html.Div([html.H3(looked.title), *rows], className="corpus-list")


def register(app: Dash) -> None:
    """Wire the views."""
    at = {name: Input(f"corpus-at-{name}", "data") for name in ("head", *VIEWS)}
    theme, part = Input("theme", "data"), Input("corpus-part", "value")
    app.callback(
        Output("corpus-head-title", "children"), Output("corpus-head-said", "children"),
        at["head"], part,
    )(tell_head)  # fmt: skip
    app.callback(
        *(Output(id, "children") for id in
          ("corpus-examples", "corpus-examples-note", "corpus-told")),
        at["examples"], Input("corpus-group", "value"), Input("corpus-shade", "value"),
    )(draw_examples)  # fmt: skip
    for name, draw in (("spread", draw_spread), ("classes", draw_classes)):
        app.callback(
            Output(f"corpus-{name}", "figure"), Output(f"corpus-{name}-note", "children"),
            at[name], theme,
        )(draw)  # fmt: skip
    app.callback(Output("corpus-tokens-of", "children"), at["tokens"])(draw_tokens)
    app.callback(
        Output("corpus-beside", "children"),
        at["beside"],
        part,
        *(Input(f"corpus-b-{name}", "value") for name in ("found", "part", "layer", "head")),
    )(draw_beside)
    in_browser(app)(
        "corpusAt",
        *(Output(f"corpus-at-{name}", "data") for name in ("head", *VIEWS)),
        Input("corpus-found", "value"),
        Input("corpus-head", "data"),
        Input("corpus-view", "value"),
        *(State(f"corpus-at-{name}", "data") for name in ("head", *VIEWS)),
    )
