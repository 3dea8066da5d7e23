"""How much of a property a head uses, and what happens without it."""

from dataclasses import dataclass, replace

import numpy as np

from compute import store
from compute.contrasts.covariance import Contrast, centre, contrast
from compute.contrasts.marks import Marks
from compute.contrasts.pairs import Pairs
from compute.properties import chance, removal, verdicts
from compute.properties.asking import SEED, Question
from compute.properties.removal import Rows
from compute.runs import Run
from compute.scores.intervals import estimate

VERSION = 1


@dataclass(frozen=True)
class Finding:
    """A head and a property. What was not measured is NaN.

    Attributes
    ----------
    layer, head : int
    said, words : str
        The property; see `Marks`.
    fitted, held : int
        Matching pairs with a control: those fitted, and those held out, of which all below is.
    dims, rank : int
        Of a head's vectors, and of the directions: those with 95 % of the squared singular values.
    above : int
        Singular values above `chance`; −1 where chance was not measured.
    singular : float64 (dims,)
    chance : float
        95 % of exchanges give a largest singular value below this.
    advantage, advantage_low, advantage_high : float
        Mean logit of matching pairs less that of their controls, and its 95 % interval.
    share : float
        Of the advantage in the directions.
    auc : float
        How often a matching pair has a higher logit than a control.
    attention, removed, principal : float
        Mean attention on all matching keys of queries that see one: as it is, without the
        directions, without as many principal components of the queries.
    random : tuple of float
        The same without as many directions drawn at random.
    effect, low, high : float
        ``attention - removed``, and its 95 % interval.
    queries : int
        Held-out queries that were asked.
    verdict : str
        Key of `VERDICTS`.
    """

    layer: int
    head: int
    said: str
    words: str
    fitted: int
    held: int
    dims: int
    rank: int
    above: int
    singular: np.ndarray
    chance: float
    advantage: float
    advantage_low: float
    advantage_high: float
    share: float
    auc: float
    attention: float
    removed: float
    principal: float
    random: tuple[float, ...]
    effect: float
    low: float
    high: float
    queries: int
    verdict: str

    @property
    def sentence(self) -> str:
        """What to make of it."""
        return verdicts.VERDICTS[self.verdict].words(self)


FINDINGS = store.record("property", Finding)


def key(run_key: str, layer: int, head: int, marks: Marks) -> str:
    """Return the name among `FINDINGS` of a head and a property."""
    return store.key(FINDINGS.kind, VERSION, run_key, layer, head, marks.digest)


def measure(question: Question, layer: int, head: int) -> Finding:
    """Measure one head.

    Raises
    ------
    HeadscopeError
        If the model has no such head.
    """
    question.run.check(layer, head)
    rows = removal.rows_of(question, question.run.pattern[layer])
    return of_head(question, layer, head, rows)


def of_head(
    question: Question, layer: int, head: int, rows: list[Rows], *, thrifty: bool = False
) -> Finding:
    """Measure one head of a question whose rows are known.

    Parameters
    ----------
    rows : list of Rows
        Of the layer's sight.
    thrifty : bool
        Measure what chance gives only where all else says that there is something.
    """
    fit, held = question.pairs(layer)
    found = _nothing(question, layer, head, fit, held)
    if min(len(fit), len(held)) < verdicts.FEWEST:
        return _judged(found)
    q, k = question.run.head(layer, head)
    middle = centre(question.marks, question.units, q, k)
    q, k = q - middle.q, k - middle.k
    directions = contrast(q, k, fit)
    found = _with_advantage(found, question, q, k, held, directions)
    taken = removal.removed(question, layer, head, directions.u[:, : directions.rank], rows)
    found = _with_effect(found, taken)
    if thrifty and _judged(found).verdict not in ("uses", "unspecific", "effectless"):
        return _judged(found)
    largest = chance.largest(q, k, question.marks, question.units, fit, SEED)
    limit = float(np.quantile(largest, chance.QUANTILE))
    return _judged(replace(found, chance=limit, above=int((directions.s > limit).sum())))


def _nothing(question: Question, layer: int, head: int, fit: Pairs, held: Pairs) -> Finding:
    nothing = [float("nan")] * 9
    dims = question.run.model.head_dim
    about = question.marks.said, question.marks.words, len(fit), len(held), dims, 0, -1
    return Finding(
        *(layer, head, *about, np.zeros(0)),
        *(*nothing, (), *[float("nan")] * 3, 0, ""),
    )


def _with_advantage(
    found: Finding,
    question: Question,
    q: np.ndarray,
    k: np.ndarray,
    held: Pairs,
    directions: Contrast,
) -> Finding:
    u, v = (side[:, : directions.rank] for side in (directions.u, directions.v))
    matching = _products(q, k, u, v, held.i, held.j)
    controls = _products(q, k, u, v, held.other_i, held.other_j)
    against = np.stack([np.bincount(held.of, held.weight * row, len(held)) for row in controls])
    apart = matching - against
    units = question.units.of(held.i)
    sums = np.bincount(units, apart[0], len(question.units.start))
    counts = np.bincount(units, minlength=len(question.units.start))
    mine = question.units.half == 1
    mean, low, high = estimate(sums[mine, None], counts[mine, None], seed=SEED)
    return replace(
        found,
        dims=q.shape[1],
        rank=directions.rank,
        singular=directions.s,
        advantage=float(mean[0]),
        advantage_low=float(low[0]),
        advantage_high=float(high[0]),
        share=float(apart[1].mean() / mean[0]) if mean[0] else float("nan"),
        auc=_auc(matching[0], controls[0], held.weight),
    )


def _products(
    q: np.ndarray, k: np.ndarray, u: np.ndarray, v: np.ndarray, i: np.ndarray, j: np.ndarray
) -> np.ndarray:
    """Return logits of pairs, and the part of them in the directions, float64 (2, pairs)."""
    a, b = q[i], k[j]
    meeting = u.T @ v
    return np.stack(
        [np.einsum("nd,nd->n", a, b), np.einsum("nr,nr->n", (a @ u) @ meeting, b @ v)]
    ).astype(np.float64)


def _auc(matching: np.ndarray, controls: np.ndarray, weight: np.ndarray) -> float:
    order = np.argsort(controls)
    below = np.concatenate([[0], np.cumsum(weight[order])])
    ordered = controls[order]
    left, right = (np.searchsorted(ordered, matching, side) for side in ("left", "right"))
    return float(((below[left] + below[right]) / 2).mean() / below[-1])


def _with_effect(found: Finding, taken: removal.Removed) -> Finding:
    plain, without, principal, *random = taken.means.tolist()
    drop = (taken.sums[:, 0] - taken.sums[:, 1])[:, None]
    mean, low, high = estimate(drop, taken.counts[:, None], seed=SEED)
    return replace(
        found,
        attention=plain,
        removed=without,
        principal=principal,
        random=tuple(random),
        effect=float(mean[0]),
        low=float(low[0]),
        high=float(high[0]),
        queries=int(taken.counts.sum()),
    )


def _judged(found: Finding) -> Finding:
    return replace(found, verdict=verdicts.of(found).name)


def of_run(run: Run, question: Question, layer: int, head: int) -> Finding:
    """Return what was found of a head, measured and kept unless that was done before."""
    name = key(run.key, layer, head, question.marks)
    return FINDINGS.ensure(name, lambda: measure(question, layer, head))
