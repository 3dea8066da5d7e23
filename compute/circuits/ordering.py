"""Rows of a layered drawing in an order that lets few arrows cross (Sugiyama et al. 1981)."""

from collections.abc import Mapping, Sequence

import numpy as np

SWEEPS = 8
"""Ways up and down over all rows."""

Place = tuple[int, ...]
"""What stands in a row: a head, or arrows that pass it."""
Links = Sequence[tuple[Place, Place]]
"""From something in a row to something in the next one."""


def ordered(rows: Sequence[Sequence[Place]], links: Sequence[Links]) -> list[list[Place]]:
    """Return the rows, each in an order that was found to let few links cross.

    Parameters
    ----------
    rows : sequence of sequences
        The lowest first.
    links : sequence of links
        Those from each row to the next: one less than there are rows.
    """
    best = now = [list(row) for row in rows]
    fewest = _crossings(best, links)
    for sweep in range(SWEEPS):
        now = _swept(now, links, up=sweep % 2 == 0)
        count = _crossings(now, links)
        if count < fewest:
            best, fewest = now, count
    return best


def _swept(rows: list[list[Place]], links: Sequence[Links], *, up: bool) -> list[list[Place]]:
    """Order each row by where its neighbours in the row before it stand, on average."""
    made = [list(row) for row in rows]
    for at in range(1, len(made)) if up else range(len(made) - 2, -1, -1):
        beside = made[at - 1 if up else at + 1]
        pairs = links[at - 1] if up else [(b, a) for a, b in links[at]]
        made[at] = _by_neighbours(made[at], _places(beside), pairs)
    return made


def _by_neighbours(row: list[Place], known: Mapping[Place, int], pairs: Links) -> list[Place]:
    near: dict[Place, list[int]] = {}
    for beside, own in pairs:
        near.setdefault(own, []).append(known[beside])
    means = [float(np.mean(near[each])) if each in near else at for at, each in enumerate(row)]
    return [row[at] for at in np.argsort(means, kind="stable")]


def _crossings(rows: list[list[Place]], links: Sequence[Links]) -> int:
    return sum(
        _between(_places(low), _places(high), pairs)
        for low, high, pairs in zip(rows, rows[1:], links, strict=False)
    )


def _between(low: Mapping[Place, int], high: Mapping[Place, int], pairs: Links) -> int:
    ends = np.array([(low[a], high[b]) for a, b in pairs]).reshape(-1, 2)
    apart = ends[:, None, :] - ends[None, :, :]
    return int((apart[..., 0] * apart[..., 1] < 0).sum()) // 2


def _places(row: list[Place]) -> dict[Place, int]:
    return {each: at for at, each in enumerate(row)}
