"""Selections of points that were given a name."""

import json

import pytest

from compute import limits
from compute.errors import HeadscopeError
from compute.notes import selections
from compute.notes.selections import Selection

pytestmark = pytest.mark.usefixtures("cache")
RUN, TEN = "ab" * 12, (10, 10)


def test_what_is_kept_is_read_again() -> None:
    assert selections.of_run(RUN, TEN) == ()
    assert selections.keep(RUN, "  the\nring ", [3, 1, 3], []) == "the ring"
    selections.keep(RUN, "Art", [], [9])
    assert selections.of_run(RUN, TEN) == (
        Selection("Art", (), (9,)),
        Selection("the ring", (1, 3), ()),
    )
    assert selections.load(RUN, TEN, "the ring") == Selection("the ring", (1, 3), ())
    assert selections.load(RUN, TEN, "the rin") is None
    assert selections.of_run("cd" * 12, TEN) == ()
    selections.keep(RUN, "Art", [2], [])  # in place of the other
    assert selections.load(RUN, TEN, "Art") == Selection("Art", (2,), ())
    selections.forget(RUN, "Art")
    selections.forget(RUN, "Art")
    assert [each.name for each in selections.of_run(RUN, TEN)] == ["the ring"]


def test_what_can_not_be_kept_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, queries, told in (
        (" \n", [1], "Give the selection a name"),
        ("x" * 61, [1], "at most 60 characters"),
        ("x", [], "No points are selected"),
    ):
        with pytest.raises(HeadscopeError, match=told):
            selections.keep(RUN, name, queries, [])
    monkeypatch.setattr(limits, "SELECTIONS", 1)
    selections.keep(RUN, "a", [1], [])
    selections.keep(RUN, "a", [2], [])
    with pytest.raises(HeadscopeError, match="Delete one"):
        selections.keep(RUN, "b", [1], [])


@pytest.mark.parametrize(
    "content",
    [
        *("{", "[]", {"queries": [10]}, {"keys": [-1]}, {"keys": [True]}, {"keys": "1"}),
        *({"name": name} for name in (1, "", "x" * 61, "\ud800", "a\nb")),
    ],
)
def test_a_damaged_file_is_no_selection(cache, content) -> None:
    selections.keep(RUN, "a", [1], [2])
    (path,) = (cache / "selections").iterdir()
    good = json.loads(path.read_text())
    path.write_text(content if isinstance(content, str) else json.dumps(good | content))
    assert selections.of_run(RUN, TEN) == () and selections.load(RUN, TEN, "a") is None
    assert path.exists()


def test_a_name_is_that_of_its_file_and_says_nothing_in_another_direction(cache) -> None:
    assert selections.keep(RUN, "a\u202eb\u2066c\u200f", [1], []) == "abc"
    (path,) = (cache / "selections").iterdir()
    assert [each.name for each in selections.of_run(RUN, TEN)] == ["abc"]
    good = json.loads(path.read_text())
    for name in ("another", "abc\u202e"):
        path.write_text(json.dumps(good | {"name": name}))
        assert selections.of_run(RUN, TEN) == ()


def test_what_can_not_be_deleted_is_said(cache) -> None:
    (cache / "elsewhere").mkdir()
    (cache / "selections").symlink_to(cache / "elsewhere")
    with pytest.raises(HeadscopeError, match=r"could not be deleted\. .* is a link"):
        selections.forget(RUN, "a")


@pytest.mark.parametrize("key", ["", "../" + "0" * 21, "AB" * 12, "ab" * 11 + "*?"])
def test_nothing_but_a_run_s_key_reaches_the_disk(key: str) -> None:
    with pytest.raises(ValueError, match="is not the key"):
        selections.of_run(key, TEN)


def test_queries_and_keys_can_be_of_other_tokens() -> None:
    selections.keep(RUN, "both", [3], [11])
    assert selections.load(RUN, (4, 12), "both") == Selection("both", (3,), (11,))
    assert selections.of_run(RUN, (12, 4)) == ()
