"""Switching heads off: which ones, and what changes."""

import dash_bootstrap_components as dbc
import numpy as np
from dash import Dash, Input, Output, State, ctx, html
from dash.exceptions import PreventUpdate

from components.lab import figures, grids, measurement
from components.lab.words import DESIGNS as NAMES
from components.parts.controls import drawn, panel, table
from components.parts.jobs import kept
from compute.jobs import measuring
from compute.lab import ablation, cumulative
from compute.lab.ablation import Ablation, Change
from compute.lab.readouts import READOUTS, main_of
from compute.models.model import ModelInfo
from compute.scores.intervals import Effect, Estimate
from compute.trials import head_ablation

DESIGNS = ("standard", "triple", "four")  # those with a repeat in order, which can be predicted
MOVED = 0.02  # share of attention: smaller changes are not told in words


def draw_chooser(measured: dict | None, readout: str, theme: str, run: dict | None):
    """Draw the grid in which heads are clicked on and off."""
    scores = measurement.load(measured, run)
    if scores is None:
        raise PreventUpdate
    name = readout if readout in scores.found.readouts else scores.main
    title = READOUTS[name].full.lower()
    note = f"Coloured by {title}, 0 to 1. Click a head to switch it off, or on again."
    return grids.of_readout(scores, name, theme == "dark"), note


def choose_heads(_top, _layer, _none, count, which, readout, measured, run) -> str:
    """Return the names of the strongest heads, of a layer's, or none."""
    scores = measurement.load(measured, run)
    if scores is None:
        raise PreventUpdate
    if ctx.triggered_id == "lab-off-none":
        return ""
    if ctx.triggered_id == "lab-off-layer":
        heads = head_ablation.checked([(which or 0, None)], _info(run))
    else:
        name = readout if readout in scores.found.readouts else scores.main
        mean = np.nan_to_num(scores.of(name)[0].mean, nan=-1)
        order = np.argsort(-mean, axis=None)[: count or 1]
        heads = [np.unravel_index(i, mean.shape) for i in order]
    return ", ".join(f"L{layer}H{head}" for layer, head in heads)


def ask(
    n_clicks: int | None, off: str | None, method: str, measured: dict | None, run: dict | None
):
    """Return what the job shall ablate; a head that does not exist is told at once."""
    if not n_clicks or measurement.load(measured, run) is None:
        raise PreventUpdate
    named = head_ablation.named(off) if (off or "").strip() else []
    heads = head_ablation.checked(named, _info(run))
    return {
        "spec": run["spec"],
        "heads": [list(head) for head in heads],
        "text": run["text"],
        "options": _options(measured["options"]) | {"method": method},
    }


def _options(measured: dict) -> dict:
    options = {name: measured[name] for name in ("trials", "length", "seed")}
    design = measured["design"]
    if design not in DESIGNS:  # its length need not fit another design
        return options | {"design": "standard", "length": None}
    return options | {"design": design}


def _info(run: dict) -> ModelInfo:
    return ModelInfo(**run["model"])


def ablate(set_progress, asked: dict) -> dict:
    """Background job: measure without the chosen heads."""
    name = measuring.ablate(
        asked["spec"], asked["heads"], asked["text"], asked["options"], set_progress
    )
    return {"spec": asked["spec"], "name": name, "needs": [ablation.ABLATIONS.ref(name)]}


def follow(n_clicks: int | None, method: str, measured: dict | None, run: dict | None):
    """Return what the job of the cumulative curve shall measure."""
    if not n_clicks or measurement.load(measured, run) is None:
        raise PreventUpdate
    return {"spec": run["spec"], "options": _options(measured["options"]) | {"method": method}}


def measure_curve(set_progress, asked: dict) -> dict:
    """Background job: the loss as ever more heads go."""
    name = measuring.follow(asked["spec"], asked["options"], set_progress)
    return {"spec": asked["spec"], "name": name, "needs": [cumulative.CURVES.ref(name)]}


