import pytest

from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.machine import bounds
from compute.runs import key_of


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    for name in ("HEADSCOPE_BUDGET", "HEADSCOPE_LONGEST"):
        monkeypatch.setenv(name, "")  # so that it is as before again afterwards


def test_what_is_said_once_holds(monkeypatch):
    assert (bounds.budget(), bounds.longest()) == (2 * 2**30, 1024)
    bounds.choose(0.5, 4096)
    bounds.choose()
    assert (bounds.budget(), bounds.longest()) == (2**29, 4096)
    monkeypatch.setenv("HEADSCOPE_BUDGET", "much")  # by hand, and wrong
    assert bounds.budget() == bounds.BUDGET
    with pytest.raises(HeadscopeError, match="number of GiB"):
        bounds.choose(float("nan"))
    bounds.choose(1e99)
    assert bounds.budget() == 2**60


def test_longer_passages_are_another_run_and_the_usual_keep_their_names():
    class Text:
        title, digest = "T", "d"

    source = catalog.find("demo-gpt")
    usual = key_of(source, Text)
    bounds.choose(longest=bounds.LONGEST)
    assert key_of(source, Text) == usual
    bounds.choose(longest=2048)
    assert key_of(source, Text) != usual
