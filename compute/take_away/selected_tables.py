"""Selected points as tables: with the words around them, and what every head does with them."""

import numpy as np

from compute.runs import Run
from compute.scores.selected import Selected
from compute.take_away.export import Table

AROUND = 10
"""So many tokens before and after a point make its context."""


def contexts(run: Run, queries: np.ndarray, keys: np.ndarray, name: str = "") -> Table:
    """Return selected points with their contexts, queries first.

    Returns
    -------
    Table
        ``selection`` (its name), ``role``, ``passage`` (from 1, as the page counts), ``position``
        (in the passage, from 0), ``token``, and the tokens of the passage ``before`` and ``after``.
    """
    rows = []
    for role, chosen, tokens in (("query", queries, run.tokens), ("key", keys, run.keys)):
        passages = tokens.passage - tokens.passage[0]
        for i in np.asarray(chosen, int).tolist():
            start, end = (int(tokens.starts[passages[i] + more]) for more in (0, 1))
            before = " ".join(tokens.strings[max(start, i - AROUND) : i])
            after = " ".join(tokens.strings[i + 1 : min(end, i + 1 + AROUND)])
            passage = int(passages[i]) + 1
            rows.append((name, role, passage, i - start, tokens.strings[i], before, after))
    names = ("selection", "role", "passage", "position", "token", "before", "after")
    return {column: [row[at] for row in rows] for at, column in enumerate(names)}


def ranking(found: Selected, name: str) -> Table:
    """Return the share of every head: selection, layer, head, mean, low, high, chance, n."""
    layer, head = (i.ravel() for i in np.indices(found.mean.shape))
    return {
        "selection": [name] * len(layer),
        "layer": layer,
        "head": head,
        **{part: getattr(found, part).ravel() for part in ("mean", "low", "high")},
        "chance": np.asarray(found.chance)[layer],
        "n": np.asarray(found.n)[layer],
    }
