"""What the points of a map can be coloured by: one value for every query and every key."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from compute.runs import Run
from compute.texts.tokens import Tokens

CATEGORIES = 10  # as many colours as one can still tell apart


@dataclass(frozen=True)
class Values:
    """Values of all points of one head's map.

    Attributes
    ----------
    q, k : float32 (n,), (s,)
        Of the queries and of the keys, which in cross-attention are of other tokens. Between 0 and
        1 if `kind` is ``scale``, NaN where a token has no place on it; a category's number if it is
        ``category``; of ``colour`` uint8 (n, 3): red, green, blue.
    legend : str
        What low and high, or equal, colours mean.
    names : tuple of str
        What each category is, by its number.
    """

    q: np.ndarray
    k: np.ndarray
    kind: Literal["role", "scale", "category", "colour"]
    legend: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Colouring:
    """One way to colour a map; `of` takes (run, layer, head)."""

    title: str
    of: Callable[[Run, int, int], Values]


def role(run: Run, layer: int, head: int) -> Values:
    """Give queries one colour and keys the other."""
    return Values(*(np.ones(len(side), np.float32) for side in _sides(run)), "role", "")


def position(run: Run, layer: int, head: int) -> Values:
    """Colour by place in the passage, from its first to its last token."""
    shares = (_share(side) for side in _sides(run))
    return Values(*shares, "scale", "first token of its passage … last token")


def _share(tokens: Tokens) -> np.ndarray:
    sizes = np.diff(tokens.starts)[tokens.passage - tokens.passage[0]]
    return (tokens.position / np.maximum(sizes - 1, 1)).astype(np.float32)


def position_mod_5(run: Run, layer: int, head: int) -> Values:
    """Colour by position modulo 5: shows heads that look a fixed number of tokens away."""
    rests = ((side.position % 5).astype(np.float32) for side in _sides(run))
    said = "equal colour = equal remainder of the position by 5"
    return Values(*rests, "category", said, tuple("01234"))


def token(run: Run, layer: int, head: int) -> Values:
    """Colour by token; ten colours in all, dealt out by frequency."""
    sides = [_which(side, run) for side in _sides(run)]
    every = sides[0] if run.square else [*sides[0], *sides[1]]
    order = {t: i for i, (t, _) in enumerate(Counter(every).most_common())}
    colours = (np.array([order[t] % CATEGORIES for t in side], np.float32) for side in sides)
    strings = {}
    for side, tokens in zip(sides, _sides(run), strict=True):
        strings |= dict(zip(side, tokens.strings, strict=True))
    shared = ([strings[t] for t in list(order)[c::CATEGORIES]] for c in range(CATEGORIES))
    names = tuple(_some(each) for each in shared if each)
    said = "equal tokens have equal colours; of each the most frequent, and how many more"
    return Values(*colours, "category", said, names)


def _which(tokens: Tokens, run: Run) -> list:
    """Return what tokens are told apart by: source and target may have a vocabulary each."""
    return tokens.ids.tolist() if run.square else list(tokens.strings)


def _some(names: list[str]) -> str:
    """Return the first of some names, and how many more there are."""
    return f"“{names[0]}”" + (f" +{len(names) - 1:,}" if len(names) > 1 else "")


def frequency(run: Run, layer: int, head: int) -> Values:
    """Colour by how often the token stands in the text, on a log scale.

    In cross-attention queries are counted in the targets, and keys in the sources.
    """
    counts = [_counts(side) for side in _sides(run)]
    n, most = len(counts[0]), max(side.max() for side in counts)
    share = _unit(np.log(np.concatenate([*counts, [1]])))[:-1]
    said = "" if run.square else ", queries in the targets, keys in the sources"
    legend = f"once in the text … {most:,} times (log scale{said})"
    return Values(share[:n], share[n:], "scale", legend)


def _counts(tokens: Tokens) -> np.ndarray:
    _, inverse, counts = np.unique(tokens.ids, return_inverse=True, return_counts=True)
    return counts[inverse]


def norm(run: Run, layer: int, head: int) -> Values:
    """Colour by the vector's length, before any centring; one scale for queries and keys."""
    q, k = (np.linalg.norm(v, axis=1) for v in run.head(layer, head))
    both = _unit(np.concatenate([q, k]))
    low, high = min(q.min(), k.min()), max(q.max(), k.max())
    medians = f"medians: queries {np.median(q):.2g}, keys {np.median(k):.2g}"
    legend = f"norm {low:.2g} … {high:.2g} ({medians})"
    return Values(both[: len(q)], both[len(q) :], "scale", legend)