def draw_curve(measured: dict | None, theme: str, run: dict | None) -> list:
    """Draw the loss against the number of heads switched off, the strongest first."""
    if not run:
        raise PreventUpdate
    found = kept(cumulative.CURVES, measured, run)
    if found is None:
        return []
    counts = np.array(found.counts)
    fair = counts == np.array(found.random_counts)  # elsewhere too few others were left
    random = Estimate(*(part[fair] for part in found.random))
    lines = [
        figures.Curve("the strongest", counts, found.top),
        figures.Curve("random heads of the same layers", counts[fair], random),
    ]
    figure = figures.curves(
        lines, theme == "dark", "heads switched off", "loss on repeated tokens, nats"
    )
    said = (
        f"Strongest first: {head_ablation.names(found.order)}. {found.trials} trials, "
        f"{found.length} random tokens per copy, design “{NAMES[found.design]}”, {found.method} "
        f"ablation, seed {found.seed}; random: mean of {found.draws.shape[1]} draws."
    )
    return [
        html.Figure(drawn(figure, "lab-curve"), className="plot-frame lab-curve"),
        html.P(" ".join([said, *found.notes]), className="note"),
    ]


def draw_effects(ablated: dict | None, theme: str, run: dict | None) -> list[html.Section]:
    """Show what changed: losses, controls, and every other head's score."""
    if not run:
        raise PreventUpdate
    found = kept(ablation.ABLATIONS, ablated, run)
    if found is None:
        return []
    heads, limit = head_ablation.names(found.heads), _limit(found)
    return [
        panel(
            html.Div(html.H2(f"Without {heads}: losses"), className="card-title"),
            _losses(found),
            html.P(_provenance(found), className="note"),
        ),
        panel(
            html.Div(html.H2(f"Without {heads}: every other head"), className="card-title"),
            html.P(_summary(found), className="lab-verdict"),
            html.P(
                f"After − before, all on one scale from −{limit:.2g} to +{limit:.2g}; greyed where "
                "the 95 % interval of the change holds zero.",
                className="note",
            ),
            html.Div(
                [_grid(found, name, limit, theme == "dark") for name in found.scores],
                className="lab-grids",
            ),
        ),
    ]


def _losses(found: Ablation) -> dbc.Table | html.P:
    if not found.losses:
        return html.P("This model predicts no tokens, so there is no loss to compare.")
    rows = []
    for name, effect in found.losses.items():
        title = "repeated tokens" if name == "repeated" else f"the text “{found.text}”"
        rows.append((f"Loss on {title}", head_ablation.names(found.heads), *cells(effect)))
        if name in found.control_losses:
            control = f"controls: {head_ablation.names(found.controls)}"
            rows.append(("", control, *cells(found.control_losses[name])))
    head = ("", "switched off", "before", "after", "change", "95 % interval")
    return table(head, rows, "lab-losses")


def cells(effect: Effect) -> tuple[str, ...]:
    """Return before, after, change and its interval, as a table writes them."""
    interval = f"{effect.low:+z.3f} … {effect.high:+z.3f}" if np.isfinite(effect.low) else "–"
    return f"{effect.before:.3f}", f"{effect.after:.3f}", f"{effect.change:+z.3f}", interval


def _provenance(found: Ablation) -> str:
    how = "zero" if found.method == "zero" else "its mean on sequences without a repeat"
    made = (
        f"The output of each head is replaced by {how}. Losses in nats. Design "
        f"“{NAMES[found.design]}”, protocol corrected: {found.trials} trials, "
        f"{found.length} random tokens per copy, seed {found.seed}."
    )
    return " ".join([made, *found.notes])


