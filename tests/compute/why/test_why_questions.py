"""What is asked for becomes edges, and what can't be explained is refused in a sentence."""

from dataclasses import replace

import numpy as np
import patterns
import pytest

from compute.errors import HeadscopeError
from compute.why import edge_sets, questions
from compute.why.questions import Question, ask


def run_of(passages: list[list[int]], causal: bool = True, attention=None):
    made = attention or [
        np.broadcast_to(np.tri(len(p)) / np.arange(1, len(p) + 1)[:, None], (2, 2, len(p), len(p)))
        for p in passages
    ]
    return patterns.run(passages, made, causal, special={0})


FIVE = [0, 7, 8, 7, 9]


def test_an_edge_is_counted_from_zero_with_special_tokens() -> None:
    subject = ask(run_of([FIVE, [0, 5, 6]]), Question(1, 0, edges=((1, 2, 1),)))
    (piece,) = subject.pieces
    assert (piece.passage, piece.ids.tolist()) == (1, [0, 5, 6])
    assert (piece.queries.tolist(), piece.keys.tolist()) == ([2], [1])
    assert piece.others is None
    assert subject.words == "“6” (2) to “5” (1)"


def test_a_rule_gives_its_visible_edges_and_others_of_the_same_offsets() -> None:
    passages = [[0, 7, 8, 7, 9, 4, 5], [0, 1, 2]]
    subject = ask(run_of(passages), Question(1, 0, questions.RULE, rule="same"))
    (piece,) = subject.pieces  # only the first passage has a token twice
    assert list(zip(piece.queries, piece.keys, strict=True)) == [(3, 1)]  # not 1 to 3, after it
    other = piece.others
    assert (other.queries - other.keys).tolist() == [2]
    assert (other.queries[0], other.keys[0]) != (3, 1) and other.keys[0] > 0


def test_a_rule_that_takes_every_pair_has_nothing_to_compare_with() -> None:
    subject = ask(run_of([FIVE]), Question(1, 0, questions.RULE, rule="previous"))
    assert subject.pieces[0].others is None
    assert "nothing to compare" in subject.notes[0]
    assert ask(run_of([FIVE]), Question(1, 0, questions.RULE, rule="offset", offset=-2)).words == (
        "all edges of the rule “Fixed offset” −2"
    )


def test_others_are_never_edges_of_the_set_that_were_not_looked_at() -> None:
    """All pairs two apart are of the rule but one: that one is what all are compared with."""
    tokens = [0, 1, 2, 1, 2, 1, 2, 9]
    subject = ask(run_of([tokens]), Question(1, 0, questions.RULE, rule="same"))
    (piece,) = subject.pieces
    two = piece.others.queries - piece.others.keys == 2
    pairs = set(zip(piece.others.queries[two], piece.others.keys[two], strict=True))
    assert pairs == {(7, 5)}


def test_the_strongest_lines_are_ordinary_and_strong() -> None:
    weights = np.zeros((2, 2, 4, 4))
    weights[:, :, np.arange(4), np.arange(4)] = 1
    weights[1, 0, 2] = [0.55, 0.4, 0.05, 0]  # its sink is left out
    weights[1, 0, 3] = [0.9, 0.05, 0.03, 0.02]  # nothing else is strong
    subject = ask(run_of([[0, 5, 6, 7]], True, [weights]), Question(1, 0, questions.STRONGEST))
    (piece,) = subject.pieces
    assert list(zip(piece.queries, piece.keys, strict=True)) == [(1, 1), (2, 1)]


def test_picked_edges_keep_their_passages() -> None:
    edges = ((0, 3, 1), (1, 2, 1), (0, 4, 1), (0, 1, 4))
    subject = ask(run_of([FIVE, [0, 5, 6]]), Question(1, 0, questions.PICKED, edges))
    assert [piece.passage for piece in subject.pieces] == [0, 1]
    assert subject.edges == 3  # a causal query doesn't see what comes later
    assert subject.words == "4 selected edges"


def test_of_many_passages_the_same_ones_are_looked_at_each_time() -> None:
    run = run_of([[0, 5, 5, 6]] * 30)
    asked = Question(1, 0, questions.RULE, rule="same")
    first, again = ask(run, asked), ask(run, asked)
    assert [p.passage for p in first.pieces] == [p.passage for p in again.pieces]
    assert len(first.pieces) == edge_sets.PASSAGES
    assert first.notes == ("12 of 30 passages with such edges were looked at.",)


def test_long_passages_are_left_out_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge_sets, "LONGEST", 4)
    rule = Question(1, 0, questions.RULE, rule="same")
    both = ask(run_of([FIVE, [0, 5, 5]]), rule)
    assert [p.passage for p in both.pieces] == [1]
    assert "1 passage of more than 4 tokens" in both.notes[0]
    for asked in (rule, Question(1, 0, questions.STRONGEST), Question(1, 0, edges=((0, 2, 1),))):
        with pytest.raises(HeadscopeError, match="Choose a passage of at most 4 tokens"):
            ask(run_of([FIVE]), asked)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Question(1, 0, edges=((2, 1, 1),)), "no passage 2: this text has 1, counted from 0"),
        (Question(1, 0, edges=((0, 9, 1),)), "no token 9: its tokens are 0 to 4"),
        (Question(1, 0, edges=((0, 1, -1),)), "no token -1"),
        (Question(7, 0, edges=((0, 1, 1),)), "no head L7H0"),
        (Question(1, 0, questions.RULE, rule="row"), "no rule “row”"),
        (Question(1, 0, questions.RULE, rule="brackets"), "no token of this text has such a key"),
        (Question(1, 0, questions.RULE, rule="same", passage=3), "no passage 3"),
        (Question(1, 0, edges=((0, 1, 1),), method="half"), "no ablation “half”"),
    ],
)
def test_what_is_not_there_is_refused(asked: Question, said: str) -> None:
    with pytest.raises(HeadscopeError, match=said):
        ask(run_of([FIVE]), asked)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"task": "imported"}, "vectors alone"),
        ({"task": "picture"}, "reads pictures"),
        ({"task": "pairs", "part": "decoder"}, "an encoder and a decoder"),
        ({"adds": True}, "adds to q·k"),
        ({"off": "L0H1", "off_method": "zero"}, "heads switched off"),
    ],
)
def test_models_that_can_not_be_explained_are_refused(changes: dict, said: str) -> None:
    run = run_of([FIVE])
    run = replace(run, model=replace(run.model, **changes))
    with pytest.raises(HeadscopeError, match=said):
        ask(run, Question(1, 0, edges=((0, 1, 1),)))


def test_equal_questions_have_one_name_and_others_their_own() -> None:
    names = {
        questions.key("run", asked)
        for asked in (
            Question(1, 0, edges=((0, 1, 1),)),
            Question(1, 0, edges=((0, 1, 1),), method="zero"),
            Question(1, 0, edges=((0, 1, 1),), every=True),
            Question(1, 1, edges=((0, 1, 1),)),
        )
    }
    assert len(names) == 4
    assert questions.key("run", Question(1, 0)) == questions.key("run", Question(1, 0))
