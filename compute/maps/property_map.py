"""A map by what queries and keys of pairs with a property have in common: contrastive covariances.

The places of queries are their parts in the strongest directions of queries, those of keys in the
directions of keys that go with them; see `contrasts.covariance`. On each axis a query and a key on
the same side have a higher logit for it.
"""

import numpy as np

from compute.contrasts import kinds, pairs
from compute.contrasts.covariance import centre, contrast
from compute.contrasts.units import units
from compute.errors import HeadscopeError
from compute.maps.cloud import Cloud, Frame, Layout
from compute.maps.linear import pad, signs
from compute.progress import Progress

DEFAULT = "same@0"


def fit_property(
    cloud: Cloud,
    *,
    dims: int = 2,
    seed: int = 0,
    options: dict | None = None,
    progress: Progress | None = None,
    frame: Frame | None = None,
) -> Layout:
    """Return queries and keys in the directions by which pairs with a property meet.

    Parameters
    ----------
    options : dict
        ``property``: one of `contrasts.kinds`, `DEFAULT` if it isn't there. The directions are
        found in every other passage, or in the first half of a long one.

    Raises
    ------
    HeadscopeError
        If it is no property, holds of too few pairs, or queries and keys are of two texts.
    """
    said = (options or {}).get("property") or DEFAULT
    if cloud.tokens is None or not cloud.square:
        raise HeadscopeError(
            "A map by a property compares the tokens of queries and keys, which must be of one "
            "text. Choose another map, or the attention of one stack."
        )
    marks, parts = kinds.of(said, cloud.tokens, cloud.sink), units(cloud.starts)
    some = pairs.draw(marks, parts, cloud.sight, 0, np.random.default_rng(seed))
    if len(some) < pairs.FEWEST:
        raise HeadscopeError(
            f"In one half of this text are {len(some)} pairs in which {marks.words}, too few for a "
            f"map of them: {pairs.FEWEST} are needed. Open a longer text, or choose another "
            "property."
        )
    middle = centre(marks, parts, cloud.q, cloud.k)
    q, k = cloud.q - middle.q, cloud.k - middle.k
    found = contrast(q, k, some)
    u, v = (side[:, :dims] for side in (found.u, found.v))
    flip = signs(u).astype(np.float32)
    places = q @ (u * flip), k @ (v * flip)
    size = _size(places[0][cloud.core]), _size(places[1][cloud.key_core])
    scale = np.float32(np.sqrt(size[1] / size[0]))
    if progress:
        progress(1, 1)
    share = float((found.s[:dims] ** 2).sum() / max((found.s**2).sum(), 1e-30))
    info = {"share": share, "rank": found.rank, "pairs": len(some)}
    return Layout(pad(places[0] * scale, dims), pad(places[1] / scale, dims), None, info)


def _size(places: np.ndarray) -> float:
    """Return how far from their middle places are; one for all, so that axes keep their sizes."""
    return max(float(np.sqrt(((places - places.mean(0)) ** 2).sum(1).mean())), 1e-12)
