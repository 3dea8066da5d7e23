"""Classes of tokens: by role, by the user's patterns, from the user's file."""

import pytest
from patterns import run_of

from compute.errors import HeadscopeError
from compute.runs import labels
from compute.take_away import tables
from compute.texts.token_text import bare, characters, continues

WORDPIECE = ["[CLS]", "The", "play", "##ing", "of", "42", ",", "Ann", "##a", "[SEP]"]
SPACED = ["The", "·play", "ing", "·of", "·42", ",", "·Ann", "a", "(", "x"]


def named(found: labels.Labels) -> list[str]:
    return [found.names[i] for i in found.of]


def test_roles_of_word_pieces() -> None:
    assert named(labels.roles(run_of(WORDPIECE))) == [
        "special",
        "function word",
        "other",
        "piece",
        "function word",
        "digits",
        "punctuation",
        "capitalised",
        "piece",
        "special",
    ]


def test_roles_where_spaces_are_marked_and_the_first_token_is_a_sink() -> None:
    assert named(labels.roles(run_of(SPACED, causal=True))) == [
        "first",
        "other",
        "piece",
        "function word",
        "digits",
        "punctuation",
        "capitalised",
        "piece",
        "punctuation",
        "other",
    ]
    assert named(labels.roles(run_of(SPACED)))[0] == "function word"


def test_marks_are_taken_off_only_where_they_are_marks() -> None:
    assert bare(run_of(WORDPIECE).tokens)[2:4] == ("play", "ing")
    assert bare(run_of(SPACED).tokens)[1] == "play"
    assert bare(run_of(["##", "·a", "·b", "·"]).tokens) == ("##", "a", "b", "·")
    assert bare(run_of(["[CLS]", "·", "a", "##b"]).tokens) == ("[CLS]", "·", "a", "b")
    assert continues(run_of(["[CLS]", "·", "a", "##b"]).tokens).tolist() == [False] * 3 + [True]


def test_a_passage_does_not_go_on_the_word_of_the_one_before() -> None:
    assert continues(run_of(["a", "·b"], ["c", "d"]).tokens).tolist() == [False, False, False, True]


def test_characters_made_of_several_tokens() -> None:
    assert characters(("a", "<E2>", "<80><99>", "s")) == ["a", "", "’", "s"]


def test_rules_match_whole_tokens_in_their_order() -> None:
    found = labels.by_rules(run_of(WORDPIECE), "# mine\nname = (?i)an*\n\nword = [a-z]+\nno = z")
    assert named(found) == [
        "special",
        "other",
        "word",
        "word",
        "word",
        "other",
        "other",
        "name",
        "name",
        "special",
    ]
    assert found.notes == ("No token of the text is “no”.",)


def test_special_tokens_and_first_ones_are_never_swallowed_by_a_rule() -> None:
    assert named(labels.by_rules(run_of(SPACED, causal=True), "all = .+"))[:2] == ["first", "all"]
    assert named(labels.by_rules(run_of(WORDPIECE), "other = .+"))[:2] == ["special", "other"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("noun", "Line 1 is not"),
        ("a = b\n= c", "Line 2 is not"),
        ("noun = (", "The pattern of “noun” (line 1) is no regular expression"),
        ("", "There is no class"),
        ("verb = zzz", "No token of the text matches"),
        ("\n".join(f"c{i} = {i}" for i in range(30)) + "\nx = The", "more than 20 classes"),
        ("a = x\n" * 201, "more than 200 rules"),
        (f"{'a' * 61} = The", "at most 60 characters; “aaaaaaaaaaaaaaaaaaaa…” has 61"),
    ],
)
def test_rules_that_are_none(text: str, says: str) -> None:
    with pytest.raises(HeadscopeError, match=says.replace("(", r"\(").replace(")", r"\)")):
        labels.by_rules(run_of(WORDPIECE), text)


def test_labels_by_place_reach_every_token() -> None:
    content = "\ufeffPassage;Position;Label\n0;0;start\n0;2;verb\n1;1;verb\n".encode()
    found = labels.by_csv(run_of(WORDPIECE, WORDPIECE), content)
    assert named(found)[:3] == ["start", "other", "verb"]
    assert named(found)[10:12] == ["special", "verb"]


def test_labels_by_token_with_or_without_marks() -> None:
    found = labels.by_csv(run_of(SPACED), 'token,label\n·play,verb\nof,prep\n",",mark\n')
    assert named(found)[1:6] == ["verb", "other", "prep", "other", "mark"]


def test_labels_by_token_from_a_table_that_headscope_saved() -> None:
    saved = tables.csv_text(("token", "label"), [("-", "dash"), ("=", "sign")])
    assert "'-" in saved
    assert named(labels.by_csv(run_of(["a", "-", "=", "b"]), saved)) == [
        "other",
        "dash",
        "sign",
        "other",
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("word,class\na,b", "needs a first line with the columns"),
        ("", "needs a first line"),
        ("token,label\n", "no labels below"),
        ("token,label\nzebra,noun", "does not match this text: none of its tokens"),
        (
            "passage,position,label\n3,0,noun",
            "line 2 labels passage 3, and the passages are 0 to 0",
        ),
        ("passage,position,label\n0,10,noun", "position 10 of passage 0, which has 10 tokens"),
        ("passage,position,label\n0,x,noun", "must be whole numbers"),
        ("token,label\nThe,a\nThe,b", "Line 3 of the label file says “b”"),
        ("token,label\n,,x", "has 3 fields and the first line 2"),
        (b"token,label\n\xff,x", "not plain text"),
    ],
)
def test_files_that_do_not_match(content, says: str) -> None:
    with pytest.raises(HeadscopeError, match=says):
        labels.by_csv(run_of(WORDPIECE), content)
