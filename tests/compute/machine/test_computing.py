import pytest

from compute.errors import HeadscopeError
from compute.machine import computing
from compute.machine.computing import Computing


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    for name in ("HEADSCOPE_DEVICE", "HEADSCOPE_DTYPE"):
        monkeypatch.setenv(name, "")  # so that it is as before again afterwards


def test_what_is_said_once_holds(monkeypatch):
    assert computing.wanted() == Computing("auto", "auto")
    computing.choose("cpu", "bfloat16")
    computing.choose()
    assert computing.wanted() == Computing("cpu", "bfloat16")
    monkeypatch.setenv("HEADSCOPE_DTYPE", "float8")  # by hand, and wrong
    assert computing.wanted() == Computing("cpu", "auto")


@pytest.mark.parametrize("wrong", [("gpu", "auto"), ("auto", "half")])
def test_what_there_is_not_is_told(wrong):
    with pytest.raises(HeadscopeError, match=r"There is no (device|precision) .*: choose auto, "):
        computing.choose(*wrong)
    assert computing.wanted() == Computing("auto", "auto")
