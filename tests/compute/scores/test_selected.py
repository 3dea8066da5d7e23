"""Attention from selected queries to selected keys, in all heads."""

import numpy as np
import pytest
from patterns import random_run, run, shifted
from stored import random_cross

from compute import attention
from compute.scores import ranking, selected


def by_hand(data, layer: int, head: int, queries, keys) -> tuple[float, float, int]:
    shares, chances = [], []
    for passage in range(len(data.tokens.starts) - 1):
        span, of_keys = data.span(passage), data.key_span(passage)
        weights = attention.of_passage(data, layer, head, passage)
        seen = data.sight(0).cells(weights.shape[1], slice(len(weights)))
        inside = [k - of_keys.start for k in keys if of_keys.start <= k < of_keys.stop]
        for query in queries:
            if not span.start <= query < span.stop:
                continue
            row = query - span.start
            there = [k for k in inside if seen[row, k]]
            if there:
                shares.append(weights[row, there].sum())
                chances.append(len(there) / seen[row].sum())
    return float(np.mean(shares)), float(np.mean(chances)), len(shares)


@pytest.mark.parametrize("causal", [False, True])
def test_shares_are_those_by_hand(causal: bool) -> None:
    data, _ = random_run(causal=causal)
    queries, keys = np.array([1, 4, 8, 10, 17, 30]), np.array([0, 3, 12, 20, 29])
    found = selected.measure(data, queries, keys)
    for at in np.ndindex(found.mean.shape):
        share, chance, n = by_hand(data, *at, queries, keys)
        assert found.mean[at] == pytest.approx(share, abs=1e-5)
        assert (found.chance[at[0]], found.n[at[0]]) == (pytest.approx(chance), n)
        assert found.low[at] <= found.mean[at] <= found.high[at]


@pytest.mark.usefixtures("cache")
def test_in_cross_attention_queries_and_keys_are_of_their_own_texts() -> None:
    data = random_cross()
    queries, keys = np.array([0, 4, 10, 20, 53]), np.array([0, 13, 30, 71])
    found = selected.measure(data, queries, keys)
    for at in np.ndindex(found.mean.shape):
        share, chance, n = by_hand(data, *at, queries, keys)
        assert found.mean[at] == pytest.approx(share, abs=1e-5) and n == 5
        assert (found.chance[at[0]], found.n[at[0]]) == (pytest.approx(chance), n)


def test_a_head_that_looks_back_has_all_of_it() -> None:
    m, ids = 6, [list(range(6)), list(range(6, 12))]
    rows = np.array([[shifted(m, -1), np.full((m, m), 1 / m)]])
    data = run(ids, [rows, rows], causal=False)
    found = selected.measure(data, np.array([2, 3, 8]), np.array([1, 2, 7]))
    assert found.mean[0, 0] == pytest.approx(1, abs=1e-5)
    assert found.mean[0, 1] == pytest.approx((2 + 2 + 1) / 3 / 6, abs=1e-5)
    assert found.chance[0] == pytest.approx((2 + 2 + 1) / 3 / 6)
    assert found.n[0] == 3


def test_what_can_not_be_seen_says_nothing() -> None:
    data, _ = random_run(causal=True)
    apart = selected.measure(data, np.array([1]), np.array([30]))  # of two passages
    later = selected.measure(data, np.array([1]), np.array([5]))  # causal: not in view
    for found in (apart, later):
        assert np.isnan(found.mean).all() and np.isnan(found.chance).all()
        assert (found.n == 0).all()
    one = selected.measure(data, np.array([5]), np.array([1]))
    assert np.isfinite(one.mean).all() and np.isnan(one.low).all()  # one passage: no interval


def test_it_is_kept_by_what_was_selected() -> None:
    data, _ = random_run()
    found = selected.measure(data, np.array([1, 2]), np.array([3]))
    name = selected.key("ab" * 12, np.array([1, 2]), np.array([3]))
    assert name != selected.key("ab" * 12, np.array([1]), np.array([2, 3]))
    selected.SELECTED.put(name, found)
    back = selected.SELECTED.get(name)
    assert np.array_equal(back.mean, found.mean) and np.array_equal(back.n, found.n)


def test_heads_come_by_their_share_and_those_without_one_last() -> None:
    shares = np.array([[0.2, np.nan, 0.7], [0.7, 0.1, 0.2]])
    found = selected.Selected(shares, shares - 0.1, shares + 0.1, np.array([0.3, 0.4]), np.ones(2))
    rows = selected.rows(found)
    order = [(0, 2), (1, 0), (0, 0), (1, 2), (1, 1), (0, 1)]  # equal ones by layer and head
    assert [(row.layer, row.head) for row in rows] == order
    assert [row.chance for row in rows] == [0.3, 0.4, 0.3, 0.4, 0.4, 0.3]
    assert (rows[0].mean, rows[0].low, rows[0].high) == pytest.approx((0.7, 0.6, 0.8))
    assert [row.head for row in ranking.ranked(rows, "chance")] == [0, 1, 2, 0, 1, 2]
