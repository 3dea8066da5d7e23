"""Wires the scale stage: the scan of all heads, and the open head's maps over c."""

import numpy as np
from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from components.parts.browser import in_browser
from components.scale import figures, methods
from components.scale.figures import Grid, Line, Small
from components.scale.methods import score_text
from components.scale.words import CRITERIA
from compute import runs
from compute.jobs import mapping
from compute.maps import projection
from compute.models.model import ModelInfo
from compute.scale import all_scales, comparison
from compute.scale.all_scales import AllScales
from compute.scale.comparison import Row
from compute.scale.scales import fine_scales

FORMS = (("", "as published"), ("_corrected", "corrected"))
HARMLESS = (0.8, 1.25)
SECONDS = 0.1  # that a head takes: benchmarks/scales.py


def scan(set_progress, asked: dict) -> dict:
    """Background job: the scale of all heads."""
    return mapping.scan_scales(asked["run"], set_progress)


def lay_out(set_progress, asked: dict) -> dict:
    """Background job: the map of one head at each c."""
    at = asked["run"], asked["layer"], asked["head"]
    maps = list(mapping.at_scales(asked["method"]).values())
    return asked | mapping.compare(*at, maps, set_progress)


def draw_grids(_scanned, view: dict | None):
    """Draw which c each criterion chooses.

    Parameters
    ----------
    view : dict
        What the stage shows: ``run`` (key), ``layer``, ``head``, ``method``, ``which``, ``theme``.

    Returns
    -------
    figure, verdict, empty hidden, found hidden, what a scan takes
    """
    if not view:
        raise PreventUpdate
    found, dark = all_scales.SCANS.get(all_scales.key(view["run"])), view["theme"] == "dark"
    if found is None:
        return figures.nothing(dark), "", False, True, _takes(runs.load(view["run"]).model)
    shown = []
    for ending, form in FORMS:
        for name, words in CRITERIA.items():
            values = getattr(found, name + ending)
            best = values if name == "norms" else getattr(values, view["which"])
            shown.append(Grid(f"{words.title}, {form}", best, _details(best, values)))
    figure = figures.grids(shown, (view["layer"], view["head"]), dark)
    return figure, _verdict(found), True, False, ""


def _takes(model: ModelInfo) -> str:
    heads = model.layers * model.heads
    seconds = max(1, round(SECONDS * heads))
    return (
        f"Every criterion for all {heads:,} heads takes about {seconds:,} s, more on a slow "
        "machine or with long passages. It is kept: next time it is there at once."
    )


def draw_curves(_scanned, _laid_out, view: dict | None):
    """Draw the criteria of the open head over c, and the trust of its maps."""
    found = all_scales.SCANS.get(all_scales.key(view["run"])) if view else None
    if found is None:
        raise PreventUpdate
    at, panels = (view["layer"], view["head"]), []
    for name in ("weighted", "counts"):
        lines = [_line(getattr(found, name + ending), at, form) for ending, form in FORMS]
        panels.append((CRITERIA[name].title, lines))
    norms = float(found.norms[at]), float(found.norms_corrected[at])
    scores = {}
    for found_at in _rows(view).values():
        if found_at is not None and found_at[0].trust["score"] is not None:
            scores[found_at[1]] = found_at[0].trust["score"]
    return figures.curves(panels, norms, scores, view["theme"] == "dark")


def draw_maps(_laid_out, view: dict | None, shapes: bool | None = None):
    """Draw the map of the open head at each c; `shapes` where the browser has no WebGL.

    Returns
    -------
    figure, note, whether the button that lays them out is hidden
    """
    if not view:
        raise PreventUpdate
    rows, dark = _rows(view), view["theme"] == "dark"
    if any(row is None for row in rows.values()):
        note = f"The maps of L{view['layer']}H{view['head']} are not laid out yet."
        return figures.nothing(dark), note, False
    asked, at = mapping.at_scales(view["method"]), (view["layer"], view["head"])
    layouts = {value: comparison.layout(view["run"], *at, asked[value]) for value in rows}
    shown = [
        Small(value, _cell_title(value, *row), comparison.turned(layouts[value], layouts["none"]))
        for value, row in rows.items()
    ]
    return figures.small_maps(shown, dark, bool(shapes)), _range(rows, view["method"]), True


