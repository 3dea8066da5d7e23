from functools import partial

import pytest
import torch

from compute.engine import Failed, here
from compute.errors import HeadscopeError
from tests import items


def test_items_are_done_in_order():
    with here.crew("Just me.", 1) as crew:
        assert (crew.words, crew.workers) == ("Just me.", 1)
        assert [*crew.each(items.square, range(4))] == [(0, 0), (1, 1), (2, 4), (3, 9)]


def test_one_that_fails_three_times_is_left_out(tmp_path):
    with here.crew("", 1) as crew:
        found = dict(crew.each(items.fussy, range(4)))
    assert found[2] == Failed(
        "It failed 3 times, the last time so: ValueError: two is not to my liking.", 3
    )
    assert [found[number] for number in (0, 1, 3)] == [0, 1, 3]


def test_one_that_fails_once_is_done_again():
    failing = iter([ValueError("once")])

    def once(number: int) -> int:
        for error in failing:
            raise error
        return number

    with here.crew("", 1) as crew:
        assert [*crew.each(once, [7])] == [(0, 7)]


def test_an_error_for_the_person_ends_all():
    with here.crew("", 1) as crew, pytest.raises(HeadscopeError, match="no corpus"):
        next(crew.each(items.refused, range(4)))


def test_nothing_is_begun_that_nobody_wants(tmp_path):
    with here.crew("", 1) as crew:
        outcomes = crew.each(partial(items.noted, tmp_path), range(4))
        next(outcomes)
        outcomes.close()
    assert items.tries(tmp_path) == {0: 1}


def test_it_computes_with_as_many_threads_as_a_worker():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with here.crew("", 2) as crew:
            assert dict(crew.each(lambda _: torch.get_num_threads(), [0])) == {0: 2}
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
