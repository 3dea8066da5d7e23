"""One map laid over another: the turn, mirror, size and shift that bring shared points together.

A map's orientation, size and place mean nothing, so two maps can be compared only after the best
such transformation was taken out. Source: Gower 1975, Psychometrika 40, 33-51 (two sets: ordinary
Procrustes analysis with a scale).
"""

from dataclasses import dataclass, replace

import numpy as np

from compute.errors import HeadscopeError
from compute.maps.cloud import Layout
from compute.matched.token_alignment import Match, grouped

FEWEST = 3


@dataclass(frozen=True)
class Fit:
    """moved = scale · (points − centre) @ rotation + target.

    Attributes
    ----------
    rotation : float64 (d, d)
        Orthogonal; its determinant is −1 if the map is mirrored.
    centre, target : float64 (d,)
        Means of the shared points in either map.
    residual : float
        Root mean square distance of the shared points that remains, over their root mean square
        distance from their centre: 0 they lie on each other, 1 nothing in common. It is the same
        whichever map is moved.
    points : int
        How many shared points there were.
    """

    rotation: np.ndarray
    scale: float
    centre: np.ndarray
    target: np.ndarray
    residual: float
    points: int

    @property
    def same_size(self) -> "Fit":
        """The same turn and shift, with the scale that makes both maps equally large.

        The least-squares scale shrinks a map the more, the less it is like the other.
        """
        kept = np.sqrt(max(0.0, 1 - self.residual**2))
        return replace(self, scale=self.scale / kept) if kept > 1e-6 else self

    def move(self, points: np.ndarray) -> np.ndarray:
        """Return points (n, d) of the moved map where they lie on the other, float32."""
        moved = self.scale * (points - self.centre) @ self.rotation + self.target
        return moved.astype(np.float32)


def procrustes(points: np.ndarray, onto: np.ndarray) -> Fit:
    """Return the transformation that brings points nearest to others, in least squares.

    Parameters
    ----------
    points, onto : float (n, d)
        Row i of one belongs to row i of the other.

    Raises
    ------
    HeadscopeError
        If there are fewer than three points, or all of a map lie in one place.
    """
    if len(points) < FEWEST:
        raise HeadscopeError(
            "The two maps have fewer than three tokens in common, so they can't be laid over each "
            "other. Choose two heads on the same text."
        )
    x, y = np.asarray(points, np.float64), np.asarray(onto, np.float64)
    centre, target = x.mean(0), y.mean(0)
    x, y = x - centre, y - target
    sizes = [(side**2).sum() for side in (x, y)]
    if min(sizes) <= 1e-20:
        raise HeadscopeError("All points of a map lie in one place, so it can't be laid over.")
    u, s, vt = np.linalg.svd(x.T @ y)
    residual = np.sqrt(max(0.0, 1 - s.sum() ** 2 / (sizes[0] * sizes[1])))
    return Fit(u @ vt, float(s.sum() / sizes[0]), centre, target, float(residual), len(x))


def lay_over(moved: Layout, fixed: Layout, shared: Match) -> tuple[Layout, Fit]:
    """Lay a map over another by the tokens that they share, queries and keys together.

    It is turned, mirrored and moved to where it fits best, and made as large as the other.

    Parameters
    ----------
    moved : Layout
        Of the second run of `shared`.
    fixed : Layout
        Of the first.
    shared : Match
        From `matching.match`; sinks do not count, and a unit of several tokens lies at their mean.

    Raises
    ------
    HeadscopeError
        If they differ in dimensions or have too little in common.
    """
    if moved.q.shape[1] != fixed.q.shape[1]:
        raise HeadscopeError("One map is flat and the other is not. Draw both in 2 or in 3-D.")
    pairs = []
    for side, units in (("q", shared), ("k", shared.keys)):
        count = len(units.ordinary)
        there = grouped(getattr(fixed, side), units.a, count)
        here = grouped(getattr(moved, side), units.b, count)
        both = units.ordinary & np.isfinite(here).all(1) & np.isfinite(there).all(1)
        pairs.append((here[both], there[both]))
    fit = procrustes(*(np.concatenate(part) for part in zip(*pairs, strict=True))).same_size
    return replace(moved, q=fit.move(moved.q), k=fit.move(moved.k)), fit
