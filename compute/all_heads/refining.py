"""Some heads' fitted maps, for a few seconds: all heads are refined piece by piece."""

import time
from collections.abc import Iterator, Sequence
from functools import partial

from threadpoolctl import threadpool_limits

from compute import runs
from compute.all_heads import all_maps
from compute.machine import pool
from compute.scale.comparison import ready

SECONDS = 4.0
"""No further head is begun after so long. Whoever asks again may ask for others first."""

Head = tuple[int, int]


def fit_some(
    run_key: str, method: str, heads: Sequence[Head], seconds: float = SECONDS
) -> tuple[list[Head], float]:
    """Lay out heads in their order until the time is over, and keep map and trust of each.

    All cores but one work at it. At least one head is done for each of them.

    Parameters
    ----------
    method : str
        A key of `projection.METHODS`.
    heads : sequence of (layer, head)

    Returns
    -------
    done : list of (layer, head)
        The first of `heads`.
    taken : float
        Seconds, without loading or compiling the method's library.

    Raises
    ------
    HeadscopeError
        If the run is not in the cache, or a head can't be laid out.
    """
    runs.load(run_key)  # before processes are forked
    ready([method])
    begin, taken, done = time.monotonic(), 0.0, []
    for some in _portions(heads, max(1, pool.cores() - 1)):
        _fit(run_key, method, some)
        done += some
        taken = time.monotonic() - begin
        if taken >= seconds:
            break
    return done, taken


def _portions(heads: Sequence[Head], size: int) -> Iterator[list[Head]]:
    for start in range(0, len(heads), size):
        yield list(heads[start : start + size])


def _fit(run_key: str, method: str, heads: Sequence[Head]) -> None:
    one = partial(all_maps.fit_one, run_key, method, 2, {})
    if len(heads) > 1:
        for _ in pool.each(one, heads):
            pass
        return
    with threadpool_limits(1):
        one(heads[0])
