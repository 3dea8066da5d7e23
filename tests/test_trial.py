"""The recorded trial is the measured one: its cells hold what a measurement of it reads."""

import numpy as np
import pytest

from compute import catalog, induction, models, trial


@pytest.mark.parametrize(
    ("spec", "options"),
    [
        ("demo-gpt", {"design": "standard"}),
        ("demo-gpt", {"design": "four"}),
        ("demo-bert", {"design": "triple", "length": 30}),
        ("demo-bert", {"design": "shuffled", "length": 30}),
    ],
)
def test_the_cells_hold_what_was_measured(tmp_path, monkeypatch, spec, options) -> None:
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path))
    model, options = models.load(catalog.find(spec)), options | {"trials": 1, "seed": 3}
    measured = induction.measure(model, **options)
    trial.record(model, options)
    seen = trial.load(trial.key(model.info.identity, options))
    assert set(seen.cells) == set(measured.readouts)
    assert seen.attention.shape[2:] == (len(seen.tokens),) * 2
    for name, cells in seen.cells.items():
        counts = np.bincount(cells[:, 0])
        weights = seen.attention[:, :, cells[:, 0], cells[:, 1]].astype(float)
        read = weights.sum(2) / np.count_nonzero(counts)
        assert np.allclose(read, measured.readouts[name].mean, atol=1e-3), name


def test_what_was_never_recorded_is_not_there(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path))
    assert trial.load(trial.key("nothing", {})) is None
