"""How attention becomes colour: what is drawn darkest, what faintest, and what doesn't count.

A `HeatScale` is fitted to the attention of one passage, or of the two that are compared. Sinks are
the special tokens and, in causal models, each passage's first token, as keys: heads with nothing
to do park their attention there. Their columns can be left out of what sets the scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from compute.matched.paired_attention import Both
from compute.runs import Run

FLOOR = 0.001
"""The logarithmic scale draws all attention below this as this."""
QUANTILE = 0.99
"""The clipped scale ends where this share of the shown cells is below."""
PALE = 0.25
"""Attention below this is faint on a scale from 0 to 1."""
MOST = 0.5
"""A picture is pale if in this share of its rows all attention is below `PALE`."""

KINDS = ("one", "clip", "log", "row")


@dataclass(frozen=True)
class Shown:
    """The attention of a passage, as it is shown.

    Attributes
    ----------
    weights : float (m, s)
        NaN where tokens are left out.
    allowed : bool (m, s)
        Which key a query may see in the model.
    sinks : bool (s,)
        Which keys are sinks.
    """

    weights: np.ndarray
    allowed: np.ndarray
    sinks: np.ndarray

    def counted(self, sinks: bool) -> np.ndarray:
        """Return all attention that sets a scale, that to sinks only if asked for."""
        cells = self.allowed & np.isfinite(self.weights)
        return self.weights[cells if sinks else cells & ~self.sinks]

    def tops(self, sinks: bool) -> np.ndarray:
        """Return the largest attention of each row, float (m,); 0 in a row without any."""
        counted = np.nan_to_num(self.weights)
        return (counted if sinks else np.where(self.sinks, 0, counted)).max(1, initial=0)


@dataclass(frozen=True)
class HeatScale:
    """What is drawn how dark.

    Attributes
    ----------
    kind : str
        ``one``: from 0 to 1; ``clip``: from 0 to the 99th percentile; ``log``: from 0.001 to 1,
        logarithmic; ``row``: each row from 0 to its largest; ``most``: from 0 to the largest.
    top : float
        What is drawn darkest, and all above it. Where sinks don't count, ``one`` and ``log`` end
        at the largest that does.
    sinks : bool
        Whether attention to sinks counts.
    """

    kind: str = "one"
    top: float = 1.0
    sinks: bool = True

    def shades(self, weights: np.ndarray, tops: np.ndarray | None = None) -> np.ndarray:
        """Return how dark attention is drawn, from 0 to 1.

        Parameters
        ----------
        weights : float
            Of any shape; NaN stays.
        tops : float, optional
            For ``row``: the largest of each number's row, of the same shape.
        """
        if self.kind == "log":
            shades = np.log(np.maximum(weights, FLOOR) / FLOOR) / np.log(self.top / FLOOR)
        else:
            top = np.where(tops > 0, tops, 1) if self.kind == "row" else self.top
            shades = weights / top
        return np.clip(shades, 0, 1)


def of_passage(
    run: Run, layer: int, passage: int, weights: np.ndarray, first: tuple[int, int] = (0, 0)
) -> Shown:
    """Return attention (r, c) of a passage with what a scale must know of it.

    Of a part of a long passage, `first` is where its queries and where its keys begin.
    """
    rows, columns = (np.arange(at, at + m) for at, m in zip(first, weights.shape, strict=True))
    allowed = run.sight(layer).at(rows[:, None], columns[None, :])
    return Shown(weights, allowed, sink_keys(run, passage)[columns])


def of_difference(a: Run, passage: int, both: Both) -> Shown:
    """Return the size of the difference of two heads; cells that neither may see don't count."""
    _, tokens = both.columns
    known = tokens >= 0
    sinks = np.zeros(len(known), bool)
    sinks[known] = sink_keys(a, passage)[tokens[known] - a.key_span(passage).start]
    seen = (np.nan_to_num(both.a) > 0) | (np.nan_to_num(both.b) > 0)
    return Shown(np.abs(both.a - both.b), seen, sinks)


def sink_keys(run: Run, passage: int) -> np.ndarray:
    """Return which keys of a passage are sinks, bool (s,)."""
    sinks = np.array(run.keys.special[run.key_span(passage)], bool)
    if run.model.causal:
        sinks[:1] = True
    return sinks


def fit(kind: str, sinks: bool, shown: Sequence[Shown]) -> HeatScale:
    """Return one scale for all the attention that is shown."""
    if kind == "row" or (sinks and kind in ("one", "log")):
        return HeatScale(kind, sinks=sinks)
    counted = np.concatenate([each.counted(sinks) for each in shown])
    if kind == "clip":
        top = float(np.quantile(counted, QUANTILE)) if counted.size else 0.0
    else:
        top = float(counted.max(initial=0))
    least = 2 * FLOOR if kind == "log" else 0.0
    return HeatScale(kind, max(top, least) or 1.0, sinks)


def pale(shown: Shown) -> str:
    """Return why attention can hardly be seen on a scale from 0 to 1, or nothing if it can.

    ``all``: half of the rows, or more, have none of `PALE`; ``rest``: they have none but to sinks.
    """
    rows = np.isfinite(shown.weights).any(1)
    for reason, sinks in (("all", True), ("rest", False)):
        if rows.any() and (shown.tops(sinks)[rows] < PALE).mean() >= MOST:
            return reason
    return ""
