"""A map's trust is measured once and comes back from the store as it was."""

import numpy as np
import pytest
from clouds import random_cloud

from compute.maps import projection, trust, trust_store


@pytest.fixture
def measured():
    cloud = random_cloud(passages=5, length=20, seed=1)
    return cloud, projection.fit(cloud, "pca")


def test_it_is_the_measure_itself_and_comes_back_whole(measured, monkeypatch):
    cloud, layout = measured
    monkeypatch.setattr(projection, "cloud", lambda run, layer, head: cloud)
    first = trust_store.measured(None, 0, 0, "a map", layout)
    expected = trust.trust(cloud, layout)
    assert first.numbers() == expected.numbers()
    monkeypatch.setattr(trust, "trust", None)  # a second measurement would fail
    again = trust_store.measured(None, 0, 0, "a map", layout)
    assert again.numbers() == expected.numbers() and again.words == expected.words
    np.testing.assert_array_equal(again.q, expected.q)
    np.testing.assert_array_equal(again.k, expected.k)
    assert not trust_store.TRUST.has(trust_store.key("another map"))
