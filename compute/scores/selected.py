"""How much of the attention of selected queries goes to selected keys, in every head.

A query that sees none of the selected keys says nothing and is left out. Chance is what equal
attention to all keys in view would give. Intervals are over passages, as those of all scores.
"""

from dataclasses import dataclass

import numpy as np

from compute import store
from compute.attention.blocks import attention, blocks, by_layer, visible
from compute.progress import Progress, unseen
from compute.runs import Run
from compute.scores.intervals import estimate
from compute.scores.ranking import HeadRow, ranked

VERSION = 1
DEFINITION = (
    "Mean over the selected queries that can see a selected key of their passage: the share of "
    "their attention that goes to selected keys."
)


@dataclass(frozen=True)
class Selected:
    """Attention from selected queries to selected keys.

    Attributes
    ----------
    mean, low, high : float64 (layers, heads)
        A share, and its 95 % interval over passages; NaN where nothing can be seen.
    chance : float64 (layers,)
        With equal attention to all keys in view.
    n : int64 (layers,)
        Queries that the mean is over.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    chance: np.ndarray
    n: np.ndarray


@dataclass(frozen=True)
class Row(HeadRow):
    """One head in a ranking by a selection."""

    chance: float


SELECTED = store.record("selected", Selected)


def key(run_key: str, queries: np.ndarray, keys: np.ndarray) -> str:
    """Return the name among `SELECTED` of what was measured of a selection."""
    return store.key(SELECTED.kind, VERSION, run_key, queries.tolist(), keys.tolist())


def measure(
    run: Run, queries: np.ndarray, keys: np.ndarray, progress: Progress = unseen
) -> Selected:
    """Measure all heads.

    Parameters
    ----------
    queries, keys : int arrays
        Numbers of the selected tokens, each of its side.
    """
    sides = run.tokens, run.keys
    asks, offered = (np.zeros(len(side), bool) for side in sides)
    asks[queries], offered[keys] = True, True
    of = [side.passage - side.passage[0] for side in sides]
    passages = np.intersect1d(of[0][queries], of[1][keys])
    places = {int(passage): i for i, passage in enumerate(passages)}

    def of_layer(layer: int) -> dict[str, np.ndarray]:
        sums, chances = np.zeros((len(passages), run.model.heads)), np.zeros(len(passages))
        counts = np.zeros(len(passages))
        for block in blocks(run, passages=passages):
            seen = visible(run, layer, block)[None] & offered[block.places][:, None, :]
            able = seen.any(-1) & asks[block.asking]  # (p, r)
            shares = (attention(run, layer, block) * seen[:, None]).sum(-1)
            view = visible(run, layer, block).sum(-1)
            at = [places[int(passage)] for passage in block.passages]
            np.add.at(sums, at, (shares * able[:, None]).sum(-1))
            np.add.at(chances, at, (seen.sum(-1) / view * able).sum(-1))
            np.add.at(counts, at, able.sum(-1))
        if not len(passages):
            nothing = np.full(run.model.heads, np.nan)
            return {
                "score": np.stack([nothing] * 3),
                "chance": np.float64(np.nan),
                "n": np.int64(0),
            }
        score = estimate(sums, counts[:, None], seed=0)
        chance = chances.sum() / counts.sum() if counts.any() else np.nan
        return {"score": np.stack(score), "chance": np.float64(chance), "n": np.int64(counts.sum())}

    found = by_layer(run, of_layer, progress)
    mean, low, high = np.moveaxis(found["score"], 1, 0)
    return Selected(mean, low, high, found["chance"], found["n"])


def rows(found: Selected) -> list[Row]:
    """Return all heads by the share that stays within the selection, the largest first."""
    return ranked(
        Row(
            *at,
            *(float(part[at]) for part in (found.mean, found.low, found.high)),
            float(found.chance[at[0]]),
        )
        for at in np.ndindex(found.mean.shape)
    )
