"""Sources and targets in a text: which lines are pairs, and what names them."""

import pytest

from compute import texts
from compute.errors import HeadscopeError


def test_a_line_may_have_a_source_and_a_target(own_cache) -> None:
    text = texts.from_user("the cat ⇥ die Katze\nno target\nend ⇥ ")
    assert text.passages == ("the cat", "no target", "end")
    assert text.targets == ("die Katze", "", "")
    assert texts.load(texts.save_user(text)) == text


def test_tabs_part_source_and_target_in_files_that_say_so() -> None:
    for name in ("two.tsv", "TWO.TSV"):
        assert texts.from_user("a b\tc\nd\te", name=name).targets == ("c", "e")
    plain = texts.from_user("a b\tc\nd\te", name="two.txt")
    assert (plain.passages, plain.targets) == (("a b c", "d e"), ())


def test_equal_passages_with_other_targets_are_other_texts() -> None:
    plain, pair = texts.from_user("the cat"), texts.from_user("the cat ⇥ le chat")
    assert plain.passages == pair.passages
    assert len({plain.digest, pair.digest, texts.from_user("the cat ⇥ il gatto").digest}) == 3


def test_targets_may_come_by_themselves() -> None:
    assert texts.from_user("a\nb", targets="x\n\n").targets == ("x", "")
    assert texts.from_user("a\nb", targets="x\ny\n\n").targets == ("x", "y")
    with pytest.raises(HeadscopeError, match="number of targets is 1, that of passages 2"):
        texts.from_user("a\nb", targets="x")


def test_a_target_without_a_source_is_refused() -> None:
    with pytest.raises(HeadscopeError, match="“⇥ die Katze” is a target without a source"):
        texts.from_user("the dog\n ⇥ die Katze")
    assert texts.from_user("a\n⇥").passages == ("a",), "a line of neither is left out, as before"
