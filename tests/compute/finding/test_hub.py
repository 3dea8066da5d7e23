"""Published numbers, for people who have the weights: ``pytest -m hub``.

The numbers of C. Chen's study (2023) were read back from its pictures and are exact to 0.004; those
of GPT-2 are from TransformerLens' demos. At 50 trials the study's own runs differ by up to 0.10.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.lab import copying, induction, losses
from compute.model_files import packaged
from compute.models import loading
from compute.models.model import Model
from compute.trials import planned

pytestmark = pytest.mark.hub
PUBLISHED = Path(__file__).parents[2] / "published"
STUDY = json.loads((PUBLISHED / "study_induction_maps.json").read_text())
LENS = json.loads((PUBLISHED / "transformerlens_head_scores.json").read_text())


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    if not packaged.installed():  # its converted weights are worth keeping
        monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path))


def load(spec: str) -> Model:
    try:
        return loading.load(catalog.find(spec))
    except HeadscopeError as error:
        pytest.skip(f"{spec}: {error}")


def strongest(score: np.ndarray, count: int) -> set[str]:
    order = np.argsort(-score, axis=None)[:count]
    return {f"L{i // score.shape[1]}H{i % score.shape[1]}" for i in order}


def at(score: np.ndarray, name: str) -> float:
    layer, head = name[1:].split("H")
    return float(score[int(layer), int(head)])


def test_gpt2_induction():
    result = induction.measure(load("gpt2"), length=50, trials=20)
    score = result.readouts["prefix_matching"].mean
    five = {"L5H1", "L5H5", "L6H9", "L7H2", "L7H10"}
    assert strongest(score, 5) == five
    known = np.array(LENS["gpt2_induction_main_demo"])
    for name in five:
        assert at(score, name) == pytest.approx(at(known, name), abs=0.03)
    assert np.sort(score, axis=None)[-6] < 0.55


def test_gpt2_previous_and_duplicate_tokens():
    result = induction.measure(load("gpt2"), length=100, trials=10)
    previous, duplicate = (result.readouts[n].mean for n in ("previous", "duplicate"))
    assert at(previous, "L4H11") > 0.97 and np.sort(previous, axis=None)[-2] < 0.6
    assert strongest(duplicate, 2) == {"L0H5", "L3H0"}
    assert min(at(duplicate, "L0H5"), at(duplicate, "L3H0")) > 0.6
    assert np.sort(duplicate, axis=None)[-3] < 0.2


def test_gpt2_negative_heads_do_not_copy():
    result = copying.measure(load("gpt2"))
    for name in ("L10H7", "L11H10"):
        assert at(result.logit.high, name) < 0
    assert at(result.logit.low, "L9H9") > 0  # a name mover


def test_gpt2_loss_by_position():
    model = load("gpt2")
    trials, *_ = planned.plan(model, "standard", "corrected", 10, 50, 0)
    places = np.tile(np.arange(99), (10, 1))
    nats = losses.measure(model, losses.Batch(trials.ids, None, places, trials.ids[:, 1:])).mean(0)
    known = np.array(LENS["gpt2_loss_by_position"])
    assert nats[:49].mean() > 10 and nats[51:].mean() < 0.5
    assert nats[:49].mean() == pytest.approx(known[:49].mean(), abs=1)


def test_distilgpt2_induction():
    score = induction.measure(load("distilgpt2"), length=50, trials=20)
    score = score.readouts["prefix_matching"].mean
    assert strongest(score, 2) == {"L3H10", "L3H2"}
    assert at(score, "L3H10") == pytest.approx(0.93, abs=0.03)
    assert at(score, "L3H2") == pytest.approx(0.87, abs=0.03)


def as_published(spec: str, **options) -> dict[str, np.ndarray]:
    result = induction.measure(load(spec), protocol="as published", **options)
    return {name: value.mean for name, value in result.readouts.items()}


def assert_alike(score: np.ndarray, known: list[list[float]], strong: float = 0.25) -> None:
    known = np.array(known)
    high = known >= strong
    np.testing.assert_allclose(score[high], known[high], atol=0.10)
    assert score[~high].max() < strong + 0.10


def test_bert_standard():
    score = as_published("bert-base-uncased")
    assert strongest(score["retrieval"], 5) == {"L10H9", "L9H0", "L9H6", "L10H1", "L11H8"}
    assert_alike(score["retrieval"], STUDY["standard_prev_instance"])
    assert strongest(score["before"], 1) == {"L9H9"}
    assert_alike(score["before"], STUDY["standard_before"])
    assert strongest(score["after"], 1) == {"L8H2"}
    assert_alike(score["after"], STUDY["standard_after"])


def test_bert_shuffled():
    score = as_published("bert-base-uncased", design="shuffled")
    assert_alike(score["after_left"], STUDY["shuffle_left_context(attend_1)"], 0.1)
    assert_alike(score["before_right"], STUDY["shuffle_right_context(attend_2)"], 0.1)


def test_bert_triple():
    score = as_published("bert-base-uncased", design="triple")
    assert_alike(score["retrieval"], STUDY["triple_earlier_copy"], 0.15)
    assert_alike(score["later"], STUDY["triple_later_copy"], 0.15)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("prajjwal1/bert-tiny", "bert_tiny"),
        ("prajjwal1/bert-small", "bert_small"),
        ("prajjwal1/bert-medium", "bert_medium"),
        ("bert-large-uncased", "bert_large"),
    ],
)
def test_bert_sizes(spec: str, name: str):
    score = as_published(spec)["retrieval"]
    if name == "bert_tiny":
        assert score.max() < 0.05
    assert_alike(score, STUDY[name])


def test_smollm2():
    model = load("smollm2")
    info = model.info
    assert (info.layers, info.heads, info.kv_heads, info.task) == (30, 9, 3, "causal")
    score = induction.measure(model, length=50, trials=10).readouts["prefix_matching"].mean
    assert strongest(score, 3) == {"L18H6", "L17H3", "L17H4"}
    for name, known in (("L18H6", 0.90), ("L17H3", 0.80), ("L17H4", 0.76)):
        assert at(score, name) == pytest.approx(known, abs=0.05)
