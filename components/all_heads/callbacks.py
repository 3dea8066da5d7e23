"""What the stage "All heads" asks for, and what assets/all_heads draws it from."""

import numpy as np
from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from components.all_heads.sending import ROLES, base64_of, counts, drawn, opened, sixteen, whole
from components.forms.fields import Method
from components.forms.results import DoneOfText, OfText
from components.grid import head_scores
from components.grid.chooser import INDUCTION_SCORE, TRUST_SCORE
from components.grid.grids import MEASURED
from components.parts.browser import in_browser
from components.parts.jobs import kept
from components.plots.theme import CATEGORIES, palette
from compute.all_heads import all_maps, tiles
from compute.lab import induction
from compute.lab.readouts import INDUCTION, main_of
from compute.maps import patch_points
from compute.progress import Meter
from compute.runs import Run
from compute.scores import heads
from compute.scores.cross_scores import described
from compute.texts import search

SHADES = 12  # of a continuous colouring, as far apart as tiles can show
DRAWN = ("points", "colours", "values", "hits", "attention")  # the stores of the picture
HITS = 40_000  # places of found tokens, in all heads together


class Laid(DoneOfText):
    """Maps of all heads."""

    method: Method


class Asked(OfText):
    """Maps of all heads to be laid out."""

    method: Method


def lay_out(set_progress, asked: dict) -> dict:
    """Background job: all heads' maps without a fit."""
    tiles.lay_out(asked["run"], asked["method"], Meter(set_progress, "heads").at)
    return asked | {"needs": [tiles.PLACES.ref(tiles.key(asked["run"], asked["method"]))]}


def send_points(laid: dict | None, scale: str, run: dict | None):
    """Send the places of the tokens that are drawn.

    Returns
    -------
    all maps, note
    """
    data, found = opened(laid, run)
    sent = whole(laid["method"], data, found, scale == "shared")
    return sent, _note(data, sent, scale)


def _note(data: Run, sent: dict, scale: str) -> str:
    words, told = [], zip((data.tokens, data.keys), ("count", "key_count"), strict=True)
    drawn = [(sent[name], len(side)) for side, name in told]
    if data.square:
        drawn = drawn[:1]
    if any(some < every for some, every in drawn):
        of = ("tokens",) if data.square else ("queries", "keys")
        parts = [f"{n:,} of {m:,} {what}" for (n, m), what in zip(drawn, of, strict=True)]
        words.append(f"{' and '.join(parts)} are drawn, the same in all.")
    if not data.square:
        words.append("Queries are of the decoder's tokens, keys of the encoder's.")
    scales = "One scale for all heads." if scale == "shared" else "Each head has its own scale."
    return " ".join([*words, scales])


def send_colours(laid: dict | None, colour: str, theme: str, run: dict | None):
    """Send the colours of the points: for each role a list, and every point's place in it.

    Returns
    -------
    colours, legend
    """
    data, found = opened(laid, run)
    colours = palette(theme == "dark")
    of = patch_points.colouring(colour, data).of
    values = [of(data, *at) for at in np.ndindex(found.fitted.shape)]
    legends = {each.legend for each in values}
    legend = legends.pop() if len(legends) == 1 else "each head from its least to its most"
    kind, sent = values[0].kind, {"run": run["key"]}
    ramps = {"query": colours.queries, "key": colours.keys}
    for role, name, rows in zip(ROLES, "qk", drawn(data), strict=True):
        shades = {"role": [getattr(colours, role)], "category": CATEGORIES}.get(kind)
        numbers = np.stack([getattr(each, name)[rows] for each in values])
        if kind == "colour":
            shades, levels = _cube(numbers)
        else:
            shades, levels = shades or _ramp(ramps[role]), numbers
        if kind == "scale":  # what has no place on it comes after it
            levels = np.nan_to_num(np.round(numbers * (SHADES - 1)), nan=SHADES)
            shades += [colours.faint] if (levels == SHADES).any() else []
        sent[role] = {"shades": shades}
        if kind != "role":
            sent[role]["levels"] = base64_of(levels.astype("u1"))
    return sent, f" · {legend}" if legend else ""


