"""The ICL score: sign, pairing, contexts, and the study's variant."""

import numpy as np
import pytest
import torch
from stored import comes_back

from compute import texts
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.lab import icl, losses
from compute.models import loading

PROSE = texts.load("prose")


def test_contexts_end_or_centre_at_the_same_token():
    window = np.arange(100, 361)
    causal = ([1], [], None)
    for length in (50, 260):
        batch = icl._context(window, length, causal)
        assert batch.truth.tolist() == [[360]]
        assert batch.ids[0].tolist() == [1, *range(360 - length, 360)]
        assert batch.places.tolist() == [[length]]
    masked = ([1], [2], 3)
    for length in (50, 51, 260):
        batch = icl._context(window, length, masked)
        assert batch.truth.tolist() == [[230]] and batch.ids.shape == (1, length + 2)
        place = int(batch.places[0, 0])
        assert batch.ids[0, place] == 3 and batch.ids[0, place - 1] == 229
        assert batch.ids[0, place + 1] == 231 and batch.ids[0, -1] == 2


def test_a_repeated_text_helps_and_the_sign_is_negative(demo_gpt):
    """On a text that comes again after 120 tokens only the long context holds the first time."""
    words = [w for p in PROSE.passages for w in p.split()][:45]
    again = texts.from_user(" ".join(words * 8))
    result = icl.measure(demo_gpt, again, trials=20)
    assert result.score.high < -0.5
    assert result.score.change == pytest.approx(result.score.after - result.score.before)
    assert result.short == 50 and 200 < result.long <= 256 and "no more fit" in result.notes[0]
    assert result.published is None


def test_masked_models_have_the_published_number_beside(demo_bert):
    result = icl.measure(demo_bert, PROSE, trials=12, seed=1)
    assert result.score.low <= result.score.change <= result.score.high
    published = result.published
    assert published.change == pytest.approx(published.after - published.before)
    comes_back(icl.SCORES, result)


def test_published_loss_is_the_mean_of_all_positions(demo_bert):
    window = np.arange(10, 70)
    frame = ([2], [3], demo_bert.info.mask_id)
    batch = icl._published(window, 50, frame, np.random.default_rng(0))
    assert batch.ids.shape == (1, 50) and (batch.ids == demo_bert.info.mask_id).sum() == 1
    assert batch.truth[0].tolist() == [2, *range(10, 59)]
    with torch.inference_mode():
        labels = torch.from_numpy(batch.truth)
        expected = float(demo_bert.net(torch.from_numpy(batch.ids), labels=labels).loss)
    assert losses.measure(demo_bert, batch).mean() == pytest.approx(expected, abs=1e-4)


def test_what_is_too_short_is_explained(demo_gpt):
    with pytest.raises(HeadscopeError, match="longer text"):
        icl.measure(demo_gpt, texts.from_user("A few words."))
    with pytest.raises(HeadscopeError, match="no head that predicts"):
        icl.measure(loading.load(catalog.find("minilm")), PROSE)
