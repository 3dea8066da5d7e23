"""Sums that are the same in any order."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from compute.summaries import exact, mass

NUMBERS = st.lists(st.floats(-1e20, 1e20, allow_nan=False), min_size=1, max_size=20)


@given(NUMBERS, st.randoms())
def test_any_order_and_any_grouping_gives_the_same_bits(numbers: list[float], random) -> None:
    limbs = exact.of(np.array(numbers))
    shuffled = list(range(len(numbers)))
    random.shuffle(shuffled)
    cut = len(numbers) // 2
    parts = limbs[shuffled[:cut]].sum(0) + limbs[shuffled[cut:]].sum(0)
    np.testing.assert_array_equal(parts, limbs.sum(0))


@given(NUMBERS)
def test_a_sum_is_that_of_rounded_numbers_rounded_once(numbers: list[float]) -> None:
    true = sum(Fraction(round(Fraction(number) * 2**40)) for number in numbers)
    found = exact.total(exact.of(np.array(numbers)).sum(0))
    assert float(found) == float(true / 2**40)


def test_a_small_number_beside_a_large_one_is_not_lost() -> None:
    values = np.array([2.0**100, 2.0**-40, -(2.0**100)])
    assert exact.total(exact.of(values).sum(0)) == 2.0**-40


def test_shapes() -> None:
    limbs = exact.of(np.ones((3, 2)))
    assert limbs.shape == (3, 2, exact.LIMBS)
    np.testing.assert_array_equal(exact.total(limbs), np.ones((3, 2)))


def test_mass_is_kept_to_a_billionth() -> None:
    values = np.array([0.1, 12345.678, 0.0])
    np.testing.assert_allclose(mass.total(mass.of(values)), values, atol=1e-9)
