"""All that is known of one head on one text, gathered for one page; see `take_away.dossier_page`.

A passage is *telling* if the head does there what position does not explain: the mean over its
ordinary queries of the Jensen–Shannon divergence between the head's attention and what position
alone would give (`scores.by_position`), 0 to 1.
"""

import importlib.metadata
from dataclasses import dataclass

import numpy as np

from compute.attention.blocks import attention, blocks, ordinary, visible
from compute.attention.exact import of_passage
from compute.errors import HeadscopeError
from compute.maps import projection
from compute.maps.cloud import Layout
from compute.progress import Progress, unseen
from compute.runs import Run, labels
from compute.scores import aggregate, classes, head_similarity, heads, patterns
from compute.scores.aggregate import Aggregate
from compute.scores.by_position import expected
from compute.scores.classes import Classes
from compute.scores.head_similarity import Neighbour, divergence_of
from compute.scores.heads import Scores
from compute.scores.pattern_rules import rules_of
from compute.take_away.export import received
from compute.trust.trust import Trust, trust
from compute.version import code_version

METHOD = "attention"
SEED = 0
TELLING = 3
SHORTEST, LONGEST = 6, 40
"""Heatmaps are of passages of 6 to 40 tokens; of longer ones, if need be, the first 40 tokens."""
PACKAGES = ("numpy", "torch", "transformers")


@dataclass(frozen=True)
class Passage:
    """A telling passage.

    Attributes
    ----------
    number : int
        In the run, from 0.
    beyond : float
        Mean divergence from position alone, 0 to 1.
    tokens, keys : tuple of str
        Those whose queries and keys are shown, at most 40: the same but in cross-attention.
    lengths : tuple of int
        How many of either the whole passage has.
    attention : float32 (m, s)
        Of the tokens shown; of a picture of all.
    picture : uint8 (height, width, 3), or None
        As the model sees it, if the passage is one.
    label : str
        What the page calls that picture.
    """

    number: int
    beyond: float
    tokens: tuple[str, ...]
    keys: tuple[str, ...]
    lengths: tuple[int, int]
    attention: np.ndarray
    picture: np.ndarray | None = None
    label: str = ""


@dataclass(frozen=True)
class OnRule:
    """What the head puts on a rule, and its place among all heads by its excess, from 1."""

    name: str
    row: patterns.Row
    baseline: str
    place: int


@dataclass(frozen=True)
class Dossier:
    """One head on one text; arrays of all heads are kept where ranks need them."""

    run: Run
    layer: int
    head: int
    scores: Scores
    averages: Aggregate
    layout: Layout
    trust: Trust
    received: np.ndarray
    passages: tuple[Passage, ...]
    rules: tuple[OnRule, ...]
    classes: Classes
    most: tuple[Neighbour, ...]
    least: tuple[Neighbour, ...]
    compared: int
    versions: dict[str, str]

    def place(self, score: str) -> int:
        """Return the head's place among all by a score, the largest is 1; 0 if it has none."""
        values = self.scores.of(score).mean
        own = values[self.layer, self.head]
        return 0 if np.isnan(own) else 1 + int((values > own).sum())


def gather(run: Run, layer: int, head: int, progress: Progress = unseen) -> Dossier:
    """Gather a head's numbers, from the store where they are there, and keep those made.

    Progress is in steps.

    Raises
    ------
    HeadscopeError
        If the model has no such head, not all layers are stored, or a passage is too long: before
        anything is computed.
    """
    run.check(layer, head)
    head_similarity.check(run)
    steps = 6

    def after(step: int) -> None:
        progress(step, steps)

    scores = heads.SCORES.ensure(heads.key(run.key), lambda: heads.score(run))
    after(1)
    averages = aggregate.AVERAGES.ensure(aggregate.key(run.key), lambda: aggregate.of(run))
    after(2)
    cloud = projection.cloud(run, layer, head)
    name = projection.key(run.key, layer, head, METHOD, 2, None, SEED)
    layout = projection.MAPS.ensure(name, lambda: projection.fit(cloud, METHOD, dims=2, seed=SEED))
    after(3)
    alike = head_similarity.LIKENESS.ensure(
        head_similarity.key(run.key, run.key), lambda: head_similarity.all_pairs(run, run)
    )
    after(4)
    rules = _rules(run, averages, layer, head)
    after(5)
    roles = labels.roles(run)
    name = classes.key(run.key, roles)
    found = Dossier(
        run=run,
        layer=layer,
        head=head,
        scores=scores,
        averages=averages,
        layout=layout,
        trust=trust(cloud, layout),
        received=received(run, layer, head),
        passages=telling(run, averages, layer, head),
        rules=rules,
        classes=classes.CLASSES.ensure(name, lambda: classes.of(run, roles)),
        most=tuple(head_similarity.nearest(alike, layer, head)),
        least=tuple(head_similarity.nearest(alike, layer, head, most=False)),
        compared=alike.queries,
        versions=versions(),
    )
    after(6)
    return found


