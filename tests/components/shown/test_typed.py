"""What a person gives: numbers from fields and addresses, and files."""

import pytest

from components.shown import typed
from compute.errors import HeadscopeError
from compute.limits import Range

FEW = Range(-5, 9)


@pytest.mark.parametrize(
    ("given", "found"), [(3, 3), ("3", 3), (-5.0, -5), ("", None), (None, None)]
)
def test_a_whole_number_may_still_be_a_text(given: object, found: int | None) -> None:
    assert typed.whole(given, "Offset", FEW) == found


@pytest.mark.parametrize("given", [10, "-6", 1.5, "1.5", "abc", "nan", "inf", "1e999", "9" * 5000])
def test_what_is_none_is_told(given: object) -> None:
    with pytest.raises(HeadscopeError, match="Offset") as told:
        typed.whole(given, "Offset", FEW)
    assert len(str(told.value)) < 200


def test_numbers_are_finite() -> None:
    assert typed.number("0.25", "At least") == 0.25
    for given in ("inf", "NaN", "1,5"):
        with pytest.raises(HeadscopeError, match="not a number"):
            typed.number(given, "At least")


def test_heads_are_whole_numbers() -> None:
    assert typed.head("1", 2) == (1, 2)
    for layer in ("-1", "x", "10000", "1.5"):
        with pytest.raises(HeadscopeError, match="Layer"):
            typed.head(layer, "0")


def test_a_file_comes_in_base64() -> None:
    assert typed.file("data:text/plain;base64,YWI=") == b"ab"
    for url in ("data:text/plain;base64,YWI", "data:text/plain;base64,Y-I=", "data:;base64,é"):
        with pytest.raises(HeadscopeError, match="could not be read"):
            typed.file(url)
