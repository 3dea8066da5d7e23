"""The joint query-key maps: drawn at once, refined in view by a job."""

from dataclasses import dataclass, replace

import numpy as np
from dash import Dash, Input, Output, no_update

from components.forms.form import Form
from components.joint_map import density, figures, words
from components.joint_map.forms import Fitted, Wanted
from components.parts.browser import in_browser
from components.parts.jobs import Job
from components.sentence import ghosts, sentences
from components.shown.pictures import Picture, measure, picture
from components.shown.records import COLUMNS, LOOKS, SIDES, HeadView, Looks, MapOptions
from compute.errors import HeadscopeError
from compute.jobs import mapping
from compute.maps import patch_points, points, procrustes, projection, raster
from compute.maps.left_out import left_out
from compute.matched import paired_attention

APART = 0.95
"""Above this residual a map is not laid over A by itself: less than a tenth of its spread, which is
1 − 0.95², follows A's."""


@dataclass(frozen=True)
class Drawn:
    """A layout as it is to be drawn.

    Attributes
    ----------
    fit : Fit or None
        How it was laid over the map of A.
    wanted : dict or no_update
        Starts the job that fits it.
    apart : bool
        Whether it has next to nothing in common with the map of A; see `APART`.
    """

    layout: projection.Layout
    note: str
    wanted: object = no_update
    fit: procrustes.Fit | None = None
    apart: bool = False


def draw_map(column, options, looks, _fitted, frame, added, over=None):
    """Draw the map of one head; what is not ready is asked for, and a preview stands in.

    Parameters
    ----------
    column, options, looks : dict
        See `HeadView`, `MapOptions`, `Looks`.
    frame : dict or None
        What the job has to show of a map on its way.
    added : list of dict or None
        The runs of an added sentence; see `sentences.GHOSTS`.
    over : dict, optional
        The column whose map this one is laid over.

    Returns
    -------
    figure, note, wanted, legend
        `wanted` starts the job that fits the layout.
    """
    view, options, looks = HeadView.of(column), MapOptions(**options), Looks(**looks)
    asked = picture(view, options)
    drawn = _drawn(view, asked, frame)
    if over:
        drawn = _laid(drawn, view, over, options)
    values = patch_points.colouring(looks.colour, view.data).of(view.data, *view.at)
    found = measure(view, asked) if looks.dim else None
    trust = found and (found.q, found.k)
    kept = _shown(view, options, drawn, over)
    figure = _figure(view, asked, looks, drawn, values, trust, kept)
    of = {"head": view.name, "run": view.key, "map": asked.said()}
    lies = {"laid": drawn.fit is not None, "apart": drawn.apart}
    figure.layout.meta = (figure.layout.meta or {}) | lies | of
    sentence = sentences.of(view, added)
    if sentence:
        _add_ghost(figure, view, asked, sentence, drawn.fit, looks)
    parts = drawn.note, left_out(view.data.model, asked.method), words.sides(view.data.square)
    told = " ".join(part for part in parts if part)
    note = words.how(told, _count(view), looks, asked.dims)
    return figure, note, drawn.wanted, words.legend(values, looks.dark)


def _figure(view: HeadView, asked: Picture, looks: Looks, drawn: Drawn, values, trust, kept: str):
    """Draw a layout: as dots, as density where there are too many, or not at all."""
    layout, sides = drawn.layout, (view.data.tokens, view.data.keys)
    hidden = [side.special & looks.hide for side in sides]
    placed = zip((layout.q, layout.k), hidden, strict=True)
    seen = [np.where(out[:, None], np.nan, each) for each, out in placed]
    if asked.dims == 3 and looks.shapes:
        return figures.nothing(looks.dark)
    shaded = words.shaded(_count(view), looks, asked.dims)
    if shaded:
        grid = raster.raster(np.concatenate(seen), points.window(*seen))
        figure = density.density_map(*seen, values, grid, looks.dark, kept, trust)
    else:
        places = (layout.q, layout.k, values, hidden, looks.dark, kept)
        figure = figures.joint_map(*places, layout.size, trust, bool(looks.shapes))
    figure.update_layout(meta={"shaded": shaded})
    if asked.dims == 2:
        figures.look_at(figure, points.window(*seen))
        if looks.dense and not shaded:
            figures.add_density(figure, *points.density(*seen), looks.dark)
    return figure


def _count(view: HeadView) -> int:
    """Return how many points a map has."""
    return len(view.data.tokens) + len(view.data.keys)


