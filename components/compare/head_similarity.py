"""Two heads in numbers, and which heads attend most and least like the open one."""

import numpy as np
from dash import Dash, Input, Output, State, html

from components.forms.results import DoneOfText
from components.parts import save_table
from components.parts.controls import start, table
from components.parts.head_table import head_link
from components.parts.jobs import Job, job_bar
from components.parts.save_table import Saved, SavedTable
from components.shown.records import HeadView, model_of
from compute.errors import HeadscopeError
from compute.jobs import scoring
from compute.matched import paired_attention
from compute.scores import head_similarity, heads
from compute.scores.cross_scores import described
from compute.scores.intervals import Estimate
from compute.take_away import export

COUNT, DIGITS = 6, 3
SAME = "(0 = the same)"
HELP = [
    html.P(
        "Left: the scores of both heads with their 95 % intervals; a difference is marked where "
        "the intervals do not meet, as far as three decimals show it."
    ),
    html.P(
        "Right: heads by the Jensen–Shannon (JS) divergence of their attention from that of A, the "
        "mean over up to 1,000 tokens: 0 is the same attention, 1 never to the same token, so a "
        "small number is a near head. "
        "H((a + b) / 2) − (H(a) + H(b)) / 2, in bits. Click a head to put it in B."
    ),
]


def panel() -> list:
    """Return what the panel holds; the style sheet shows it while two heads are compared."""
    find = start("Find heads like A", "alike-start")
    return [
        *JOB.stores(),
        save_table.download("alike"),
        save_table.title(TABLES, "A and B in numbers", "alike", HELP, find),
        job_bar("alike"),
        html.Div(
            [html.Div(id="alike-numbers"), html.Div(id="alike-lists")],
            className="columns",
        ),
    ]


def compare_all(set_progress, clicks: int | None, run: dict | None, own: dict | None):
    """Background job: all heads of the open run against one another, or those of B's own run.

    Of two texts heads have no common queries: then each is compared with itself, by offset.
    """
    if not clicks or not run:
        return None
    pair = run["key"], (own or run)["key"]
    needs = scoring.compare_runs(*pair, set_progress)
    return {"run": run["key"], "needs": needs}


JOB = Job(
    "alike",
    compare_all,
    DoneOfText,
    inputs=(Input("alike-start", "n_clicks"), State("run", "data"), State("run-b", "data")),
    clicks=(0,),
    late=True,
)


def draw_numbers(other, side, *_made):
    """Put the numbers of both heads side by side."""
    a, b = HeadView.of(other), HeadView.of(side)
    found = [heads.SCORES.get(heads.key(view.key)) for view in (a, b)]
    if None in found:
        return html.P("The scores are being computed.", className="note")
    rows = [
        _row(described(name), _value(found[0].of(name), a.at), _value(found[1].of(name), b.at))
        for name in found[0].names
        if name in found[1].names
    ]
    shown = head_similarity.LIKENESS.get(head_similarity.key(a.key, b.key))
    if shown is not None:
        apart = float(shown.divergence[(*a.at, *b.at)])
        rows.append((f"JS divergence of A and B, bits {SAME}", "", "", f"{apart:.3f}"))
    titles = ("", f"A: {a.name}", f"B: {b.name}", "A − B")
    return table(titles, [row for row in rows if row is not None])


def _value(values: Estimate, at: tuple[int, int]) -> tuple[float, ...]:
    return tuple(float(part[at]) for part in values)


def _row(measure, a: tuple[float, ...], b: tuple[float, ...]) -> html.Tr | None:
    """Return a line of the table from mean, low and high of either head."""
    if not (np.isfinite(a[0]) and np.isfinite(b[0])):
        return None
    apart = a[1] > b[2] or b[1] > a[2]
    ends = [round(part, DIGITS) for part in (*a[1:], *b[1:])]
    apart = apart and (ends[0] > ends[3] or ends[2] > ends[1])  # by what is printed, too
    said = f"{a[0] - b[0]:+z.{DIGITS}f}".replace("+0.000", "0.000")
    unit = "" if measure.unit in ("share", "correlation") else f", {measure.unit}"
    cells = [html.Td(f"{measure.title}{unit}")]
    for mean, low, high in (a, b):
        known = np.isfinite(low)
        interval = (
            f"95 % interval {low:z.3f} … {high:z.3f}" if known else "no interval: one passage"
        )
        cells.append(html.Td(f"{mean:z.3f}", title=interval))
    why = "The intervals do not meet" if apart else "The intervals meet"
    cells.append(html.Td(html.Mark(said) if apart else said, title=why))
    return html.Tr(cells)


