"""Background jobs of the views on all heads: averages, classes, patterns, likeness, dossiers.

As in `jobs.opening`: what is in the store is not made again, and what comes back is small.
"""

import numpy as np

from compute import runs
from compute.attention import all_attention, overviews
from compute.errors import HeadscopeError
from compute.matched import paired_attention
from compute.notes import heads as heads_kept
from compute.notes import selections
from compute.progress import Meter, Report
from compute.runs import labels
from compute.scores import (
    aggregate,
    classes,
    head_similarity,
    heads,
    patterns,
    selected,
    strongest_passages,
)
from compute.take_away import dossier, dossier_why, shortlist
from compute.take_away.dossier_page import page


def average(run_key: str, report: Report) -> aggregate.Aggregate:
    """Average the attention of all heads over a run's text."""
    return aggregate.AVERAGES.ensure(
        aggregate.key(run_key),
        lambda: aggregate.of(runs.load(run_key), Meter(report, "layers").at),
    )


def between_classes(
    run_key: str, source: str, content: str | bytes, sinks: bool, report: Report
) -> dict:
    """Measure attention between classes of tokens.

    Parameters
    ----------
    source : str
        A key of `labels.SOURCES`.
    content : str or bytes
        The user's patterns or file; not read for ``role``.
    sinks : bool
        See `classes.of`.

    Returns
    -------
    dict
        ``name`` among `classes.CLASSES`, and ``notes`` for the page.

    Raises
    ------
    HeadscopeError
        If the patterns or the file are wrong, or do not match the text.
    """
    run = runs.load(run_key)
    found = labels.roles(run) if source == "role" else labels.SOURCES[source](run, content)
    name = classes.key(run_key, found, sinks)
    classes.CLASSES.ensure(
        name, lambda: classes.of(run, found, sinks=sinks, progress=Meter(report, "layers").at)
    )
    return {"name": name, "notes": list(found.notes)}


def find_pattern(run_key: str, pattern: patterns.Pattern, report: Report) -> str:
    """Rank all heads by a pattern; return the ranking's name among `patterns.RANKINGS`.

    Raises
    ------
    HeadscopeError
        If nothing is painted, or the text has no such pair.
    """

    def rank() -> patterns.Ranking:
        averages, meter = average(run_key, report), Meter(report, "layers")
        return patterns.rank(runs.load(run_key), pattern, averages, meter.at)

    name = patterns.key(run_key, pattern)
    patterns.RANKINGS.ensure(name, rank)
    return name


def compare_heads(run_a: str, run_b: str, report: Report) -> str:
    """Compare all heads of two runs, or of one; return the name among `head_similarity.LIKENESS`.

    Raises
    ------
    HeadscopeError
        If the texts have different content.
    """

    def compare() -> head_similarity.Likeness:
        pair = runs.load(run_a), runs.load(run_b)
        return head_similarity.all_pairs(*pair, Meter(report, "passages").at)

    name = head_similarity.key(run_a, run_b)
    head_similarity.LIKENESS.ensure(name, compare)
    return name


def compare_runs(run_a: str, run_b: str, report: Report) -> list[list[str]]:
    """Compare all heads of two runs of one text, or each head with itself on two texts.

    Returns
    -------
    list of [kind, name]
        What `between_texts` reads, or the one of `head_similarity.LIKENESS`.

    Raises
    ------
    HeadscopeError
        If both the texts and the models differ.
    """
    try:
        paired_attention.shared(run_a, run_b)
    except HeadscopeError:
        if not _one_model(run_a, run_b):
            raise
        for key in (run_a, run_b):
            average(key, report)
        return [aggregate.AVERAGES.ref(aggregate.key(key)) for key in (run_a, run_b)]
    return [head_similarity.LIKENESS.ref(compare_heads(run_a, run_b, report))]


