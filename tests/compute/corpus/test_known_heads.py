"""Heads of which it is known what they do: over a corpus they do it, and their examples show it."""

from pathlib import Path

import circuits
import numpy as np
import pytest
from summaries import summary_of

from compute import corpora
from compute.corpora import Document
from compute.corpus import findings, views, whole
from compute.corpus.findings import FINDINGS
from compute.corpus.views import Example
from compute.corpus.whole import Options
from compute.summaries.passages import unpack

WORDS = 12


@pytest.fixture(scope="module", autouse=True)
def own_cache(shared_cache: Path) -> Path:
    return shared_cache


@pytest.fixture(scope="module")
def names(own_cache: Path) -> dict[str, str]:
    """Both demo models over all built-in texts."""
    options = Options(tokens=None, workers=0, threads=1)
    return {
        spec: whole.measure(spec, corpora.load("texts"), options, lambda _: None)
        for spec in ("demo-gpt", "demo-bert")
    }


def looked_at(example: Example) -> list[tuple[int, int]]:
    """Return each ordinary token that has a strongest key above .005, and that key."""
    asks = np.flatnonzero((example.weights[:, 0] > 0) & ~example.special)
    return [(place, int(example.keys[place, 0])) for place in asks.tolist()]


def after(example: Example, place: int) -> set[int]:
    """Return the places after earlier instances of a token."""
    strings = example.strings
    return {j + 1 for j in range(place - 1) if strings[j] == strings[place]}


def test_demo_gpts_heads_have_the_scores_that_they_were_made_for(names) -> None:
    found = FINDINGS.get(names["demo-gpt"])
    previous, induction = found.of("previous"), found.of("induction")
    assert previous.mean.argmax() == 0 and previous.low[0, 0] > 0.98
    assert np.delete(previous.high.ravel(), 0).max() < 0.15
    assert (induction.low[1] > 0.65).all() and induction.high[[0, 2]].max() < 0.15


def test_its_induction_heads_look_at_what_followed_before(names) -> None:
    """Where a token came before, their strongest key is nearly always what followed it there."""
    for head in range(4):
        found = views.view(names["demo-gpt"], 1, head)
        pairs = [
            key in after(example, place)
            for example in found.examples
            for place, key in looked_at(example)
            if after(example, place)
        ]
        assert len(pairs) > 1_000 and np.mean(pairs) > 0.9
        peaks = [(e.place, int(e.keys[e.place, 0]), e) for e in found.examples]
        repeated = [key in after(e, place) for place, key, e in peaks if after(e, place)]
        assert len(repeated) > 30 and np.mean(repeated) > 0.95
    other = views.view(names["demo-gpt"], 0, 0)
    assert {place - key for e in other.examples[:5] for place, key in looked_at(e)[1:]} == {1}


def test_demo_berts_heads_look_one_before_and_one_after(names) -> None:
    found = FINDINGS.get(names["demo-bert"])
    previous = found.of("previous")
    assert previous.mean.argmax() == 0 and previous.low[0, 0] > 0.98
    duplicate = found.of("duplicate")
    assert duplicate.low[1:].min() > duplicate.high[0].max()
    for head, offset in ((0, -1), (1, 1)):
        view = views.view(names["demo-bert"], 0, head)
        peaks = {int(e.keys[e.place, 0]) - e.place for e in view.examples if e.weights[e.place, 0]}
        assert peaks == {offset}
        assert view.distance[1] > 0.98


@pytest.fixture(scope="module")
def by_hand():
    """Sequences of different words, each twice, read by a model whose weights were written down."""
    rng = np.random.default_rng(0)
    chosen = [rng.permutation(36)[:WORDS] for _ in range(6)]
    documents = [Document(" ".join(f"w{n}" for n in [*some, *some]), "") for some in chosen]
    return summary_of(circuits.causal_model(), documents)


def test_heads_written_by_hand_do_exactly_what_they_must(by_hand) -> None:
    found = findings.of(by_hand, {})
    assert found.of("previous").mean[0, 0] == pytest.approx(1, abs=1e-5)
    assert found.of("induction").mean[1, 0] == pytest.approx(1, abs=1e-5)
    assert found.of("induction").mean[0, 0] == pytest.approx(0, abs=1e-5)
    assert found.of("special").mean[:, 1] == pytest.approx([1, 1], abs=1e-5)
    assert found.of("first").mean[:, 1] == pytest.approx([1, 1], abs=1e-5)
    assert found.documents.tolist() == [6]
    asked = found.n[0, found.names.index("induction")]
    # The first word of the second copy follows the last of the first, and so on, to the last.
    assert asked.tolist() == [6 * WORDS, 6 * WORDS]


def test_their_strongest_passages_show_it(by_hand) -> None:
    strongest = by_hand.strongest
    for layer, offset in ((0, -1), (1, 1 - WORDS)):
        for at in range(5):
            place = int(strongest.place[layer, 0, at])
            keys = strongest.keys[layer, 0, at]
            assert strongest.peak[layer, 0, at] == pytest.approx(1, abs=1e-5)
            assert int(keys[place, 0]) - place == offset
            # Everywhere in the second copy, all attention is on that one key.
            for query in range(WORDS + 1, 2 * WORDS + 1):
                assert int(keys[query, 0]) - query == offset
                weights = unpack(strongest.weights[layer, 0, at][query])
                assert weights == pytest.approx([1, *[0] * 7], abs=1e-4)
    largest = by_hand.counts.largest
    assert largest[0, 0, -1] == 6 * (2 * WORDS - 1) and largest[0, 0, 0] == 6
    assert largest[:, 1, 0].tolist() == [6 * 2 * WORDS] * 2
