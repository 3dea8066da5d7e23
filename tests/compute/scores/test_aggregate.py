"""Averages by position and by offset of heads that attend exactly as the test says."""

import numpy as np
import patterns
import pytest
from patterns import CLS, SEP, random_run, shifted
from stored import comes_back

from compute.attention import blocks
from compute.attention.exact import of_passage
from compute.scores import aggregate, heads


def test_heads_that_look_a_fixed_way_off_have_one_offset() -> None:
    m = 12
    passages = [[CLS, *range(10, 20), SEP], [CLS, *range(30, 40), SEP]]
    made = np.array([[shifted(m, o) for o in (-1, 0, 3)]])
    found = aggregate.of(patterns.run(passages, [made, made], False, {CLS, SEP}))
    for head, offset in enumerate((-1, 0, 3)):
        row = found.mean[0, head]
        assert row[offset + aggregate.REACH] == pytest.approx(1, abs=1e-6)
        assert np.delete(row, offset + aggregate.REACH) == pytest.approx(0, abs=1e-6)
        assert found.low[0, head, offset + aggregate.REACH] == pytest.approx(1, abs=1e-6)
    assert found.n[0, aggregate.REACH + np.array([-1, 0, 3])].tolist() == [18, 20, 14]


@pytest.mark.parametrize("size", [40, blocks.SIZE])
@pytest.mark.parametrize("causal", [False, True])
def test_averages_are_those_of_a_plain_loop(causal: bool, size: int, monkeypatch) -> None:
    monkeypatch.setattr(blocks, "SIZE", size)  # 40: passages are cut into rows
    run, rows = random_run(causal=causal)
    found = aggregate.of(run)
    ordinary = ~run.tokens.sinks(causal)
    by_offset, by_place = {}, {}
    for p, a in enumerate(rows):
        own = ordinary[run.span(p)]
        for i, j in np.ndindex(a.shape[-2:]):
            if j <= i or not causal:
                by_place.setdefault((i, j), []).append(a[:, :, i, j])
                if own[i] and own[j]:
                    by_offset.setdefault(j - i, []).append(a[:, :, i, j])
    longest = 14
    for offset in range(-longest + 1, longest):
        values = by_offset.get(offset, [])
        assert found.pairs[0, offset + longest - 1] == len(values)
        assert found.sums[..., offset + longest - 1] == pytest.approx(
            np.sum(values, axis=0) if values else 0, abs=1e-5
        )
        if abs(offset) <= aggregate.REACH and values:
            got = found.mean[..., offset + aggregate.REACH]
            assert got == pytest.approx(np.mean(values, axis=0), abs=1e-5)
    for (i, j), values in by_place.items():
        assert found.positions[..., i, j] == pytest.approx(np.mean(values, axis=0), abs=1e-5)
        assert found.counted[0, i, j] == len(values)
    assert np.isnan(found.positions[0, 0, 0, 1]) == causal


def test_attention_to_sinks_is_kept_apart() -> None:
    run, rows = random_run()
    found = aggregate.of(run)
    first = np.sum([a[:, :, 1:-1, 0].sum(-1) for a in rows], axis=0)
    last = np.sum([a[:, :, 1:-1, -1].sum(-1) for a in rows], axis=0)
    assert found.sinks[..., 0] == pytest.approx(first, abs=1e-4)
    assert found.sinks[..., 1] == pytest.approx(last, abs=1e-4)
    count = len(run.tokens) - 2 * len(rows)
    assert found.queries[0] == count
    assert found.sink_pairs[0].tolist() == [count, count]
    total = found.sums.sum(-1) + found.sinks.sum(-1)
    assert total == pytest.approx(count, abs=1e-3)  # nothing is lost


def test_offset_minus_one_is_the_score_previous() -> None:
    run, _ = random_run()
    previous = heads.score(run).of("previous")
    found = aggregate.of(run)
    for a, b in zip(found.spectrum, previous, strict=True):
        assert a[..., aggregate.REACH - 1] == pytest.approx(b, abs=1e-6)


def test_long_passages_get_wider_cells(monkeypatch) -> None:
    monkeypatch.setattr(aggregate, "CELLS", 4)
    run, _ = random_run(lengths=(13, 13, 6))
    found = aggregate.of(run)
    assert found.width == 4
    assert found.positions.shape == (2, 3, 4, 4)
    rows = [of_passage(run, 0, 0, p)[4:8, 8:12].sum(1) for p in (0, 1)]
    assert found.positions[0, 0, 1, 2] == pytest.approx(np.mean(rows), abs=1e-5)
    assert found.counted[0, 1, 2] == 8
    assert np.nansum(found.positions[0, 0, 0, :2]) <= 2  # shares, not densities


def test_short_passages_have_no_far_offsets() -> None:
    run, _ = random_run(lengths=(5, 5))
    found = aggregate.of(run)
    assert found.mean.shape == (2, 3, 17)
    assert np.isnan(found.mean[..., :6]).all()
    assert np.isfinite(found.mean[..., 6:11]).all()


def test_kept_and_found_again() -> None:
    run, _ = random_run()
    found = aggregate.of(run)
    assert found.width == 1
    comes_back(aggregate.AVERAGES, found)