def _details(best: np.ndarray, values) -> np.ndarray:
    """Return what the hover says of each head."""
    texts = np.full(best.shape, "no evidence: too few near pairs", dtype=object)
    for at in np.ndindex(best.shape):
        if np.isfinite(best[at]):
            texts[at] = f"c = {best[at]:.3g}"
            if not isinstance(values, np.ndarray) and np.isfinite(values.values[at]).any():
                least = np.nanmin(values.values[at])
                texts[at] += f"<br>least of the seven values {least:z.3f}"
    return texts.astype(str)


def _verdict(found: AllScales) -> str:
    """Say how much the criteria agree: all counts are of the same heads, those that both judge."""
    both = found.weighted.grid, found.weighted_corrected.grid
    known = np.isfinite(both[0]) & np.isfinite(both[1])
    one, two = (grid[known] for grid in both)
    outside = [int(((c < HARMLESS[0]) | (c > HARMLESS[1])).sum()) for c in (one, two)]
    norms = found.norms_corrected[np.isfinite(found.norms_corrected)]
    some = f"the {len(one):,} of {known.size:,} heads that both forms of it judge"
    every = f"all {known.size:,} heads" if known.all() else some
    asked = (
        f" Equal norms ask for {norms.min():.2f} to {norms.max():.2f}, of {norms.size:,} heads."
        if norms.size
        else ""
    )
    return (
        f"The weighted correlation, of {every}: a c outside {HARMLESS[0]} to {HARMLESS[1]} is "
        f"chosen for {outside[0]:,} as published and for {outside[1]:,} corrected; the two forms "
        f"name the same c for {int((one == two).sum()):,}.{asked}"
    )


def _line(criterion: all_scales.Criterion, at: tuple[int, int], form: str) -> Line:
    fine = fine_scales()
    return Line(form, fine, criterion.fine[at], criterion.values[at], float(criterion.best[at]))


def _rows(view: dict) -> dict[str, tuple[Row, float] | None]:
    """Return what was measured of the map at each c, and that c, by the value of its selector."""
    rows, at = {}, (view["run"], view["layer"], view["head"])
    for value, asked in mapping.at_scales(view["method"]).items():
        row, layout = comparison.row(*at, asked), comparison.layout(*at, asked)
        rows[value] = None if row is None or layout is None else (row, layout.info.get("c", 1.0))
    return rows


def _cell_title(value: str, row: Row, c: float) -> str:
    name = "equal norms" if value == "norm" else f"c = {c:g}"
    return f"<b>{name}</b>  T {score_text(row.trust['score'])}"


def _range(rows: dict[str, tuple[Row, float]], method: str) -> str:
    """Say what the choice of c changes."""
    scores = {
        value: row.trust["score"]
        for value, (row, _) in rows.items()
        if row.trust["score"] is not None
    }
    if not scores:
        return (
            "T can't be measured: this head has no preference to show, or passages are too short."
        )
    best, worst = max(scores, key=scores.get), min(scores, key=scores.get)
    words = rows[best][0].trust["words"]
    return (
        f"By {projection.METHODS[method].title}, T runs from {score_text(scores[worst])} at "
        f"c = {rows[worst][1]:.3g} to {score_text(scores[best])} at c = {rows[best][1]:.3g}: "
        f"at best “{words}”."
    )


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    scanned, laid_out, view = (Input(f"scale-{name}", "data") for name in ("scan", "maps", "view"))
    app.callback(
        Output("scale-grids", "figure"),
        Output("scale-verdict", "children"),
        Output("scale-empty", "hidden"),
        Output("scale-found", "hidden"),
        Output("scale-takes", "children"),
        scanned,
        view,
    )(draw_grids)
    app.callback(Output("scale-curves", "figure"), scanned, laid_out, view)(draw_curves)
    app.callback(
        Output("scale-small", "figure"),
        Output("scale-maps-note", "children"),
        Output("scale-maps-missing", "hidden"),
        laid_out,
        view,
        Input("no-webgl", "data"),
    )(draw_maps)
    methods.register(app)
    _client(app)


def _client(app: Dash) -> None:
    browser = in_browser(app)
    browser(
        "scaleAsk",
        Output("scale-view", "data"),
        Output("scale-scan-asked", "data"),
        Output("scale-maps-asked", "data"),
        Input("stage-select", "value"),
        Input("run", "data"),
        Input("layer-select", "value"),
        Input("head-select", "value"),
        Input("scale-method", "value"),
        Input("scale-which", "value"),
        Input("theme", "data"),
        Input("scale-start", "n_clicks"),
        Input("scale-maps-start", "n_clicks"),
        Input("scale-address", "data"),
        Input("scale-found", "hidden"),
        State("scale-maps-asked", "data"),
    )
