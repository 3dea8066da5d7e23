"""The honest number: trust of passages that were placed without a look at their own attention."""

from collections.abc import Callable

import numpy as np

from compute.maps import out_of_sample
from compute.maps.cloud import Cloud, Layout, part
from compute.progress import Progress, unseen
from compute.trust.trust import RECALLS, Sums

FOLDS = 5


def held_out(
    cloud: Cloud,
    fit: Callable[[Cloud], Layout],
    *,
    rounds: int = FOLDS,
    progress: Progress = unseen,
) -> dict | None:
    """Return the trust of passages placed only by their likeness to other passages' tokens.

    Parameters
    ----------
    fit : callable
        Makes the map of the passages that are not held out.
    rounds : int
        How many of the 5 fifths of the passages to hold out, one after the other.
    progress : Progress, in rounds

    Returns
    -------
    dict or None
        ``score``, ``recall``, ``chance``, ``queries`` as in `trust.trust.Trust`; None with fewer
        than 2 passages.
    """
    passages = len(cloud.starts) - 1
    if passages < 2:
        return None
    shuffled = np.random.default_rng(0).permutation(passages)
    folds = np.array_split(shuffled, min(FOLDS, passages))[:rounds]
    sums = Sums(cloud)
    for done, fold in enumerate(folds, 1):
        seen, _ = part(cloud, np.setdiff1d(shuffled, fold))
        hidden, _ = part(cloud, np.sort(fold))
        ghosts = out_of_sample.place(seen, fit(seen), hidden, refine=False)
        sums.add(hidden, ghosts)
        progress(done, len(folds))
    return {
        "score": sums.score,
        "recall": {str(r): sums.mean(sums.hits[r]) for r in RECALLS},
        "chance": {str(r): sums.mean(sums.luck[r]) for r in RECALLS},
        "queries": sums.queries,
    }
