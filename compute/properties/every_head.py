"""All heads by how much of a property they use."""

from dataclasses import dataclass, fields

import numpy as np

from compute import store
from compute.contrasts.marks import Marks
from compute.progress import Progress, unseen
from compute.properties import removal
from compute.properties.asking import Question
from compute.properties.finding import VERSION, of_head
from compute.properties.verdicts import VERDICTS
from compute.scores.ranking import HeadRow, ranked


@dataclass(frozen=True)
class Property:
    """What was found of all heads, each array (layers, heads); see `finding.Finding`.

    Attributes
    ----------
    said, words : str
        The property.
    verdict : int64
        Number of the verdict among `VERDICTS`; −1 for heads of layers that are not stored.
    random : float64
        The mean over the random subspaces.
    """

    said: str
    words: str
    verdict: np.ndarray
    fitted: np.ndarray
    held: np.ndarray
    rank: np.ndarray
    above: np.ndarray
    advantage: np.ndarray
    share: np.ndarray
    auc: np.ndarray
    attention: np.ndarray
    removed: np.ndarray
    principal: np.ndarray
    random: np.ndarray
    effect: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Row(HeadRow):
    """One head in a list by the effect of a property; mean, low and high are the effect's."""

    verdict: str
    attention: float
    removed: float
    random: float
    principal: float
    rank: int
    advantage: float
    share: float
    auc: float


PROPERTIES = store.record("properties", Property)
_WHOLE = ("verdict", "fitted", "held", "rank", "above")


def key(run_key: str, marks: Marks) -> str:
    """Return the name among `PROPERTIES` of all heads of a run and a property."""
    return store.key(PROPERTIES.kind, VERSION, run_key, marks.digest)


def measure(question: Question, progress: Progress = unseen) -> Property:
    """Measure all heads whose layers are stored. Progress is in heads."""
    run, shape = question.run, (question.run.model.layers, question.run.model.heads)
    names = [field.name for field in fields(Property)][2:]
    arrays = {
        name: np.full(shape, -1) if name in _WHOLE else np.full(shape, np.nan) for name in names
    }
    rows = {at: removal.rows_of(question, at) for at in {run.pattern[n] for n in run.stored}}
    order = list(VERDICTS)
    places = [(layer, head) for layer in run.stored for head in range(shape[1])]
    for done, at in enumerate(places, 1):
        found = of_head(question, *at, rows[run.pattern[at[0]]], thrifty=True)
        for name in names:
            value = getattr(found, name)
            if name == "random":
                value = np.mean(value) if value else np.nan
            arrays[name][at] = order.index(value) if name == "verdict" else value
        progress(done, len(places))
    return Property(question.marks.said, question.marks.words, **arrays)


def rows(found: Property) -> list[Row]:
    """Return the heads that were measured: those that use it first, then by the effect."""
    order = list(VERDICTS)
    listed = [
        Row(
            *at,
            *(float(part[at]) for part in (found.effect, found.low, found.high)),
            order[found.verdict[at]],
            *(float(part[at]) for part in _numbers(found)[:4]),
            int(found.rank[at]),
            *(float(part[at]) for part in _numbers(found)[4:]),
        )
        for at in np.ndindex(found.verdict.shape)
        if found.verdict[at] >= 0
    ]
    listed = ranked(listed)
    return sorted(listed, key=lambda row: -order.index(row.verdict))


def _numbers(found: Property) -> tuple[np.ndarray, ...]:
    attention = found.attention, found.removed, found.random, found.principal
    return (*attention, found.advantage, found.share, found.auc)
