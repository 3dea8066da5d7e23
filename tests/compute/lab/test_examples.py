"""The trials to look at are the measured ones: their cells hold what a measurement reads."""

import numpy as np
import pytest
from stored import random_run

from compute import attention, runs
from compute.finding import catalog
from compute.lab import induction, sample_trials
from compute.models import loading


@pytest.mark.parametrize(
    ("spec", "options"),
    [
        ("demo-gpt", {"design": "standard"}),
        ("demo-gpt", {"design": "four"}),
        ("demo-bert", {"design": "triple", "length": 30}),
        ("demo-bert", {"design": "shuffled", "length": 30}),
    ],
)
def test_the_cells_hold_what_was_measured(spec, options) -> None:
    model, options = loading.load(catalog.find(spec)), options | {"trials": 1, "seed": 3}
    measured = induction.measure(model, **options)
    name = sample_trials.key(model.info.identity, options)
    sample_trials.EXAMPLES.put(name, sample_trials.make(model, options))
    seen = sample_trials.EXAMPLES.get(name)
    assert set(seen.keys) == set(measured.readouts)
    data = runs.load(seen.run_key)
    for name, keys in seen.keys.items():
        there = keys[0] >= 0
        for at in np.ndindex(model.info.layers, model.info.heads):
            weights = attention.of_passage(data, *at, 0)
            read = np.where(there, weights[seen.queries[0][:, None], keys[0]], 0)
            expected = read.sum() / there.any(1).sum()
            assert np.isclose(measured.readouts[name].mean[at], expected, atol=1e-6), (name, at)


def test_without_their_run_they_are_not_there() -> None:
    key = random_run().key
    few = sample_trials.Examples(key, np.zeros((1, 2)), {"previous": np.zeros((1, 2, 1))})
    sample_trials.EXAMPLES.put(key, few)
    assert sample_trials.EXAMPLES.get(key).run_key == key
    runs.RUNS.drop(key)
    assert sample_trials.EXAMPLES.get(key) is None