def _summary(found: Ablation) -> str:
    """Say which heads lose and which gain most in the read-out of induction."""
    name = main_of(found.scores)
    score, others = found.scores[name], _others(found)
    sure = others & ~_unsure(score)
    words = []
    for sign, verb in ((-1, "Falls"), (1, "Rises, as a backup would")):
        moved = np.where(sure & (sign * score.change.mean > MOVED), sign * score.change.mean, 0)
        order = np.argsort(-moved, axis=None)[:4]
        at = [np.unravel_index(i, moved.shape) for i in order if moved.flat[i] > 0]
        told = [f"L{a}H{b} {score.before[a, b]:.2f} → {score.after[a, b]:.2f}" for a, b in at]
        words.append(f"{verb}: {', '.join(told) if told else 'no head'}.")
    return f"{READOUTS[name].full}. {' '.join(words)}"


def _others(found: Ablation) -> np.ndarray:
    """Return where the heads are that were not switched off, bool (layers, heads)."""
    others = np.ones(next(iter(found.scores.values())).before.shape, bool)
    for head in found.heads:
        others[head] = False
    return others


def _unsure(score: Change) -> np.ndarray:
    """Return where the interval of a change holds zero, or there is none."""
    return ~((score.change.low > 0) | (score.change.high < 0))


def _limit(found: Ablation) -> float:
    """Return the end of the scale that all grids share: equal colours are equal changes."""
    others = _others(found)
    most = [np.nanmax(np.abs(s.change.mean[others]), initial=0) for s in found.scores.values()]
    return max(0.1, *map(float, most))


def _grid(found: Ablation, name: str, limit: float, dark: bool) -> html.Figure:
    score, others = found.scores[name], _others(found)
    mean = np.where(others, score.change.mean, np.nan)
    texts = np.empty(mean.shape, dtype=object)
    for at in np.ndindex(mean.shape):
        if not others[at]:
            texts[at] = "switched off"
            continue
        low, high = score.change.low[at], score.change.high[at]
        if not np.isfinite(score.change.mean[at]):
            texts[at] = "not read in this design"
            continue
        texts[at] = f"{score.before[at]:.3f} → {score.after[at]:.3f}"
        if np.isfinite(low):
            texts[at] += f"<br>95 % interval of the change {low:+z.3f} … {high:+z.3f}"
    dimmed = others & _unsure(score)
    figure = figures.change(mean, limit, dark, texts.astype(str), dimmed)
    return grids.grid(figure, READOUTS[name].full, "after − before", f"lab-change-{name}", name)


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    measured, run = Input("lab-measured", "data"), State("run", "data")
    theme = Input("theme", "data")
    app.callback(
        Output("lab-choose", "figure"),
        Output("lab-choose-note", "children"),
        measured,
        Input("lab-readout", "value"),
        theme,
        Input("lab-run", "data"),
    )(draw_chooser)
    app.callback(
        Output("lab-off", "value"),
        Input("lab-off-top", "n_clicks"),
        Input("lab-off-layer", "n_clicks"),
        Input("lab-off-none", "n_clicks"),
        State("lab-off-count", "value"),
        State("lab-off-which", "value"),
        State("lab-readout", "value"),
        State("lab-measured", "data"),
        run,
    )(choose_heads)
    app.callback(
        Output("lab-ablate", "data"),
        Input("lab-ablate-start", "n_clicks"),
        State("lab-off", "value"),
        State("lab-method", "value"),
        State("lab-measured", "data"),
        run,
    )(ask)
    app.callback(
        Output("lab-effects", "children"),
        Input("lab-ablated", "data"),
        theme,
        Input("lab-run", "data"),
    )(draw_effects)
    app.callback(
        Output("lab-follow", "data"),
        Input("lab-curve-start", "n_clicks"),
        State("lab-method", "value"),
        State("lab-measured", "data"),
        run,
    )(follow)
    app.callback(
        Output("lab-curve-box", "children"),
        Input("lab-followed", "data"),
        theme,
        Input("lab-run", "data"),
    )(draw_curve)
