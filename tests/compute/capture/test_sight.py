import numpy as np
import pytest

from compute.capture import sight

T = 9
PLACE = np.arange(T)
APART = PLACE[:, None] - PLACE[None, :]
TABLES = {
    "causal": APART >= 0,
    "full": np.ones((T, T), bool),
    "window": (APART >= 0) & (APART < 3),
    "both ways": np.abs(APART) <= 2,
    "chunks": (APART >= 0) & (PLACE[:, None] // 4 == PLACE[None, :] // 4),
    "prefix": (APART >= 0) | (PLACE[None, :] < 3),
    "sinks and window": (APART >= 0) & ((APART < 3) | (PLACE[None, :] == 0)),
    "nothing for some": (APART > 0) & (APART < 4),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_comes_back_whole_and_in_corners(name):
    table = TABLES[name]
    found = sight.of(table)
    assert (found.table is not None) == (name == "sinks and window")  # alone has gaps
    assert np.array_equal(found.cells(T), table)
    assert np.array_equal(found.cells(5), table[:5, :5])
    assert np.array_equal(found.cells(T, slice(4, 7)), table[4:7])
    assert np.array_equal(found.at(PLACE[:, None], PLACE[None, :]), table)
    assert found.corner(6, 6).same(sight.of(table[:6, :6]))
    assert not found.same(sight.of(~table))


def test_causal_is_what_sees_itself_and_nothing_after():
    causal = {name for name in TABLES if sight.of(TABLES[name]).causal}
    assert causal == {"causal", "window", "chunks", "sinks and window"}
    assert sight.causal(T).same(sight.of(TABLES["causal"]))
    assert sight.full(T, T).same(sight.of(TABLES["full"]))


def test_queries_and_keys_may_differ_in_number():
    assert sight.full(3, 7).cells(7, slice(0, 3)).shape == (3, 7)
