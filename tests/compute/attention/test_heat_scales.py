"""How attention becomes colour, on numbers that were made by hand."""

import numpy as np
import pytest
from patterns import run as made

from compute.attention import heat_scales
from compute.attention.heat_scales import HeatScale, Shown

NONE = np.zeros(3, bool)
FIRST = np.array([True, False, False])
FULL = np.ones((3, 3), bool)
WEIGHTS = np.array([[0.8, 0.2, 0.0], [0.9, 0.08, 0.02], [0.96, 0.01, 0.03]])


def shown(weights=WEIGHTS, allowed=FULL, sinks=NONE) -> Shown:
    return Shown(np.asarray(weights, float), np.asarray(allowed), np.asarray(sinks))


@pytest.mark.parametrize(
    ("kind", "sinks", "top"),
    [("one", True, 1), ("log", True, 1), ("row", True, 1), ("row", False, 1), ("one", False, 0.2)],
)
def test_where_a_scale_ends(kind: str, sinks: bool, top: float) -> None:
    assert heat_scales.fit(kind, sinks, [shown(sinks=FIRST)]) == HeatScale(kind, top, sinks)


def test_a_clipped_scale_counts_the_cells_that_a_query_may_see() -> None:
    weights = np.tril(np.arange(1, 10_001.0).reshape(100, 100))
    allowed = np.tril(np.ones((100, 100), bool))
    found = heat_scales.fit("clip", True, [shown(weights, allowed, np.zeros(100, bool))])
    assert found.top == np.quantile(weights[allowed], 0.99) > np.quantile(weights, 0.99)
    # what no query may see, and what is left out, counts for nothing
    weights[:, 1] = np.nan
    kept = weights[allowed & np.isfinite(weights)]
    found = heat_scales.fit("clip", True, [shown(weights, allowed, np.zeros(100, bool))])
    assert found.top == np.quantile(kept, 0.99)


def test_two_that_are_compared_have_one_scale() -> None:
    other = shown(np.full((3, 3), 0.5), sinks=NONE)
    found = heat_scales.fit("clip", True, [shown(), other])
    assert found.top == np.quantile([*WEIGHTS.ravel(), *[0.5] * 9], 0.99)
    assert heat_scales.fit("one", False, [shown(sinks=FIRST), other]).top == 0.5


def test_nothing_that_counts_gives_a_scale_too() -> None:
    empty = shown(np.full((3, 3), np.nan))
    for kind in heat_scales.KINDS:
        assert heat_scales.fit(kind, False, [empty]).top > 0
        zeros = heat_scales.fit(kind, False, [shown(np.zeros((3, 3)))])
        assert np.array_equal(zeros.shades(np.zeros(2), np.zeros(2)), [0, 0])


def test_how_dark_attention_is() -> None:
    weights = np.array([0, 1e-4, 0.001, 0.01, 0.1, 1, np.nan])
    log = heat_scales.fit("log", True, [shown()]).shades(weights)
    assert np.allclose(log, [0, 0, 0, 1 / 3, 2 / 3, 1, np.nan], equal_nan=True)
    assert np.allclose(HeatScale("clip", 0.2).shades(weights)[2:6], [0.005, 0.05, 0.5, 1])
    tops = shown().tops(True)
    assert np.allclose(tops, [0.8, 0.9, 0.96])
    assert np.allclose(HeatScale("row").shades(WEIGHTS[0], np.full(3, 0.8)), [1, 0.25, 0])
    assert np.allclose(shown(sinks=FIRST).tops(False), [0.2, 0.08, 0.03])


def test_sinks_are_special_tokens_and_what_a_causal_model_sees_first() -> None:
    passages, even = [[7, 8, 9], [8, 7]], [np.full((1, 1, m, m), 1 / m) for m in (3, 2)]
    masked = made(passages, even, causal=False, special={7, 9})
    assert heat_scales.sink_keys(masked, 0).tolist() == [True, False, True]
    assert heat_scales.sink_keys(masked, 1).tolist() == [False, True]
    causal = made(passages, even, causal=True)
    assert heat_scales.sink_keys(causal, 0).tolist() == [True, False, False]
    found = heat_scales.of_passage(causal, 0, 1, even[1][0, 0])
    assert found.allowed.tolist() == [[True, False], [True, True]]
    assert not causal.tokens.special[3], "the run stays as it was"


def test_when_a_picture_is_pale() -> None:
    assert heat_scales.pale(shown(sinks=NONE)) == ""
    assert heat_scales.pale(shown(np.full((3, 3), 0.03))) == "all"
    only = np.column_stack([np.full(10, 0.95), np.full((10, 9), 0.005)])
    first = np.arange(10) == 0
    assert heat_scales.pale(shown(only, np.ones((10, 10), bool), first)) == "rest"
    only[:5, 3] = 0.3
    assert heat_scales.pale(shown(only, np.ones((10, 10), bool), first)) == "rest"
    only[5, 3] = 0.3  # in more than half of the rows
    assert heat_scales.pale(shown(only, np.ones((10, 10), bool), first)) == ""
    assert heat_scales.pale(shown(np.full((3, 3), np.nan))) == ""
