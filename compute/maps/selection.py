"""What a set of points attends to in sum, and who looks at it."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from compute import attention
from compute.runs import Run

MOST = 12


@dataclass(frozen=True)
class Summary:
    """A selection in numbers.

    Attributes
    ----------
    queries, keys : int
        How many points were selected.
    tokens : tuple of (str, int)
        The most frequent tokens among them, with counts.
    given : tuple of (str, float)
        Tokens that the selected queries attend to: mean share of a query's attention, largest
        first. It sums to 1 over all tokens.
    received : tuple of (str, float)
        Tokens of the queries that look at the selected keys: attention in sum, largest first.
    within : float
        As `scores.selected` measures all heads: the share of the selected queries' attention that
        goes to selected keys, of queries that can see one; NaN if none can.
    """

    queries: int
    keys: int
    tokens: tuple[tuple[str, int], ...]
    given: tuple[tuple[str, float], ...]
    received: tuple[tuple[str, float], ...]
    within: float = float("nan")


def summarise(run: Run, layer: int, head: int, queries: np.ndarray, keys: np.ndarray) -> Summary:
    """Return what selected queries attend to and which tokens attend to selected keys.

    Parameters
    ----------
    queries, keys : int arrays
        Numbers of the selected tokens, each of its side; each is read in its own passage only.
    """
    asking, asked = run.tokens, run.keys
    given, received, within = Counter(), Counter(), []
    sight = run.sight(layer)
    of = asking.passage[queries], asked.passage[keys]
    for passage in np.unique(np.concatenate(of)) - asking.passage[0]:
        spans = run.span(int(passage)), run.key_span(int(passage))
        rows, columns = (
            chosen[(chosen >= span.start) & (chosen < span.stop)] - span.start
            for chosen, span in zip((queries, keys), spans, strict=True)
        )
        out, back = np.zeros(spans[1].stop - spans[1].start), []
        for part, weights in attention.in_rows(run, layer, head, int(passage)):
            some = rows[(rows >= part.start) & (rows < part.stop)]
            able = sight.at(some[:, None], columns[None, :]).any(1)
            within += weights[some[able] - part.start][:, columns].sum(1).tolist()
            out += weights[some - part.start].sum(0)
            back.append(weights[:, columns].sum(1))
        back = np.concatenate(back)
        for counter, side, span, sums in (
            (given, asked, spans[1], out),
            (received, asking, spans[0], back),
        ):
            for name, value in zip(side.strings[span], sums.tolist(), strict=True):
                counter[name] += value
    share = max(len(queries), 1)
    names = Counter(asking.strings[i] for i in queries)
    names += Counter(asked.strings[i] for i in keys)
    return Summary(
        len(queries),
        len(keys),
        tuple(names.most_common(MOST)),
        tuple((name, value / share) for name, value in given.most_common(MOST) if value),
        tuple((name, value) for name, value in received.most_common(MOST) if value),
        float(np.mean(within)) if within else float("nan"),
    )