def between_texts(run_a: str, run_b: str) -> np.ndarray | None:
    """Return how each head changes between two texts, as `head_similarity.across_texts`.

    None before `compare_runs`, for two models, and for one text.
    """
    if not _one_model(run_a, run_b) or _one_text(run_a, run_b):
        return None
    found = [aggregate.AVERAGES.get(aggregate.key(key)) for key in (run_a, run_b)]
    return None if None in found else head_similarity.across_texts(*found)


def _one_model(run_a: str, run_b: str) -> bool:
    one, other = (runs.load(key).model for key in (run_a, run_b))
    return (one.spec, one.part) == (other.spec, other.part)


def _one_text(run_a: str, run_b: str) -> bool:
    try:
        paired_attention.shared(run_a, run_b)
    except HeadscopeError:
        return False
    return True


def write_dossier(run_key: str, layer: int, head: int, report: Report) -> str:
    """Return a head's dossier as HTML."""
    meter = Meter(report, "steps")
    run = runs.load(run_key)
    found = dossier.gather(run, layer, head, meter.at)
    return page(found, dossier_why.gather(run, layer, head, report))


def write_shortlist(run_key: str, report: Report) -> str:
    """Return the starred heads of a run's model, with their pictures, as HTML."""
    run = runs.load(run_key)
    notes = [note for note in heads_kept.of_model(run.model.owner) if note.star]
    notes = [
        note for note in notes if note.layer < run.model.layers and note.head < run.model.heads
    ]
    if not notes:
        raise HeadscopeError("No head is starred yet. Star one beside its title, then save.")
    found = shortlist.gather(run, notes, Meter(report, "heads").at)
    return shortlist.page(run, found, len(notes))


def rank_selected(run_key: str, name: str, report: Report) -> str:
    """Measure how much of every head's attention stays within a kept selection; name the result."""
    run = runs.load(run_key)
    found = selections.load(run_key, (len(run.tokens), len(run.keys)), name)
    if found is None:
        raise HeadscopeError("This selection is not kept any more. Choose another.")
    points = selections.arrays(found)
    made = selected.key(run_key, *points)
    meter = Meter(report, "layers")
    selected.SELECTED.ensure(made, lambda: selected.measure(run, *points, meter.at))
    return made


def score_heads(run_key: str, report: Report) -> None:
    """Compute the per-head scores of a run into the store, unless they are there."""
    heads.SCORES.ensure(
        heads.key(run_key), lambda: heads.score(runs.load(run_key), Meter(report, "blocks").at)
    )


def overview(run_key: str, layer: int, head: int, passage: int, report: Report) -> list[list[str]]:
    """Make a head's picture of a long passage, unless it is there; return where in the store."""
    name, meter = overviews.key(run_key, layer, head, passage), Meter(report, "queries")
    overviews.OVERVIEWS.ensure(
        name,
        lambda: overviews.of_passage(runs.load(run_key), layer, head, passage, meter.at),
    )
    return [overviews.OVERVIEWS.ref(name)]


def draw_all_heads(run_key: str, passage: int, report: Report) -> list[list[str]]:
    """Make all heads' pictures of a long passage, unless they are there; return where."""
    name, meter = all_attention.key(run_key, passage), Meter(report, "heads")

    def make() -> all_attention.Kept:
        return all_attention.Kept(all_attention.of_all_heads(runs.load(run_key), passage, meter.at))

    all_attention.KEPT.ensure(name, make)
    return [all_attention.KEPT.ref(name)]


def find_strongest(
    run_key: str, layer: int, head: int, measure: str | int, report: Report
) -> list[list[str]]:
    """Measure a head's passages, unless that was done; return where in the store they are.

    Parameters
    ----------
    measure : str or int
        See `strongest_passages.find`.
    """
    name = strongest_passages.key(run_key, layer, head, measure)
    meter = Meter(report, "passages")
    strongest_passages.FOUND.ensure(
        name,
        lambda: strongest_passages.find(runs.load(run_key), layer, head, measure, meter.at),
    )
    return [strongest_passages.FOUND.ref(name)]
