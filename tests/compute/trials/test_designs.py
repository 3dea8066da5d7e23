"""Random sequences: what is in them, and which places are read."""

import numpy as np
import pytest

from compute.errors import HeadscopeError
from compute.trials import designs
from compute.trials.designs import OFFSETS, Material

LENGTH, TRIALS = 9, 60
POOL = np.arange(100, 160)
MASK = 4
MASKED = Material(POOL, [2], [3], MASK)
CAUSAL = Material(POOL, [1], [], None)


def make(material: Material, design: str, seed: int = 0) -> designs.Trials:
    rng = np.random.default_rng(seed)
    return designs.corrected(material, design, TRIALS, LENGTH, rng)


def row(trials: designs.Trials, name: str) -> np.ndarray:
    return trials.keys[:, :, trials.rows.index(name)]


def masked_parts(trials: designs.Trials, copies: int) -> list[np.ndarray]:
    """Check the frame and return the copies (trials, LENGTH)."""
    assert (trials.ids[:, 0] == 2).all() and (trials.ids[:, -1] == 3).all()
    return np.split(trials.ids[:, 1:-1], copies, axis=1)


@pytest.mark.parametrize("design", designs.MASKED)
def test_masked_sequences(design: str):
    trials = make(MASKED, design)
    first, second, *more = masked_parts(trials, designs.COPIES[design])
    assert all(len(set(tokens)) == LENGTH for tokens in first.tolist())
    assert np.isin(first, POOL).all()
    where = trials.queries[:, 0] - 1 - LENGTH
    assert ((second == MASK).sum(1) == 1).all()
    assert (second[np.arange(TRIALS), where] == MASK).all()
    lost = [set(a) - set(b) for a, b in zip(first.tolist(), second.tolist(), strict=True)]
    if design == "unrepeated":
        assert all(len(tokens) == LENGTH for tokens in lost)
    else:
        assert all(len(tokens) == 1 for tokens in lost)
    if design in ("standard", "triple"):
        assert ((first == second).sum(1) == LENGTH - 1).all()
    for third in more:
        np.testing.assert_array_equal(third, first)
    ends = (1, LENGTH - 2) if design == "shuffled" else (0, LENGTH - 1)
    assert (where.min(), where.max()) == ends  # every place is drawn, none of the first copy


@pytest.mark.parametrize("design", ["standard", "triple", "shuffled"])
def test_masked_tokens_other_instances_at_every_offset(design: str):
    trials = make(MASKED, design)
    first, second, *_ = masked_parts(trials, designs.COPIES[design])
    for side, start in (("earlier", 1), ("later", 1 + 2 * LENGTH)):
        if f"{side}+0" not in trials.rows:
            assert side == "later" and design != "triple"
            continue
        for t in range(TRIALS):
            (lost,) = set(first[t]) - set(second[t])
            own = first[t].tolist().index(lost)
            for offset in OFFSETS:
                inside = 0 <= own + offset < LENGTH
                expected = start + own + offset if inside else -1
                assert row(trials, f"{side}{offset:+d}")[t, 0, 0] == expected


def test_neighbours_of_a_shuffled_mask():
    trials = make(MASKED, "shuffled")
    left, right = row(trials, "after_left")[:, 0, 0], row(trials, "before_right")[:, 0, 0]
    for t, ids in enumerate(trials.ids):
        query = trials.queries[t, 0]
        first = ids[1 : LENGTH + 1].tolist()
        before, after = first.index(ids[query - 1]), first.index(ids[query + 1])
        assert left[t] == (before + 2 if before < LENGTH - 1 else -1)
        assert right[t] == (after if after > 0 else -1)


def test_next_to_the_last_masked_token_is_dropped():
    trials = make(MASKED, "standard")
    last = trials.queries[:, 0] == 2 * LENGTH
    assert last.any()
    assert (row(trials, "next")[last] == -1).all()
    assert (row(trials, "next")[~last, 0, 0] == trials.queries[~last, 0] + 1).all()
    assert (row(trials, "previous")[:, 0, 0] == trials.queries[:, 0] - 1).all()


