import numpy as np
import pytest
from stored import random_run

from compute.maps import projection
from compute.scale import all_scales, scales


def same(found: float, expected: float | None) -> bool:
    return np.isnan(found) if expected is None else found == pytest.approx(expected, rel=1e-6)


def test_all_heads_as_one_by_one():
    run, seen = random_run(), []
    assert not all_scales.SCANS.has(all_scales.key(run.key))
    all_scales.scan_all(run.key, lambda *at: seen.append(at))
    assert seen == [(i, 6) for i in range(1, 7)]
    found = all_scales.SCANS.get(all_scales.key(run.key))
    weighted, counts = [], []
    for layer in range(2):
        for head in range(3):
            alone = scales.scan(projection.cloud(run, layer, head))
            for name in ("weighted", "weighted_corrected", "counts_corrected"):
                criterion, curve = getattr(found, name), getattr(alone, name)
                at = layer, head
                assert np.allclose(criterion.values[at], curve.values, atol=1e-6, equal_nan=True)
                assert np.allclose(criterion.fine[at], curve.fine, atol=1e-6, equal_nan=True)
                assert same(criterion.best[at], curve.best)
                known = np.isfinite(curve.values).any()
                least = scales.SCALES[np.nanargmin(curve.values)] if known else None
                assert same(criterion.grid[at], least)
            assert found.norms[layer, head] == pytest.approx(alone.norms)
            assert found.norms_corrected[layer, head] == pytest.approx(alone.norms_corrected)
            weighted.append(alone.weighted.values)
            counts.append(alone.weighted.counts)
    expected = scales.scaled_by_counts(np.array(weighted), np.array(counts)).reshape(2, 3, 7)
    assert np.allclose(found.counts.values, expected, atol=1e-6)
    places = expected.argmin(-1)
    assert np.array_equal(found.counts.grid, np.array(scales.SCALES)[places])
    all_scales.scan_all(run.key, lambda *_: pytest.fail("it began again"))


def test_the_uniform_head_gives_no_correlation():
    run = random_run()
    all_scales.scan_all(run.key)
    found = all_scales.SCANS.get(all_scales.key(run.key))
    assert np.isnan(found.weighted.grid[1, 2])
    assert np.isnan(found.weighted_corrected.best[1, 2])
    assert found.norms[1, 2] == 1


def test_fine_scales_hold_the_ends():
    fine = scales.fine_scales()
    assert len(fine) == scales.FINE
    assert fine[[0, -1]] == pytest.approx([0.2, 5])
    assert np.allclose(np.diff(np.log(fine)), np.log(25) / 32)