def list_alike(other, side, _alike):
    """List the heads nearest to A and farthest from it: of its own run, or of B's."""
    a, b = HeadView.of(other), HeadView.of(side)
    shown = head_similarity.LIKENESS.get(head_similarity.key(a.key, b.key))
    if shown is None and a.key != b.key:
        changed = scoring.between_texts(a.key, b.key)
        if changed is not None:
            return _changed(changed, *a.at)
        if why := _apart(a, b):
            return html.P(why, className="note")
    if shown is None:
        return html.P(
            "Press “Find heads like A” to see which heads do as A does.", className="note"
        )
    where = f" in {b.run['model']['name']}" if a.key != b.key else ""
    most, least = (
        head_similarity.nearest(shown, *a.at, COUNT, most=most) for most in (True, False)
    )
    note = f"Over {shown.queries:,} of {shown.of:,} tokens. Click a head to put it in B."
    titles = f"Nearest to A{where}", f"Farthest from A{where}"
    return _lists(dict(zip(titles, (most, least), strict=True)), "JS divergence from A, bits", note)


def _apart(a: HeadView, b: HeadView) -> str:
    """Return why heads of two parts of an encoder–decoder can't be compared; else nothing."""
    if a.data.model.part == b.data.model.part:
        return ""
    try:
        paired_attention.shared(a.key, b.key)
    except HeadscopeError as problem:
        return str(problem)
    return ""


def _lists(lists: dict[str, list[head_similarity.Neighbour]], what: str, note: str) -> list:
    """Return lists of heads side by side, each under its title, with a number that is named."""
    columns = [
        html.Div([html.H3(name), table(("Head", what), [_head(each) for each in some])])
        for name, some in lists.items()
    ]
    return [
        html.P(f"{what} {SAME}, 1 = never to the same token", className="note"),
        html.Div(columns, className="columns"),
        html.P(note, className="note"),
    ]


def _head(each: head_similarity.Neighbour) -> tuple:
    button = head_link(each.layer, each.head, **{"data-side": "b"})
    return button, f"{each.divergence:.3f}"


def _changed(divergence: np.ndarray, layer: int, head: int) -> list:
    """List the heads that look differently on two texts, the most and the least."""
    order = np.argsort(-divergence, axis=None, kind="stable")
    places = [np.unravel_index(i, divergence.shape) for i in order]
    every = [head_similarity.Neighbour(int(n), int(h), float(divergence[n, h])) for n, h in places]
    note = (
        "These are two texts, so each head is compared with itself by how far it looks: the "
        "divergence of its mean attention by offset. L{}H{}: {:.3f}. Click a head to put it in B."
    )
    said = note.format(layer, head, divergence[layer, head])
    lists = {"Changes most": every[:COUNT], "Changes least": every[::-1][:COUNT]}
    return _lists(lists, "JS divergence between the texts, bits", said)


def pair_table(other: dict | None, side: dict | None) -> Saved:
    """Return the numbers of both heads as a table."""
    views = _views(other, side)
    found = [heads.SCORES.get(heads.key(view.key)) for view in views]
    if not found or None in found:
        raise HeadscopeError("The scores are still being computed. Wait for them, then save.")
    a, b = views
    made = export.pair_table(found[0], a.at, found[1], b.at)
    return made, ("heads", *_of(views), a.name, b.name)


def alike_table(other: dict | None, side: dict | None) -> Saved:
    """Return the divergence of all pairs of heads as a table."""
    views = _views(other, side)
    key = head_similarity.key(*(view.key for view in views)) if views else None
    shown = head_similarity.LIKENESS.get(key) if key else None
    if shown is None:
        raise HeadscopeError(
            "No heads of one text are compared yet. Press “Find heads like A”, then save."
        )
    return export.likeness_table(shown), ("likeness", *_of(views))


def _views(other: dict | None, side: dict | None) -> list[HeadView]:
    """Return A and B; nothing while no two are compared."""
    return [HeadView.of(other), HeadView.of(side)] if other and side else []


def _of(views: list[HeadView]) -> list[str]:
    """Return the models and the text, for the name of a file."""
    models = (model_of(view.run).replace(" ", "_") for view in views)
    return [*dict.fromkeys(models), views[0].run["text"]]


_SIDES = (("b-other", "data"), ("b-side", "data"))
TABLES = (
    SavedTable("alike-pair", "the numbers of A and B", "alike", pair_table, _SIDES, "A and B"),
    SavedTable(
        "alike", "the divergence of all pairs of heads", "alike", alike_table, _SIDES, "all pairs"
    ),
)


def register(app: Dash) -> None:
    """Wire the panel."""
    alike = Input("alike", "data")
    app.callback(
        Output("alike-numbers", "children"),
        Input("b-other", "data"),
        Input("b-side", "data"),
        Input("scores", "data"),
        Input("scores-b", "data"),
        alike,
    )(draw_numbers)
    app.callback(
        Output("alike-lists", "children"), Input("b-other", "data"), Input("b-side", "data"), alike
    )(list_alike)
    save_table.register(app, TABLES, stage="alike")
