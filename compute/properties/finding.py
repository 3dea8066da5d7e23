"""How much of a property a head uses, and what happens without it."""

from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits

from compute import store
from compute.contrasts.covariance import Contrast, centre, contrast
from compute.contrasts.marks import Marks
from compute.contrasts.pairs import Pairs
from compute.properties import chance, removal, verdicts
from compute.properties.asking import SEED, Question
from compute.properties.numbers import MEASURED, Finding
from compute.properties.removal import Rows
from compute.scores.intervals import estimate

VERSION = 1

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
    with threadpool_limits(1):  # of matrices this small threads would only wait for each other
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
    if thrifty and _judged(found).verdict in ("hardly", "chance"):
        return _judged(found)
    largest = chance.largest(q, k, question.exchanged(layer))
    limit = float(np.quantile(largest, chance.QUANTILE))
    return _judged(replace(found, chance=limit, above=float((directions.s > limit).sum())))


def _nothing(question: Question, layer: int, head: int, fit: Pairs, held: Pairs) -> Finding:
    return Finding(
        layer=layer,
        head=head,
        said=question.marks.said,
        words=question.marks.words,
        fitted=len(fit),
        held=len(held),
        dims=question.run.model.head_dim,
        rank=0,
        singular=np.zeros(0),
        random=(),
        queries=0,
        verdict="",
        **dict.fromkeys(MEASURED, float("nan")),
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


def ensure(question: Question, layer: int, head: int) -> Finding:
    """Return what is found of a head, measured and kept unless that was done before."""
    name = key(question.run.key, layer, head, question.marks)
    return FINDINGS.ensure(name, lambda: measure(question, layer, head))
