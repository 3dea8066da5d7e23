"""What came out of explaining edges: as it is kept, and read for tables and pictures."""

from dataclasses import dataclass

import numpy as np

from compute import store
from compute.scores.intervals import Estimate, estimate

SEED = 0
ENOUGH = 5
"""Passages from which on an effect can be said to be above its interval."""


@dataclass(frozen=True)
class Explained:
    """Edges of a head, explained; P passages, L earlier layers, H heads, n measured heads.

    Sides are ``query`` and ``key`` (2), effects also have ``both`` (3). All in logits but
    attention.

    Attributes
    ----------
    words : str
        What was explained, for a sentence.
    layer, head, edges : int
    method : str
        What a head that is taken out is replaced by: ``mean`` or ``zero``.
    passages : int64 (P,)
        Their numbers.
    contrast, attention : float64 (P,)
        Of the edges, in the whole model; see `subject`.
    complete : bool
        Whether the parts add up to the contrast; `gap` is what they don't account for, (2, P).
    token, position, rest : float64 (2, P)
    heads, mlps : float64 (2, P, L, H), (2, P, L)
        The split, see `parts.Split`.
    places : float64 (2, L, H, 4)
        By where heads brought their parts from, mean over passages; see `subject.PLACES`.
    sources : float64 (2, L, H, T)
        By each token that they were brought from; T is 0 unless there is one passage.
    said : float64 (2, 3, L, H)
        What each of `traced.WAYS` says that a head gives, mean over passages; zero before that.
    measured : int64 (n, 2)
        Layer and head of those that were taken out, the first proposed first.
    effects, changes : float64 (P, n, 3)
        What of contrast and attention went with each: before less after.
    others : float64 (P, n, 3)
        The same of the contrast of the edges that these are compared with; NaN without any.
    notes : tuple of str
    """

    words: str
    layer: int
    head: int
    edges: int
    method: str
    passages: np.ndarray
    contrast: np.ndarray
    attention: np.ndarray
    complete: bool
    gap: np.ndarray
    token: np.ndarray
    position: np.ndarray
    rest: np.ndarray
    heads: np.ndarray
    mlps: np.ndarray
    places: np.ndarray
    sources: np.ndarray
    said: np.ndarray
    measured: np.ndarray
    effects: np.ndarray
    changes: np.ndarray
    others: np.ndarray
    notes: tuple[str, ...] = ()


EXPLAINED = store.record("why", Explained)


def over_passages(values: np.ndarray) -> Estimate:
    """Return means over passages (P, …), each counting alike, with their 95 % intervals."""
    there = np.isfinite(values)
    return estimate(np.where(there, values, 0.0), there.astype(float), seed=SEED)


def above(found: Explained) -> np.ndarray:
    """Return which effects are above what chance and place give, bool (n, 3); see `beyond`."""
    return beyond(found.effects, found.others)


def beyond(effects: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return which effects are above what chance and place alone give, bool (…).

    The interval over passages leaves zero out and has the mean's sign, that of the effect itself
    and, where edges are compared with others, that of the difference too. Never with fewer passages
    than `ENOUGH`.

    Parameters
    ----------
    effects, others : float64 (P, …)
        Of the edges, and of those that they are compared with; NaN where there is none.
    """
    enough = np.isfinite(effects).sum(0) >= ENOUGH
    compared = np.isfinite(others).sum(0) >= ENOUGH
    kept, differ = _clear(over_passages(effects)), _clear(over_passages(effects - others))
    return enough & (kept != 0) & np.where(compared, differ == kept, True)


def _clear(of: Estimate) -> np.ndarray:
    """Return the sign of what the interval leaves zero out of; 0 where it doesn't."""
    with np.errstate(invalid="ignore"):
        return np.where(of.low > 0, 1, np.where(of.high < 0, -1, 0))


def strongest(found: Explained, side: int = 2) -> np.ndarray:
    """Return the order of the measured heads, the largest effect on a side first, int64 (n,)."""
    size = abs(over_passages(found.effects).mean[:, side]) if len(found.measured) else np.zeros(0)
    return np.argsort(-size, kind="stable")