def _drawn(view: HeadView, asked: Picture, frame: dict | None) -> Drawn:
    """Return the layout, a step on its way to it, or what stands in until there is one."""
    layout = asked.of(view)
    if layout is not None:
        return Drawn(layout, "")
    if frame and frame["name"] == asked.name:
        wanted, layout = no_update, projection.MAPS.get(frame["frame"])
        if layout is not None:
            return Drawn(layout, f"After {frame['step']} steps …")
    else:
        wanted = {"run": view.key, "layer": view.layer, "head": view.head, "method": asked.method}
        wanted |= {"dims": asked.dims, "options": dict(asked.options)}
    note = f"A preview, until {projection.METHODS[asked.method].title} is ready."
    return Drawn(asked.preview(view), note, wanted)


def _shown(view: HeadView, options: MapOptions, drawn: Drawn, over: dict | None) -> str:
    """Return what tells whether zoom and camera stay: they do while this stays the same."""
    whole = drawn.layout.info.get("steps") is None
    said = f"{view.key} {view.at} {options.method} {options.dims} {whole}"
    if drawn.fit and over:
        said += f" {over['run']['key']} {over['layer']} {over['head']}"
    return said


def _add_ghost(figure, view: HeadView, asked: Picture, key: str, fit, looks: Looks) -> None:
    places = ghosts.place(view, key, asked)
    if places is not None:
        q, k = (fit.move(side) if fit else side for side in (places.q, places.k))
        shapes = bool(looks.shapes)
        if not (shapes and asked.dims == 3):
            figures.add_ghosts(figure, q, k, looks.dark, shapes)


def _laid(drawn: Drawn, view: HeadView, over: dict, options: MapOptions) -> Drawn:
    """Lay a map over that of A, or over its preview, and say so."""
    fixed = HeadView.of(over)
    asked = picture(fixed, options)
    there = asked.of(fixed) or asked.preview(fixed)
    try:
        shared = paired_attention.shared(fixed.key, view.key)
        layout, fit = procrustes.lay_over(drawn.layout, there, shared)
    except HeadscopeError as problem:
        return replace(drawn, note=f"{drawn.note} {problem}".strip())
    apart, anyway = fit.residual > APART, bool(over.get("anyway"))
    said = words.laid(fit.residual, apart, anyway)
    drawn = replace(drawn, note=f"{drawn.note} {said}".strip(), apart=apart)
    return drawn if apart and not anyway else replace(drawn, layout=layout, fit=fit)


def fit_map(set_progress, wanted: dict) -> dict:
    """Background job: lay out one head's map, showing how it comes about."""
    name = mapping.fit_map(
        wanted["run"],
        wanted["layer"],
        wanted["head"],
        wanted["method"],
        wanted["dims"],
        wanted["options"],
        set_progress,
    )
    return {"name": name, "needs": [projection.MAPS.ref(name)]}


JOBS = tuple(
    Job(
        f"fitted{side}",
        fit_map,
        Fitted,
        Form(Wanted),
        by=f"wanted{side}",
        bar=f"map{side}",
        frame=f"progress-frame{side}",
        shared=True,
        late=bool(side),
    )
    for side in SIDES
)


def register(app: Dash) -> None:
    """Wire the maps of both sides."""
    _without_webgl(app)
    for side in SIDES:
        app.callback(
            Output(f"qk-map{side}", "figure"),
            Output(f"map-note{side}", "children"),
            Output(f"wanted{side}", "data"),
            Output(f"map-legend{side}", "children"),
            inputs={
                "column": COLUMNS[side],
                "options": MapOptions.inputs(),
                "looks": LOOKS,
                "_fitted": Input(f"fitted{side}", "data"),
                "frame": Input(f"frame{side}", "data"),
                "added": sentences.GHOSTS[: 1 + bool(side)],
                **({"over": Input("b-over", "data")} if side else {}),
            },
        )(draw_map)


def _without_webgl(app: Dash) -> None:
    browser = in_browser(app)
    missing = "no-webgl"
    browser(
        "withoutWebgl",
        Output(missing, "data"),
        Input("url", "search"),
        prevent_initial_call=False,
    )
    browser(
        "insteadOfMap",
        *(Output(f"map-instead{side}", "hidden") for side in SIDES),
        Input(missing, "data"),
        Input("dims-select", "value"),
    )
    browser(
        "flatAgain",
        Output("dims-select", "value", allow_duplicate=True),
        *(Input(f"flat{side}", "n_clicks") for side in SIDES),
    )
