"""The joint query-key maps: drawn at once, refined in view by a job."""

import numpy as np
from dash import Dash, Input, Output, html, no_update
from dash.exceptions import PreventUpdate

from components.heads import ghosts, map_figures
from components.parts import typed
from components.parts.controls import OF_A, OF_B, SIDES, hand_over, job_options
from components.parts.pictures import PANEL, measure, picture
from components.parts.theme import palette
from compute import runs
from compute.errors import HeadscopeError
from compute.jobs import mapping
from compute.maps import points, procrustes, projection
from compute.runs import paired_attention


def draw_map(
    run,
    layer,
    head,
    method,
    dims,
    steps,
    scale,
    rotation,
    colour,
    hide,
    dim,
    dense,
    theme,
    _fitted,
    frame,
    ghost,
    over=None,
):
    """Draw the map of one head; what is not ready is asked for, and a preview stands in.

    `over`, if given, is the run and head whose map this one is laid over.

    Returns
    -------
    figure, note, wanted, legend
        `wanted` starts the job that fits the layout.
    """
    if not run:
        raise PreventUpdate
    data, at = runs.load(run["key"]), typed.head(layer, head)
    data.check(*at)
    asked = picture(run, *at, method, dims, steps, scale, rotation)
    layout, note, wanted = asked.of(data, *at), "", no_update
    if layout is None and frame and frame["name"] == asked.name:
        layout = projection.MAPS.get(frame["frame"])
        note = f"After {frame['step']} steps …"
    elif layout is None:
        wanted = {"run": data.key, "layer": at[0], "head": at[1], "method": method}
        wanted |= {"dims": asked.dims, "options": dict(asked.options)}
    if layout is None:
        layout = asked.preview(data, *at)
        note = f"A preview, until {projection.METHODS[method].title} is ready."
    fit = None
    if over:
        panel = method, dims, steps, scale, rotation
        layout, fit, said = _laid(layout, data.key, over, panel)
        note = f"{note} {said}".strip()
    values = points.COLOURINGS[colour].of(data, *at)
    hidden = data.tokens.special if hide else np.zeros(len(data.tokens), bool)
    view = f"{run['key']} {at} {method} {dims} {layout.info.get('steps') is None}"
    if fit:
        view += f" {over['run']['key']} {over['layer']} {over['head']}"
    found = measure(run["key"], *at, asked) if dim else None
    fade = found and (found.q, found.k)
    draw = map_figures.joint_map if asked.dims == 2 else map_figures.joint_space
    figure = draw(layout.q, layout.k, values, hidden, theme == "dark", view, layout.size, fade)
    figure.update_layout(meta={"laid": fit is not None})
    if dense and asked.dims == 2:
        drawn = (np.where(hidden[:, None], np.nan, places) for places in (layout.q, layout.k))
        map_figures.add_density(figure, *points.density(*drawn), theme == "dark")
    if ghost and runs.load(ghost["key"]).model.identity == data.model.identity:
        places = ghosts.place(run["key"], ghost["key"], *at, asked)
        if places is not None:
            names = runs.load(ghost["key"]).tokens.strings
            q, k = (fit.move(side) if fit else side for side in (places.q, places.k))
            map_figures.add_ghosts(figure, q, k, names, theme == "dark")
    return figure, note, wanted, _legend(values, theme == "dark")


def _legend(values: points.Values, dark: bool) -> list:
    """Say what the colours mean; between the ends of a scale stand the colours themselves."""
    low, between, high = values.legend.partition(" … ")
    if values.kind != "scale" or not between:
        return [f" · {values.legend}"] if values.legend else []
    bars = []
    for shades in (palette(dark).queries, palette(dark).keys):
        blend = f"linear-gradient(90deg, {', '.join(shades)})"
        bars.append(html.Span(className="shades", style={"background": blend}))
    return [f" · {low} ", *bars, f" {high}"]


def draw_map_b(side, over, *inputs):
    """Draw the second map while two are compared, laid over the first if `over` says so."""
    if not side:
        raise PreventUpdate
    return draw_map(side["run"], side["layer"], side["head"], *inputs, over=over)


def _laid(layout: projection.Layout, key: str, over: dict, panel: tuple):
    """Lay a map over that of A, or over its preview; return it, how, and what to say of it."""
    fixed, at = runs.load(over["run"]["key"]), (over["layer"], over["head"])
    fixed.check(*at)
    asked = picture(over["run"], *at, *panel)
    there = asked.of(fixed, *at) or asked.preview(fixed, *at)
    try:
        moved, fit = procrustes.lay_over(layout, there, paired_attention.shared(fixed.key, key))
    except HeadscopeError as problem:
        return layout, None, str(problem)
    return moved, fit, f"Laid over A, residual {fit.residual:.2f}."


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


def register(app: Dash) -> None:
    """Wire the maps of both sides."""
    for side in SIDES:
        app.callback(
            Output(f"qk-map{side}", "figure"),
            Output(f"map-note{side}", "children"),
            Output(f"wanted{side}", "data"),
            Output(f"map-legend{side}", "children"),
            *(OF_B if side else OF_A),
            *([Input("b-over", "data")] if side else []),
            *(Input(id, prop) for id, prop in PANEL),
            Input("colour-select", "value"),
            Input("hide-special", "value"),
            Input("dim-untrusted", "value"),
            Input("density", "value"),
            Input("theme", "data"),
            Input(f"fitted{side}", "data"),
            Input(f"frame{side}", "data"),
            Input("ghost", "data"),
        )(draw_map_b if side else draw_map)
        hand_over(app, f"fitted{side}")
        options = job_options(f"map{side}")
        options["progress"].append(Output(f"progress-frame{side}", "data"))
        options["progress_default"].append(None)
        app.callback(
            Output(f"fitted{side}-result", "data"),
            Input(f"wanted{side}", "data"),
            **options,
        )(fit_map)