def passage(run: Run, layer: int, head: int) -> Values:
    """Colour by passage; ten colours in all."""
    colours = ((side.passage % CATEGORIES).astype(np.float32) for side in _sides(run))
    return Values(*colours, "category", "equal passages have equal colours (ten in all)")


def _sides(run: Run) -> tuple[Tokens, Tokens]:
    """Return the tokens whose queries, and those whose keys, a map shows."""
    return run.tokens, run.keys


def window(q: np.ndarray, k: np.ndarray) -> tuple[float, float, float, float]:
    """Return the part of the plane that a flat map shows at first: left, right, bottom, top.

    From the 1st to the 99th percentile of either coordinate and a sixth of that to either side, as
    far as there are points: a few that lie far away do not make all the others a dot.

    Parameters
    ----------
    q, k : float (n, 2)
        Places; NaN where a point is not drawn.
    """
    places = np.concatenate([q, k])
    places = places[np.isfinite(places).all(1)]
    if not len(places):
        return (-1.0, 1.0, -1.0, 1.0)
    first, last = np.percentile(places, (1, 99), axis=0)
    room = (last - first) / 6
    low = np.maximum(places.min(0), first - room)
    high = np.minimum(places.max(0), last + room)
    edge = 0.04 * max(float((high - low).max()), 1e-9)  # so that no dot is cut
    (left, bottom), (right, top) = (low - edge).tolist(), (high + edge).tolist()
    return left, right, bottom, top


def density(q: np.ndarray, k: np.ndarray, bins: int = 96, blur: int = 2) -> tuple[np.ndarray, ...]:
    """Count the points of a flat map in the cells of a grid, and spread them a little.

    Parameters
    ----------
    q, k : float (n, 2)
        Places; NaN where a point is not drawn.
    bins : int
        Cells along either axis.
    blur : int
        Each point is spread over so many cells to either side, less the farther (a triangle).

    Returns
    -------
    x, y : float (bins,)
        Middles of the cells.
    counts : float32 (bins, bins)
        Square root of the spread number of points, rows from low to high y; NaN where there are
        next to none.
    """
    places = np.concatenate([q, k])
    places = places[np.isfinite(places).all(1)]
    counts, x, y = np.histogram2d(places[:, 0], places[:, 1], bins=bins)
    weights = np.array([blur + 1 - abs(i) for i in range(-blur, blur + 1)], float)
    for axis in (0, 1):
        spread = partial(np.convolve, weights / weights.sum(), mode="same")
        counts = np.apply_along_axis(spread, axis, counts)
    middles = ((edges[1:] + edges[:-1]) / 2 for edges in (x, y))
    return *middles, np.where(counts > 0.05, np.sqrt(counts), np.nan).T.astype(np.float32)


def _unit(values: np.ndarray) -> np.ndarray:
    low, high = values.min(), values.max()
    return ((values - low) / (high - low or 1)).astype(np.float32)


COLOURINGS: dict[str, Colouring] = {
    "role": Colouring("Query or key", role),
    "position": Colouring("Position", position),
    "mod5": Colouring("Position mod 5", position_mod_5),
    "token": Colouring("Token", token),
    "frequency": Colouring("Token frequency", frequency),
    "norm": Colouring("Norm", norm),
    "passage": Colouring("Passage", passage),
}