@pytest.mark.parametrize("design", ["standard", "shuffled", "four"])
def test_causal_queries_and_keys(design: str):
    trials, copies = make(CAUSAL, design), designs.COPIES[design]
    assert trials.ids.shape == (TRIALS, 1 + copies * LENGTH)
    assert (trials.ids[:, 0] == 1).all()
    for t in range(0, TRIALS, 7):
        ids = trials.ids[t]
        assert trials.queries[t].tolist() == list(range(1 + LENGTH, 1 + copies * LENGTH))
        for q, query in enumerate(trials.queries[t]):
            instances = [j for j in range(query) if ids[j] == ids[query]]
            assert len(instances) == (query - 1) // LENGTH
            for offset in OFFSETS:
                expected = {j + offset for j in instances if 1 <= j + offset < query}
                keys = set(row(trials, f"earlier{offset:+d}")[t, q].tolist()) - {-1}
                assert keys == expected
            assert set(row(trials, "previous")[t, q].tolist()) - {-1} == {query - 1}


def test_every_repeated_token_counts_for_prefix_matching():
    trials = make(CAUSAL, "standard")
    np.testing.assert_array_equal(
        row(trials, "earlier+1")[:, :, 0], trials.queries - LENGTH + 1
    )  # the last one's is the first token of the second copy


def test_unrepeated_has_the_places_of_standard():
    assert np.unique(make(CAUSAL, "unrepeated").ids[0]).size == 1 + 2 * LENGTH
    np.testing.assert_array_equal(make(CAUSAL, "unrepeated").keys, make(CAUSAL, "standard").keys)


def test_seed_decides():
    for material in (MASKED, CAUSAL):
        first, again = make(material, "shuffled", 3), make(material, "shuffled", 3)
        np.testing.assert_array_equal(first.ids, again.ids)
        np.testing.assert_array_equal(first.keys, again.keys)
        assert (first.ids != make(material, "shuffled", 4).ids).any()


def test_too_small_a_vocabulary():
    small = Material(POOL[: LENGTH - 1], [2], [3], MASK)
    with pytest.raises(HeadscopeError, match="only 8 ordinary tokens"):
        make(small, "standard")
    with pytest.raises(HeadscopeError, match="18 different"):
        make(Material(POOL[:LENGTH], [2], [3], MASK), "unrepeated")


def published(design: str, length: int) -> designs.Trials:
    return designs.published(103, design, 200, length, np.random.default_rng(0))


def test_published_standard_with_its_slips():
    trials = published("standard", 6)
    assert trials.ids.shape == (200, 13)
    assert (trials.ids[:, 0] == 102).all()
    rest = trials.ids[:, 1:]
    assert ((rest >= 100) & (rest < 20_000)).all()
    r = trials.queries[:, 0] - 6
    assert set(r) == set(range(6))
    assert (trials.ids[np.arange(200), 6 + r] == 103).all()
    for offset in OFFSETS:
        np.testing.assert_array_equal(
            row(trials, f"earlier{offset:+d}")[:, 0, 0], (r + offset) % 13
        )
    slipped = r == 0  # the mask is in the first copy, [SEP] its "instance", the end its "before"
    assert (row(trials, "earlier+0")[slipped] == 0).all()
    assert (row(trials, "earlier-1")[slipped] == 12).all()
    ids = trials.ids[~slipped]
    first, second = ids[:, 1:7], ids[:, 7:]
    assert ((first == second).sum(1) >= 5).all()
    at = row(trials, "earlier+0")[~slipped, 0, 0]
    np.testing.assert_array_equal(trials.queries[~slipped, 0], at + 6)


def test_published_triple():
    trials = published("triple", 6)
    r = trials.queries[:, 0] - 6
    assert trials.ids.shape == (200, 19)
    np.testing.assert_array_equal(row(trials, "later+0")[:, 0, 0], 12 + r)


def test_published_shuffled_reads_beside_the_neighbours_first_instances():
    trials = published("shuffled", 6)
    query = trials.queries[:, 0]
    assert set(query) == set(range(7, 12))
    for t, ids in enumerate(trials.ids.tolist()):
        left, right = ids.index(ids[query[t] - 1]), ids.index(ids[query[t] + 1])
        assert row(trials, "after_left")[t, 0, 0] == left + 1
        assert row(trials, "before_right")[t, 0, 0] == (right - 1) % 13
