"""Summaries of stretches of text, added: the same bits in any order."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
import tiny
from summaries import summary_of

from compute import store
from compute.corpora import Document
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.models import loading
from compute.summaries import passages
from compute.summaries.kept import SHARDS
from compute.summaries.summary import Summary, check_apart

WORDS = tiny.WORDS


def documents(seed: int, count: int = 6) -> list[Document]:
    """Return some documents of random words, of two slices."""
    rng = np.random.default_rng(seed)
    texts = [" ".join(rng.choice(WORDS, rng.integers(2, 25))) for _ in range(count)]
    return [Document(text, f"part {n % 2}") for n, text in enumerate(texts)]


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> list[Summary]:
    """Summaries of four stretches; the last two are of the same text at two places."""
    path = tiny.save(tmp_path_factory.mktemp("model") / "gpt2", "gpt2")
    model = loading.load(catalog.find(str(path)))
    texts = [documents(0), documents(1), documents(2, 3), documents(2, 3)]
    return [summary_of(model, own, str(n), loss=True) for n, own in enumerate(texts)]


def written(summary: Summary, name: str) -> dict[str, bytes]:
    """Return all files of a summary, by their names."""
    SHARDS.put(name, summary)
    folder = store.find("shards", name).folder
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_any_order_and_any_grouping_gives_the_same_files(some: list[Summary]) -> None:
    expected = None
    for number, (a, b, c, d) in enumerate(permutations(some)):
        whole = (a.plus(b)).plus(c.plus(d)) if number % 2 else ((d.plus(c)).plus(b)).plus(a)
        files = written(whole, f"{number:024x}")
        assert len(files) > 40
        expected = expected or files
        assert files == expected


def test_what_is_kept_comes_back(some: list[Summary]) -> None:
    first = written(some[0], "a" * 24)
    assert written(SHARDS.get("a" * 24), "b" * 24) == first


def test_all_is_in_the_sum(some: list[Summary]) -> None:
    whole = some[0].plus(some[1])
    assert whole.read == some[0].read + some[1].read
    assert list(whole.slices) == ["part 0", "part 1"]
    assert whole.slices["part 0"].documents == 6
    assert whole.counts.largest.sum() == sum(each.counts.largest.sum() for each in some[:2])
    assert whole.tokens.count.sum() == sum(each.tokens.count.sum() for each in some[:2])
    assert len(whole.sample.kept) == 12


def test_the_strongest_of_both_are_the_strongest_of_all(some: list[Summary]) -> None:
    whole = some[0].plus(some[1]).strongest
    both = np.concatenate([each.strongest.peak for each in some[:2]], axis=2)
    expected = -np.sort(-both, axis=2)[..., : passages.STRONGEST]
    np.testing.assert_array_equal(whole.peak, expected)
    assert set(whole.passages) == set(whole.hash.ravel().tolist())


def test_the_sample_is_that_of_the_smallest_hashes(
    some: list[Summary], monkeypatch: pytest.MonkeyPatch
) -> None:
    every = sorted(k.passage.hash for each in some[:2] for k in each.sample.kept)
    lengths = {k.passage.hash: len(k.passage.ids) for e in some[:2] for k in e.sample.kept}
    monkeypatch.setattr(passages, "SAMPLE", 60)
    found = [k.passage.hash for k in some[0].sample.plus(some[1].sample).kept]
    assert found == every[: len(found)]
    total = sum(lengths[number] for number in found)
    assert total <= 60 < total + lengths[every[len(found)]]


def test_a_smaller_limit_counts(some: list[Summary]) -> None:
    hashes = sorted(k.passage.hash for k in some[1].sample.kept)
    few = passages.Sample(hashes[2], some[0].sample.kept)
    found = few.plus(some[1].sample)
    assert found.limit == hashes[2]
    assert all(k.passage.hash < hashes[2] for k in found.kept)


def test_the_same_stretch_twice_is_refused_where_it_would_count_twice(some: list[Summary]) -> None:
    with pytest.raises(HeadscopeError, match="would count twice"):
        check_apart(some[0].plus(some[1]), some[1])
    check_apart(some[0], some[1])


def test_other_measures_are_not_added(some: list[Summary], tmp_path: Path) -> None:
    path = tiny.save(tmp_path / "other", "gpt2", seed=1)
    other = summary_of(loading.load(catalog.find(str(path))), documents(0), loss=True)
    with pytest.raises(HeadscopeError, match="identity is"):
        some[0].plus(other)


def test_more_tokens_than_sums_can_hold_are_refused(some: list[Summary]) -> None:
    def of(tokens: int) -> Summary:
        part = replace(some[0].slices["part 0"], tokens=tokens)
        return replace(some[0], slices={"part 0": part})

    most = 2**33 // 16 - 1  # with losses, of 16 nats
    assert of(most - 1).plus(of(1)).read == most
    with pytest.raises(HeadscopeError, match=f"more than {most:,} tokens"):
        of(most).plus(of(1))
