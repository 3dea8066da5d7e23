"""Heads that are fitted a few at a time."""

import numpy as np
import pytest
from stored import random_run

from compute.all_heads import all_maps, refining, tiles
from compute.errors import HeadscopeError
from compute.machine import pool
from compute.maps import projection
from compute.trust import trust_store

pytestmark = pytest.mark.usefixtures("cache")
METHOD = "biplot"  # quick; how heads are chosen doesn't depend on it


@pytest.mark.parametrize("cores", [2, 4])
def test_the_first_ones_are_fitted_until_the_time_is_over(monkeypatch, cores):
    monkeypatch.setattr(pool, "cores", lambda: cores)
    run, wanted = random_run(), [(1, 1), (0, 2), (1, 0), (0, 0)]
    done, taken = refining.fit_some(run.key, METHOD, wanted, seconds=0)
    assert done == wanted[: cores - 1] and taken > 0  # all cores but one had something to do
    for at in wanted:
        name = projection.key(run.key, *at, METHOD)
        assert projection.MAPS.has(name) == (at in done)
        assert trust_store.TRUST.has(trust_store.key(name)) == (at in done)
    done, _ = refining.fit_some(run.key, METHOD, wanted, seconds=1000)
    assert done == wanted
    alone = projection.fit(projection.cloud(run, 1, 1), METHOD)
    found = tiles.some(run.key, METHOD, [(1, 1)])
    np.testing.assert_allclose(found.q[0, 0], alone.q, atol=1e-4)
    assert tiles.some(run.key, METHOD, [(1, 1), (1, 2)]) is None  # one is not there
    all_maps.fit_all(run.key, METHOD)
    assert all_maps.TRUSTS.has(all_maps.key(run.key, METHOD))


def test_a_run_that_is_gone_is_refused():
    with pytest.raises(HeadscopeError, match="no longer in the cache"):
        refining.fit_some("0" * 24, METHOD, [(0, 0)])
