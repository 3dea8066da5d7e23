"""All heads by how much of a property they use."""

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from compute import store
from compute.contrasts.marks import Marks
from compute.progress import Progress, unseen
from compute.properties import removal
from compute.properties.asking import Question
from compute.properties.finding import VERSION, of_head
from compute.properties.numbers import NUMBERS, numbers_of
from compute.properties.verdicts import CAUSAL, VERDICTS
from compute.scores.ranking import HeadRow, ranked


@dataclass(frozen=True)
class Property:
    """What was found of all heads.

    Attributes
    ----------
    said, words : str
        The property.
    dims : int
        Of a head's vectors.
    verdict : int64 (layers, heads)
        Number of the verdict among `VERDICTS`; −1 for heads of layers that are not stored.
    numbers : float64 (layers, heads, NUMBERS)
        NaN where nothing was measured.
    """

    said: str
    words: str
    dims: int
    verdict: np.ndarray
    numbers: np.ndarray

    def of(self, name: str) -> np.ndarray:
        """Return one of `NUMBERS` of all heads, float64 (layers, heads)."""
        return self.numbers[..., NUMBERS.index(name)]


@dataclass(frozen=True)
class Row(HeadRow):
    """One head in a list by the effect of a property; mean, low and high are the effect's."""

    verdict: str
    numbers: dict[str, float]


PROPERTIES = store.record("properties", Property)


def key(run_key: str, marks: Marks) -> str:
    """Return the name among `PROPERTIES` of all heads of a run and a property."""
    return store.key(PROPERTIES.kind, VERSION, run_key, marks.digest)


def measure(question: Question, progress: Progress = unseen) -> Property:
    """Measure all heads whose layers are stored. Progress is in heads."""
    run, shape = question.run, (question.run.model.layers, question.run.model.heads)
    numbers = np.full((*shape, len(NUMBERS)), np.nan)
    verdict = np.full(shape, -1)
    rows = {at: removal.rows_of(question, at) for at in {run.pattern[n] for n in run.stored}}
    order = list(VERDICTS)
    places = [(layer, head) for layer in run.stored for head in range(shape[1])]
    with threadpool_limits(1):  # of matrices this small threads would only wait for each other
        for done, at in enumerate(places, 1):
            found = of_head(question, *at, rows[run.pattern[at[0]]], thrifty=True)
            numbers[at] = list(numbers_of(found).values())
            verdict[at] = order.index(found.verdict)
            progress(done, len(places))
    marks = question.marks
    return Property(marks.said, marks.words, run.model.head_dim, verdict, numbers)


def ensure(question: Question, progress: Progress = unseen) -> Property:
    """Return what is found of all heads, measured and kept unless that was done before."""
    name = key(question.run.key, question.marks)
    return PROPERTIES.ensure(name, lambda: measure(question, progress))


def rows(found: Property) -> list[Row]:
    """Return the heads that were measured by the effect, those with a causal one first."""
    order = list(VERDICTS)
    effects = [found.of(name) for name in ("effect", "low", "high")]
    listed = ranked(
        Row(
            *at,
            *(float(part[at]) for part in effects),
            order[found.verdict[at]],
            dict(zip(NUMBERS, found.numbers[at].tolist(), strict=True)),
        )
        for at in np.ndindex(found.verdict.shape)
        if found.verdict[at] >= 0
    )
    return sorted(listed, key=lambda row: row.verdict not in CAUSAL)
