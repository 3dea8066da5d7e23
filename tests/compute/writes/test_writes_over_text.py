"""What a head writes over a text: sums of single positions, and circuits that are known."""

import circuits
import numpy as np
import pytest
import tiny
from patterns import tokens
from stored import comes_back

from compute.errors import HeadscopeError
from compute.models.model import Model
from compute.texts.tokenise import tokens_of
from compute.texts.tokens import Tokens
from compute.writes import at_place, over_text

SPECIAL = {circuits.CLS, circuits.SEP}


def repeated(passages: int, closed: bool) -> Tokens:
    """Return passages of eight words that come twice, the last one cut short."""
    rng, rows = np.random.default_rng(1), []
    for number in range(passages):
        words = rng.permutation(np.arange(4, circuits.WORDS))[:8]
        body = np.concatenate([words, words])[: None if number < passages - 1 else -3]
        rows.append([circuits.CLS, *body, *([circuits.SEP] if closed else [])])
    return tokens(rows, SPECIAL)


def random_llama() -> tuple[Model, Tokens]:
    model = Model(circuits.info(3, 4, True, 8), tiny.net("llama"), tiny.tokenizer())
    return model, tokens_of(model.tokenizer, tiny.PASSAGES[:3], 64)[0]


def test_each_position_is_as_measured_alone():
    model, words = random_llama()
    result = over_text.measure(model, words, 1, 2, top=3)
    by_token, often, sizes = [], np.zeros(60), []
    for passage in range(3):
        span = words.span(passage)
        for place in range(span.stop - span.start):
            at = at_place.measure(model, words.ids[span], 1, 2, place, top=30)
            ends = place + 1 == span.stop - span.start or words.special[span][place + 1]
            if ends:
                assert np.isnan(result.effects[span][place])
                continue
            assert result.effects[span][place] == pytest.approx(at.effect, abs=1e-5)
            row = np.zeros(60)
            row[at.raised], row[at.lowered] = at.raised_effects, at.lowered_effects
            by_token.append(row)
            often[at.raised[:3]] += 1
            sizes.append(at.size)
    mean = np.mean(by_token, 0)
    np.testing.assert_array_equal(result.raised, np.argsort(-mean)[:3])
    np.testing.assert_allclose(result.lowered_effects, np.sort(mean)[:3], atol=1e-5)
    np.testing.assert_allclose(result.raised_often, often[result.raised] / len(sizes))
    assert result.size == pytest.approx(np.mean(sizes), rel=1e-4)


def test_means_are_over_predictions_and_intervals_over_passages():
    words = repeated(5, closed=False)
    result = over_text.measure(circuits.copier(1.0), words, 1, 0, top=2)
    there = ~np.isnan(result.effects)
    assert result.mean.mean == pytest.approx(result.effects[there].mean(), rel=1e-5)
    assert result.mean.low <= result.mean.mean <= result.mean.high
    assert result.raising.mean == pytest.approx((result.effects[there] > 0).mean())
    # In the second copy the induction head raises what comes, and everything else it leaves.
    known = at_place.measure(circuits.copier(1.0), words.ids[words.span(0)], 1, 0, 12).effect
    np.testing.assert_allclose(result.by_position.mean[9:16], known, atol=1e-4)
    assert (result.by_position.mean[:8] < known / 4).all()
    np.testing.assert_array_equal(result.counts, [5] * 13 + [4] * 3 + [0])
    assert np.isnan(result.by_position.mean[16]) and result.path_error < 1e-4


def test_masked_models_hide_some_tokens_or_look_at_all():
    model, words = circuits.masked_copier(), repeated(4, closed=True)
    result = over_text.measure(model, words, 1, 0, seed=1)
    hidden = ~np.isnan(result.effects)
    assert result.hidden and 0.08 < hidden.sum() / (~words.special).sum() < 0.25
    assert not (hidden & words.special).any()
    again = over_text.measure(model, words, 1, 0, seed=1)
    np.testing.assert_array_equal(again.effects, result.effects)
    plain = over_text.measure(model, words, 1, 0, hide=False)
    np.testing.assert_array_equal(~np.isnan(plain.effects), ~words.special)
    assert not plain.hidden


def test_one_passage_has_no_interval():
    result = over_text.measure(circuits.copier(1.0), repeated(1, closed=False), 1, 0)
    assert np.isnan([result.mean.low, result.mean.high]).all() and not np.isnan(result.mean.mean)


def test_a_text_without_anything_to_predict():
    words = tokens([[circuits.CLS, circuits.CLS]], SPECIAL)
    with pytest.raises(HeadscopeError, match="no token to predict"):
        over_text.measure(circuits.copier(1.0), words, 1, 0)


def test_progress_is_told_in_passages():
    told = []
    words = repeated(3, closed=False)
    over_text.measure(
        circuits.copier(1.0), words, 1, 0, progress=lambda done, total: told.append((done, total))
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_kept_in_the_store():
    words = repeated(2, closed=False)
    comes_back(over_text.OVERALL, over_text.measure(circuits.copier(1.0), words, 1, 0, top=2))
    assert over_text.key("run", 1, 0, {}) != over_text.key("run", 1, 0, {"seed": 1})
