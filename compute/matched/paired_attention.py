"""Two runs side by side: what they share, and one head's attention next to another's, unit by unit.

Units are those of `matched.token_alignment`: single tokens where both models cut the text alike.
"""

from dataclasses import dataclass

import numpy as np

from compute import runs
from compute.errors import HeadscopeError
from compute.matched.token_alignment import Match, between, counterparts, firsts, match
from compute.runs import Run
from compute.store import Recent
from compute.texts.token_text import bare
from compute.texts.tokens import Tokens


@dataclass(frozen=True)
class Both:
    """Attention of two heads over one passage, on the same rows and columns.

    Attributes
    ----------
    a, b : float32 (u, u)
        NaN in rows of units that one of the runs does not have, and where tokens are left out.
    names : tuple of str
        The units in words.
    tokens : int64 (u,)
        First token of each unit in the first run, counted in the whole text; -1 without.
    units : int64 (u,)
        Their numbers in the `Match`.
    source : tuple of (tuple of str, int64 (s,)) or None
        Cross-attention, whose `a` and `b` are (u, s): names and tokens of the columns.
    """

    a: np.ndarray
    b: np.ndarray
    names: tuple[str, ...]
    tokens: np.ndarray
    units: np.ndarray
    source: tuple[tuple[str, ...], np.ndarray] | None = None

    @property
    def columns(self) -> tuple[tuple[str, ...], np.ndarray]:
        """Names and tokens of the columns: those of the rows but in cross-attention."""
        return (self.names, self.tokens) if self.source is None else self.source

    @property
    def apart(self) -> float:
        """Half of the mean summed difference of a row: the share of attention that is elsewhere."""
        rows = np.isfinite(self.a).any(1)
        if not rows.any():
            return 0.0
        return float(0.5 * np.nansum(np.abs(self.a - self.b)[rows], 1).mean())

    def place(self, unit: int) -> int:
        """Return the row and column of a unit of this passage."""
        return int(np.flatnonzero(self.units == unit)[0])


def shared(key_a: str, key_b: str) -> Match:
    """Return the common units of two runs of the store, remembered.

    Raises
    ------
    HeadscopeError
        If they are not of the same text; remembered too, for it can take long to see.
    """
    pair = runs.load(key_a), runs.load(key_b)
    found = _matched.get(key_a, key_b)
    if found is None:
        try:
            found = match(*pair)
        except HeadscopeError as problem:
            found = str(problem)
    _matched.put(found, key_a, key_b)
    if isinstance(found, str):
        raise HeadscopeError(found)
    return found


_matched: Recent[Match | str] = Recent(8)


def crossings(key_a: str, key_b: str) -> tuple[np.ndarray, np.ndarray]:
    """Return for each token of either run its counterpart in the other; see `counterparts`."""
    return counterparts(shared(key_a, key_b))


def of_passage(
    a: Run, b: Run, found: Match, passage: int, weights: tuple[np.ndarray, np.ndarray]
) -> Both:
    """Bring the attention of two heads over a passage to the same rows and columns.

    Parameters
    ----------
    found : Match
        Of the two.
    weights : two of float (m, m)
        Attention between the passage's tokens in either run; NaN for tokens that are left out.

    Returns
    -------
    Both
        In the order of the first run's tokens; units that only the second run has come last.
    """
    span = slice(int(found.starts[passage]), int(found.starts[passage + 1]))
    count = span.stop - span.start
    own = [u[run.span(passage)] - span.start for u, run in ((found.a, a), (found.b, b))]
    first = [firsts(units, count) for units in own]
    order = np.argsort(np.where(first[0] < 0, count + first[1] + len(own[0]), first[0]))
    missing = (first[0] < 0) | (first[1] < 0)
    grids = []
    for units, matrix in zip(own, weights, strict=True):
        out = np.isnan(matrix).all(1)
        grid = between(np.nan_to_num(matrix), units, count)
        kept = np.isin(np.arange(count), units[~out])
        left_out = np.isin(np.arange(count), units[out]) & ~kept
        grid[missing | left_out] = np.nan
        grid[:, left_out] = np.nan
        grids.append(grid[order][:, order])
    names = tuple(_name(a, b, own, unit, passage) for unit in order)
    start = a.span(passage).start
    tokens = np.where(first[0] < 0, -1, first[0] + start)[order]
    return Both(*grids, names, tokens, order + span.start)


def of_cross(a: Run, b: Run, passage: int, weights: tuple[np.ndarray, np.ndarray]) -> Both:
    """Return the cross-attention of two heads over a passage side by side, token by token.

    Raises
    ------
    HeadscopeError
        If only one of them is cross-attention, or they are of other tokens.
    """
    check_cross(a, b)
    (names, tokens), columns = (
        (side.strings[span], np.arange(span.start, span.stop))
        for side, span in ((a.tokens, a.span(passage)), (a.keys, a.key_span(passage)))
    )
    return Both(*weights, names, tokens, tokens, columns)


def check_cross(a: Run, b: Run) -> None:
    """Raise `HeadscopeError` unless both are cross-attention between the same tokens."""
    if a.square or b.square:
        raise HeadscopeError(
            "Cross-attention looks from the decoder's tokens to the encoder's, all other attention "
            "within one text: of these two heads there is no difference."
        )
    if not (_same(a.tokens, b.tokens) and _same(a.keys, b.keys)):
        raise HeadscopeError(
            "The difference of cross-attention is shown token by token, and these two heads read "
            "other tokens. Choose the same model and the same text for both."
        )


def _same(a: Tokens, b: Tokens) -> bool:
    return a.strings == b.strings and np.array_equal(a.starts, b.starts)


def _name(a: Run, b: Run, own: list[np.ndarray], unit: int, passage: int) -> str:
    """Return a unit's text: a token as it is, several joined without their marks."""
    for run, units in zip((a, b), own, strict=True):
        places = np.flatnonzero(units == unit) + run.span(passage).start
        if len(places) == 1:
            return run.tokens.strings[places[0]]
        if len(places):
            texts = bare(run.tokens)
            joint = " " if run.tokens.special[places].any() else ""
            return joint.join(texts[i] for i in places)
    return ""
