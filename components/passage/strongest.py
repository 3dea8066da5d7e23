"""Where the open head is strongest: the first passages of an order, with what made them so."""

import json

import numpy as np
from dash import Dash, Input, Output, html, no_update

from components.forms.fields import Flag, Index, Key, Needs, Record, one_of
from components.forms.form import Form
from components.forms.opened import Head
from components.parts.browser import in_browser
from components.parts.controls import labelled, select
from components.parts.jobs import Job, job_bar
from components.pictures import serving
from compute import runs
from compute.errors import HeadscopeError
from compute.jobs import scoring
from compute.pictures import encoding
from compute.runs import Run
from compute.scores import heads, strongest_passages
from compute.scores.cross_scores import described
from compute.scores.strongest_passages import LARGEST, Strongest

CLOSED = "off"
BY = [
    (CLOSED, "Where this head is strongest …"),
    ("score", "Strongest: its main score"),
    ("largest", "Strongest: largest attention"),
    ("token", "Strongest: selected token"),
]
LAID = "Laid over: how much of it each patch gives, the most of each picture in the full colour."
LAID_LARGEST = "Laid over: where that patch looks, the most in the full colour."
COUNT, WORDS = 8, 8
"""Passages that are listed, and how many of one's words, at most."""


class Asked(Head):
    """An order of the passages; `scored` and `found` say what is there since it was asked for."""

    by: one_of(value for value, _ in BY[1:])
    token: Index | None
    scored: Flag
    found: Key | None


class Wanted(Head):
    """An order that is work for a job: a measure's name, or a token's id."""

    measure: Index | one_of(strongest_passages.MEASURES)


class Found(Record):
    """An order that a job has found."""

    name: Key
    needs: Needs


def menu() -> html.Div:
    """Return the selector of orders."""
    return labelled("Strongest passages of this head", select("strongest-by", BY), quiet=True)


def place() -> list:
    """Return where the list stands, once there is one."""
    return [
        job_bar("strongest"),
        html.Div(id="strongest", className="strongest", hidden=True, role="region"),
    ]


def measure(set_progress, wanted: dict) -> dict:
    """Background job: order the passages of a long text."""
    at = wanted["run"], wanted["layer"], wanted["head"], wanted["measure"]
    needs = scoring.find_strongest(*at, set_progress)
    return {"name": needs[0][1], "needs": needs}


def draw(asked: dict | None):
    """List the strongest passages.

    Returns
    -------
    children, hidden, wanted
        `wanted` starts the job, where that is needed.
    """
    if not asked:
        return [], True, no_update
    run, at = runs.load(asked["run"]), (asked["layer"], asked["head"])
    by, said = _measure(run, asked)
    if by is None:
        return _note(said), False, no_update
    if strongest_passages.pairs(run) <= strongest_passages.AT_ONCE:
        found = strongest_passages.find(run, *at, by)
    else:
        found = strongest_passages.FOUND.get(strongest_passages.key(run.key, *at, by))
    if run.grid is not None:
        said += f" {LAID_LARGEST if by == LARGEST else LAID}"
    if found is None:
        wanted = {"run": run.key, "layer": at[0], "head": at[1], "measure": by}
        return _note(f"{said} Looking through all passages …"), False, wanted
    first = found.first(COUNT)
    if not len(first):
        return _note(f"{said} No passage of this text has what that asks for."), False, no_update
    entries = [html.Li(_entry(run, at, by, found, int(passage))) for passage in first]
    return [*_note(said), html.Ol(entries)], False, no_update


def _note(said: str) -> list:
    return [html.P(said, className="note")]


def _measure(run: Run, asked: dict) -> tuple[str | int | None, str]:
    """Return what passages are ordered by, None if nothing; and what it is in words."""
    name = f"L{asked['layer']}H{asked['head']}"
    if asked["by"] == "largest":
        said = "By the largest attention between two ordinary tokens of a passage: "
        return LARGEST, f"{name}. {said}max a(i, j){', i ≠ j' if run.square else ''}."
    if asked["by"] == "token":
        return _token(run, asked, name)
    scores = heads.SCORES.get(heads.key(run.key))
    if scores is None:
        return None, "The heads' scores are still being measured. The list comes by itself."
    best = strongest_passages.clearest(scores, asked["layer"], asked["head"])
    if best is None:
        return None, "This text has nothing that a score could be measured by. Take a longer one."
    score, unit = described(best.name), "passage" if run.grid is None else "picture"
    said = f"{name} stands out most by “{score.title}”: {best.value:.2f}, "
    said += f"rank {best.rank} of {best.heads} heads. The same per {unit}: "
    return best.name, f"{said}{score.definition.rpartition(chr(10))[2]}."


