import pytest

from compute.errors import HeadscopeError
from compute.machine import bounds, chosen_layers


@pytest.mark.parametrize(
    ("said", "layers", "words"),
    [
        ("8-11", (8, 9, 10, 11), "8-11"),
        (" 3, 8-9,4 ,9", (3, 4, 8, 9), "3-4,8-9"),
        ("0", (0,), "0"),
        ("", (), ""),
    ],
)
def test_layers_are_read_and_said(said, layers, words):
    assert chosen_layers.numbers(said) == layers and chosen_layers.words(layers) == words


@pytest.mark.parametrize("said", ["8-", "9-8", "a", "-1", "1,,2", "1-99999", "1;2", "0," * 501])
def test_what_names_no_layers_is_refused(said):
    with pytest.raises(HeadscopeError, match="Write them as 8-15"):
        chosen_layers.numbers(said)


def test_layers_said_once_hold(monkeypatch):
    monkeypatch.setenv("HEADSCOPE_LAYERS", "")
    assert bounds.layers() == ""
    bounds.choose(layers="9,8")
    bounds.choose()
    assert bounds.layers() == "8-9"
    monkeypatch.setenv("HEADSCOPE_LAYERS", "some")  # by hand, and wrong
    assert bounds.layers() == ""
