import pytest

from compute.engine.tries import TIMES, Done, Failed, Raised, Tries, attempt
from compute.errors import HeadscopeError
from tests import items


def test_what_went_well_is_given_back():
    assert attempt(items.square, 7) == Done(49)


def test_what_failed_is_said_in_words(capsys):
    assert attempt(items.fussy, 2) == Raised("ValueError: two is not to my liking")
    assert "in fussy" in capsys.readouterr().err  # the traceback


def test_an_error_for_the_person_is_final():
    assert attempt(items.refused, 0) == Raised("There is no corpus. Name one.", final=True)


def test_missing_memory_is_called_so():
    def hungry(_: int) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried 4 GB")

    assert attempt(hungry, 0).why.startswith("there was not enough memory")


def test_who_wants_to_stop_may():
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attempt(interrupted, 0)


def test_the_third_failure_of_an_item_is_its_last():
    tries = Tries()
    for _ in range(TIMES - 1):
        assert tries.failed(5, "no luck") is None
        assert tries.failed(6, "no luck") is None
    assert tries.failed(5, "no luck") == Failed("It failed 3 times, the last time so: no luck.", 3)


def test_an_error_of_the_store_stays_its_sentence():
    class Worse(HeadscopeError):
        pass

    def full(_: int) -> None:
        raise Worse("The disk is full. Make room.")

    assert attempt(full, 0) == Raised("The disk is full. Make room.", final=True)
