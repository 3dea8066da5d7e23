"""What was found in a corpus as tables: all heads' scores, and what is kept of one head."""

from itertools import chain

import numpy as np

from compute.corpus.findings import Findings
from compute.corpus.views import Example, HeadView, PairRow
from compute.take_away.export import Table, of_rows

SCORES = ("layer", "head", "score", "slice", "mean", "low", "high", "n")
EXAMPLES = ("example", "tenth", "largest", "slice", "position", "token", "role", "key", "attention")


def scores(found: Findings) -> Table:
    """Return the scores of all heads: layer, head, score, slice, mean, low, high, n."""
    part, name, layer, head = (i.ravel() for i in np.indices(found.mean.shape))
    return {
        "layer": layer,
        "head": head,
        "score": [found.names[i] for i in name],
        "slice": [found.slices[i] for i in part],
        "mean": found.mean.ravel(),
        "low": found.low.ravel(),
        "high": found.high.ravel(),
        "n": found.n[part, name, layer],
    }


def examples(view: HeadView) -> Table:
    """Return a head's examples: a row for each key of each word; one for a word without any.

    ``tenth`` is from 1 to 10, empty for the strongest of all; ``role`` marks the query whose
    attention is the passage's largest; ``key`` is the position of what is looked at.
    """
    rows = chain.from_iterable(
        _words(number, example) for number, example in enumerate(view.examples)
    )
    return of_rows(EXAMPLES, rows)


def _words(number: int, example: Example) -> list[tuple]:
    rows = []
    tenth = None if example.group is None else example.group + 1
    for place, token in enumerate(example.strings):
        role = "query" if place == example.place else ""
        of = (number, tenth, example.peak, example.part, place, token, role)
        kept = example.weights[place] > 0
        pairs = zip(example.keys[place][kept], example.weights[place][kept], strict=True)
        rows += [(*of, int(key), float(weight)) for key, weight in pairs] or [(*of, None, None)]
    return rows


def histograms(view: HeadView) -> Table:
    """Return a head's histograms: histogram, bin (from 0), value."""
    named = ("largest", "entropy", "distance", "position")
    rows = [(name, bin, value) for name in named for bin, value in enumerate(getattr(view, name))]
    return of_rows(("histogram", "bin", "value"), [(n, b, float(v)) for n, b, v in rows])


def tokens(view: HeadView) -> Table:
    """Return a head's tokens by lift: role (query, key), token, lift, mean, count."""
    sides = (("query", view.queries), ("key", view.keys))
    rows = [(role, r.token, r.lift, r.mean, r.count) for role, some in sides for r in some]
    return of_rows(("role", "token", "lift", "mean", "count"), rows)


def pairs(view: HeadView) -> Table:
    """Return a head's strongest pairs: query, key, attention (mean), count, lift."""
    return of_rows(PairRow._fields, view.pairs)


def classes(view: HeadView) -> Table:
    """Return a head's attention between classes: query, key, attention, chance."""
    rows = [
        (query, key, view.attention[i, j], view.chance[i, j])
        for i, query in enumerate(view.classes)
        for j, key in enumerate(view.classes)
    ]
    return of_rows(("query", "key", "attention", "chance"), rows)