def telling(run: Run, averages: Aggregate, layer: int, head: int) -> tuple[Passage, ...]:
    """Return the passages in which a head does most that position does not explain."""
    beyond = _beyond(run, averages, layer, head)
    sizes = np.maximum(np.diff(run.tokens.starts), np.diff(run.keys.starts))
    fits = (sizes >= SHORTEST) & (sizes <= LONGEST) & np.isfinite(beyond)
    long = (sizes > LONGEST) & np.isfinite(beyond)
    order = [
        *(p for p in np.argsort(-beyond, kind="stable") if fits[p]),
        *(p for p in np.argsort(-beyond, kind="stable") if long[p]),
        *(p for p in np.argsort(-sizes, kind="stable") if not fits[p] and not long[p]),
    ]
    return tuple(_passage(run, layer, head, int(p), float(beyond[p])) for p in order[:TELLING])


def versions() -> dict[str, str]:
    """Return the versions of what made the numbers: this code's, and the libraries'."""
    return {"Headscope code": code_version()} | {
        name: importlib.metadata.version(name) for name in PACKAGES
    }


def _passage(run: Run, layer: int, head: int, number: int, beyond: float) -> Passage:
    rows = run.tokens.strings[run.span(number)]
    columns = run.keys.strings[run.key_span(number)]
    weights = of_passage(run, layer, head, number)
    lengths = len(rows), len(columns)
    if run.grid is not None:
        shown = np.asarray(run.pictures[number])
        return Passage(number, beyond, rows, columns, lengths, weights, shown, run.labels[number])
    weights = weights[:LONGEST, :LONGEST]
    return Passage(number, beyond, rows[:LONGEST], columns[:LONGEST], lengths, weights)


def _beyond(run: Run, averages: Aggregate, layer: int, head: int) -> np.ndarray:
    """Return each passage's mean divergence from position alone; NaN without ordinary queries."""
    passages = len(run.tokens.starts) - 1
    sums, counts = np.zeros(passages), np.zeros(passages)
    asking = ordinary(run)[0]
    for block in blocks(run):
        weights, seen = attention(run, layer, block), visible(run, layer, block)
        without = expected(run, averages, layer, block, seen, weights.sum(-1))
        apart = divergence_of(weights[:, head], without[:, head])
        asks = asking[block.asking]
        sums[block.passages] += (apart * asks).sum(1)
        counts[block.passages] += asks.sum(1)
    with np.errstate(invalid="ignore"):
        return sums / counts


def _rules(run: Run, averages: Aggregate, layer: int, head: int) -> tuple[OnRule, ...]:
    """Return the head's place by all rules that the text has pairs for; offsets have a picture."""
    found = []
    for name in rules_of(run.square, run.grid is not None):
        if name == "offset":
            continue
        ranking = _ranking(run, averages, name)
        if ranking is None:
            continue
        listed = patterns.rows(ranking)
        for place, row in enumerate(listed, 1):
            if (row.layer, row.head) == (layer, head):
                found.append(OnRule(name, row, ranking.baseline, place))
    return tuple(found)


def _ranking(run: Run, averages: Aggregate, rule: str) -> patterns.Ranking | None:
    pattern = patterns.Pattern(rule)
    name = patterns.key(run.key, pattern)
    if (ranking := patterns.RANKINGS.get(name)) is not None:
        return ranking
    try:
        ranking = patterns.rank(run, pattern, averages)
    except HeadscopeError:  # the text has no such pairs: nothing to say of it
        return None
    patterns.RANKINGS.put(name, ranking)
    return ranking