def _cube(pixels: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Return 216 colours, and which of them is nearest to each pixel, (heads, n, 3)."""
    steps = np.linspace(0, 255, 6)
    near = np.round(pixels / 51).astype(int)
    cube = [f"rgb({r:.0f}, {g:.0f}, {b:.0f})" for r in steps for g in steps for b in steps]
    return cube, near @ np.array([36, 6, 1])


def _ramp(colours: list[str]) -> list[str]:
    """Return the shades of a continuous scale."""
    channels = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours])
    at = np.linspace(0, len(colours) - 1, SHADES)
    mixed = [np.interp(at, np.arange(len(colours)), channel) for channel in channels.T]
    return [f"rgb({r:.0f}, {g:.0f}, {b:.0f})" for r, g, b in zip(*mixed, strict=True)]


def send_values(*values):
    """Send every score of every head that is known, for the hover card, dimming and ranking.

    Parameters
    ----------
    *values
        What the jobs of `MEASURED` announced, that of the maps, the refined maps, the open run, and
        more that only asks for them.
    """
    told = dict(zip(MEASURED, values, strict=False))
    laid, _refined, run, *_ = values[len(MEASURED) :]
    if not run:
        raise PreventUpdate
    found, titles, numbers = heads.SCORES.get(heads.key(run["key"])), {}, {}
    for name in found.names if found is not None else ():
        titles[name], numbers[name] = described(name).title, found.of(name).mean
    if seen := kept(induction.SCORES, told[head_scores.INDUCTION], run):
        titles[INDUCTION_SCORE] = INDUCTION
        numbers[INDUCTION_SCORE] = seen.readouts[main_of(seen.readouts)].mean
    for name, title, values in head_scores.every(run, told):
        titles[name], numbers[name] = title, values
    trusts = all_maps.TRUSTS.get(all_maps.key(run["key"], laid["method"])) if laid else None
    if trusts is not None:
        titles[TRUST_SCORE], numbers[TRUST_SCORE] = "Trust", trusts.score
    listed = {
        name: [[None if np.isnan(v) else round(float(v), 4) for v in row] for row in values]
        for name, values in numbers.items()
    }
    return {"run": run["key"], "titles": titles, "numbers": listed}


def find(wanted: str | None, laid, _fresh, scale: str, run: dict | None):
    """Find a token in every head's map.

    Returns
    -------
    hits, count
        Places of the found tokens in every tile, and how close together they lie.
    """
    if not (wanted or "").strip():
        return None, ""
    data, found = opened(laid, run)
    seen = [search.find(side, wanted) for side in (data.tokens, data.keys)]
    tokens = [rows for rows, _ in seen]
    said = [_found(*each) for each in seen]
    said = said[0] if data.square else f"queries: {said[0]}; keys: {said[1]}"
    if not any(map(len, tokens)):
        return None, said
    shown = [_some(rows, max(1, HITS // found.fitted.size)) for rows in tokens]
    places = tiles.framed(found, scale == "shared")
    gathered = tiles.gathered(found.q, found.k, *tokens)
    hits = {"run": run["key"], **counts(shown)}
    hits["gathered"] = [[None if np.isnan(v) else round(float(v), 3) for v in r] for r in gathered]
    for role, some, rows in zip(ROLES, places, shown, strict=True):
        hits[role] = base64_of(sixteen(some[:, :, rows]))
    return hits, said


def _found(rows: np.ndarray, entire: bool) -> str:
    return f"{len(rows):,} {'found' if entire or not len(rows) else 'contain it'}"


def _some(rows: np.ndarray, most: int) -> np.ndarray:
    """Return so many of them at most, from the first to the last."""
    return rows[np.linspace(0, len(rows) - 1, min(len(rows), most)).astype(int)]


def register(app: Dash) -> None:
    """Wire these functions to the page."""
    browser = in_browser(app)
    run = State("run", "data")
    browser(
        "allAsk",
        Output("all-asked", "data"),
        Input("stage-select", "value"),
        Input("run", "data"),
        Input("all-method", "value"),
        Input("all-show", "value"),
        Input("all-address", "data"),
        State("all-asked", "data"),
    )
    laid, scale = Input("all-laid", "data"), Input("all-scale", "value")
    app.callback(Output("all-points", "data"), Output("all-note", "children"), laid, scale, run)(
        send_points
    )
    app.callback(
        Output("all-colours", "data"),
        Output("all-legend", "children"),
        laid,
        Input("all-colour", "value"),
        Input("theme", "data"),
        run,
    )(send_colours)
    app.callback(
        Output("all-values", "data"),
        *(Input(name, "data") for name in MEASURED),
        laid,
        Input("all-refined", "data"),
        run,
        Input("all-show", "value"),  # attention alone lays nothing out
    )(send_values)
    app.callback(
        Output("all-hits", "data"),
        Output("all-count", "children"),
        Input("all-find", "value"),
        laid,
        Input("all-fresh", "data"),
        scale,
        run,
    )(find)
    browser(
        "allDraw",
        Output("all-strip-title", "children"),
        *(Input(f"all-{name}", "data") for name in DRAWN),
        Input("all-show", "value"),
        Input("all-heat", "value"),
        Input("score-select", "value"),
        Input("all-least", "value"),
        Input("all-order", "value"),
    )
    browser("allMore", Input("all-more", "data"))
    browser("allStarred", Input("all-starred", "value"))
    for kind in ("png", "svg"):
        browser(f"allSave_{kind}", Input(f"all-{kind}", "n_clicks"))