def _token(run: Run, asked: dict, name: str) -> tuple[int | None, str]:
    token = asked["token"]
    if token is None and not run.square:
        return None, "Select a key first: click a word of the encoder, or its point in the map."
    if token is None:
        return None, "Select a token first: click a word, a point of the map or a cell."
    if token >= len(run.keys):
        raise HeadscopeError("The selected token is not of this text. Select one again.")
    said = f"{name}. What “{run.keys.strings[token]}” gets from an ordinary token i: "
    said += f"mean of Σ a(i, j), token j = this one{', j ≠ i' if run.square else ''}."
    return int(run.keys.ids[token]), said


def _entry(run: Run, at: tuple[int, int], by: str | int, found: Strongest, passage: int):
    """Return a button that opens a passage: its number, its value, its words shaded."""
    kind = ("pair" if by == LARGEST else "token") + ("" if found.n[passage] == 1 else "s")
    of = f"{'largest' if by == LARGEST else 'mean'} of {found.n[passage]:,} {kind}"
    if by == LARGEST and not run.square and found.query[passage] >= 0:  # it is not among the words
        of += f", from “{run.tokens.strings[found.query[passage]]}”"
    name = f"Passage {passage + 1:,}"
    if run.grid is not None:
        name = f"Picture {passage + 1:,}, “{run.labels[passage]}”"
    head = [
        html.B(name),
        html.Span(f" · {found.value[passage]:.2f}", className="value"),
        html.Span(f" · {of}"),
    ]
    said = json.dumps(_selection(run, by, found, passage))
    shown = (
        _words(run, at, by, found, passage) if run.grid is None else _picture(run, at, by, passage)
    )
    parts = [html.Span(head, className="head"), *shown]
    return html.Button(parts, className="strong", **{"data-selection": said})


def _selection(run: Run, by: str | int, found: Strongest, passage: int) -> dict:
    """Return what a click selects: the pair, the key that gets most, or the passage."""
    pair = {"query": int(found.query[passage]), "key": int(found.key[passage])}
    if by == LARGEST and pair["query"] >= 0:
        return {"role": "query", "token": pair["query"], "other": pair["key"]}
    if isinstance(by, int) and pair["key"] >= 0:
        return {"role": "key", "token": pair["key"]}
    return {"role": "query", "token": None, "near": run.span(passage).start}


def _picture(run: Run, at: tuple[int, int], by: str | int, passage: int) -> list[html.Span]:
    """Return a picture with what is measured laid over, the most of it in the full colour."""
    grid = run.grid
    shades = strongest_passages.shades(run, *at, by, passage)[len(grid.before) :]
    laid = encoding.url(encoding.laid_over(shades.reshape(grid.rows, grid.columns)))
    images = [html.Img(src=src, alt="") for src in (serving.address(run.key, passage), laid)]
    return [html.Span(images, className="laid-over")]


def _words(run: Run, at: tuple[int, int], by: str | int, found: Strongest, passage: int) -> list:
    shades = strongest_passages.shades(run, *at, by, passage)
    side = run.keys if by == LARGEST else run.tokens
    start, m = side.span(passage).start, len(shades)
    query = found.query[passage] if by == LARGEST and run.square else -1
    middle = shades.argmax()
    if query >= 0 and abs(query - start - middle) < WORDS - 1:  # both of a pair, where they fit
        middle = (query - start + middle) // 2
    first = int(np.clip(middle - WORDS // 2, 0, max(0, m - WORDS)))
    last = min(m, first + WORDS)
    words = ["… "] if first else []
    for i in range(first, last):
        token, looked = start + i, False
        if isinstance(by, int):
            looked = run.square and run.tokens.ids[token] == by
        elif by == LARGEST:
            looked = token == found.key[passage]
        role = " of-query" if token == query else " of-key" if looked else ""
        share = f"{85 * min(1.0, float(shades[i])):.0f}%"
        shade = {"style": {"--w": share}} if share != "0%" else {}
        words += [html.Span(side.strings[token], className=f"shaded{role}", **shade), " "]
    return [*words, "…"] if last < m else words


JOB = Job("strongest-found", measure, Found, Form(Wanted), by="strongest-wanted", bar="strongest")
STORES = {"strongest-asked": Form(Asked | None)}


def register(app: Dash) -> None:
    """Wire the list; the server is asked only while it is open."""
    in_browser(app)(
        "strongestAsk",
        Output("strongest-asked", "data"),
        Input("strongest-by", "value"),
        Input("run", "data"),
        *(Input(f"{what}-select", "value") for what in ("layer", "head")),
        Input("scores", "data"),
        Input("strongest-found", "data"),
    )
    app.callback(
        Output("strongest", "children"),
        Output("strongest", "hidden"),
        Output("strongest-wanted", "data"),
        Input("strongest-asked", "data"),
    )(draw)
