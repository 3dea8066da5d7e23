"""Records come back as what they were; a field that would not is refused where it is declared."""

from dataclasses import dataclass, make_dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from stored import comes_back

from compute import store


class Pair(NamedTuple):
    before: float
    word: str


class Range(NamedTuple):
    low: np.ndarray
    high: np.ndarray


class Change(NamedTuple):
    before: np.ndarray
    after: Range


class Apart(NamedTuple):
    after: Range


class Mixed(NamedTuple):
    value: np.ndarray
    count: int


class Listed(NamedTuple):
    places: tuple[int, int]


@dataclass(frozen=True)
class Everything:
    name: str
    count: int
    share: float | None
    none: str | None
    same: bool
    either: int | str
    words: tuple[str, ...]
    places: tuple[tuple[int, int], ...]
    no_places: tuple[int, ...] | None
    by_word: dict[str, float]
    settings: dict
    no_settings: dict | None
    pair: Pair
    pairs: dict[str, Pair]
    some: Pair | None
    nobody: Pair | None
    values: np.ndarray
    range: Range
    change: Change
    ranges: dict[str, Range]


def test_all_that_a_record_keeps_comes_back() -> None:
    numbers = np.arange(6.0).reshape(2, 3)
    limits = Range(numbers, numbers + 1)
    told = Everything(
        *("a", 3, 0.5, None, True, "five", ("x", "y"), ((0, 1), (2, 3)), None, {"x": 0.25}),
        *({"deep": {"er": 1}}, None, Pair(1.0, "w"), {"p": Pair(2.0, "v")}, Pair(3.0, "u"), None),
        *(numbers, limits, Change(numbers, limits), {"one": limits, "two": limits}),
    )
    kind = store.record("everything", Everything)
    comes_back(kind, told)
    found = kind.get(store.key("kept"))
    for name in ("words", "places", "pair", "pairs", "some", "by_word"):
        assert getattr(found, name) == getattr(told, name), name
        assert type(getattr(found, name)) is type(getattr(told, name)), name
    assert type(found.pairs["p"]) is Pair and type(found.change.after) is Range


@pytest.mark.parametrize(
    "what",
    [
        *(np.ndarray | None, dict[str, np.ndarray], tuple[np.ndarray, ...], np.float64),
        *(list[int], set[str], bytes, Path, object, Any, complex),
        *(dict[int, float], dict[str, tuple[int, ...]], dict[str, list[int]], dict[str, dict]),
        *(tuple[Pair, ...], tuple[dict, ...], dict[int, Pair], dict[str, Pair] | None),
        *(Range | None, dict[int, Range], Apart, Mixed, Listed, Pair | str, Everything),
    ],
    ids=str,
)
def test_a_field_that_would_not_come_back_is_refused_where_it_is_declared(what) -> None:
    refused = make_dataclass("Result", [("fine", int), ("odd", what)])
    with pytest.raises(TypeError, match=r"Result\.odd is of a type that a record doesn't keep"):
        store.record("results", refused)


def test_what_is_no_dataclass_is_refused() -> None:
    with pytest.raises(TypeError, match="Pair is no dataclass"):
        store.record("pairs", Pair)
