"""The summary of a stretch of text, against the scores of the same passages as a text."""

from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from summaries import summary_of

from compute import runs
from compute.corpora import Document
from compute.corpus import findings, shard
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.models import loading
from compute.models.model import Model
from compute.runs import labels, vectors
from compute.scores import classes, heads
from compute.scores.head_scores import HEAD_SCORES
from compute.summaries import mass

FAMILIES = "bert", "gpt2", "mistral", "gemma2", "gpt_oss", "modernbert", "gptj", "t5", "deberta-v2"
TEXTS = (
    "the cat sat on a mat and the cat sat on a red mat",
    "the old men sing of rain and the red dog ran to a house where the cat sat",
    "red rain",
    "where old men sing the cat and the dog sat on a red mat of rain",
    "rain rain rain the cat sat where rain",
)
DOCUMENTS = [Document(text, "even" if n % 2 else "odd") for n, text in enumerate(TEXTS)]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Model]:
    """Models of the families, each loaded when it is asked for."""
    folder = tmp_path_factory.mktemp("models")

    class Models(dict):
        def __missing__(self, family: str) -> Model:
            path = tiny.save(folder / family, family)
            self[family] = loading.load(catalog.find(str(path)))
            return self[family]

    return Models()


def run_of(model: Model) -> runs.Run:
    """Return the same passages as a text."""
    text = tiny.Text(passages=TEXTS)
    key = runs.key_of(model.info, text)
    return vectors.extract(model, text, key, lambda done, total: None)


@pytest.mark.parametrize("family", FAMILIES)
def test_scores_are_those_of_the_same_passages_as_a_text(models, family: str):
    model = models[family]
    found = findings.of(summary_of(model, DOCUMENTS), {})
    run = run_of(model)
    known = heads.score(run)
    for name in HEAD_SCORES:
        ours, theirs = found.of(name), known.of(name)
        np.testing.assert_allclose(ours.mean, theirs.mean, rtol=2e-5, atol=1e-6, err_msg=name)
        if name not in ("distance", "spread"):  # of these the weight of attention is the evidence
            np.testing.assert_array_equal(
                found.n[0, found.names.index(name)], known.n[known.names.index(name)], name
            )


@pytest.mark.parametrize("family", ["bert", "mistral"])
def test_classes_are_those_of_the_same_passages_as_a_text(models, family: str):
    model = models[family]
    found = summary_of(model, DOCUMENTS)
    run = run_of(model)
    known = classes.of(run, labels.roles(run))
    places = [found.kind.classes.index(name) for name in known.names]
    queries = found.counts.of_class[:, places].astype(float)
    ours = mass.total(found.counts.classes)[:, :, places][..., places] / queries[:, None, :, None]
    np.testing.assert_allclose(ours, known.mean, rtol=1e-5, atol=1e-7)
    chance = mass.total(found.counts.chance)[:, places][..., places] / queries[..., None]
    np.testing.assert_allclose(chance, known.chance, atol=1e-7)


@pytest.mark.parametrize("family", ["bert", "gpt2", "gptj"])
def test_histograms_tokens_and_kept_passages_are_those_of_plain_numpy(models, family: str):
    model = models[family]
    found = summary_of(model, DOCUMENTS)
    causal = model.info.causal
    largest, received, peaks = [], {}, {}
    for text in TEXTS:
        attention, ids, special = eager(model, text)
        sinks = special | (np.arange(len(ids)) == 0) if causal else special
        own = attention.copy()
        own[:, :, sinks], own[:, :, :, sinks] = 0, 0
        largest.append(own.max(3)[:, :, ~sinks])
        others = own * (1 - np.eye(len(ids)))
        peaks[text] = others.max((2, 3)), own
        for at in np.flatnonzero(~sinks):
            received[ids[at]] = received.get(ids[at], 0) + own[:, :, :, at].sum(2)
    counts = np.concatenate(largest, axis=2)
    for layer, head in np.ndindex(found.counts.largest.shape[:2]):
        expected = np.histogram(counts[layer, head], bins=20, range=(0, 1))[0]
        np.testing.assert_array_equal(found.counts.largest[layer, head], expected)
    assert found.tokens.types.tolist() == sorted(received)
    gets = np.stack([received[i] for i in found.tokens.types.tolist()], axis=2)
    np.testing.assert_allclose(mass.total(found.tokens.gets), gets, atol=1e-5)
    assert {each.passage.text for each in found.sample.kept} == set(TEXTS)
    for each in found.sample.kept:
        peak, own = peaks[each.passage.text]
        np.testing.assert_allclose(each.peak, peak, atol=1e-6)
        order = np.sort(own, axis=3)[..., ::-1][..., :8]
        expected = np.where(order >= 0.005, order, 0)
        got = each.weights / 65535
        np.testing.assert_allclose(got[..., : expected.shape[3]], expected, atol=1e-5)
        picked = np.take_along_axis(own, each.keys.astype(int), 3)
        np.testing.assert_allclose(np.where(got > 0, picked, 0), got, atol=1e-5)
    strongest = found.strongest
    for layer, head in np.ndindex(strongest.peak.shape[:2]):
        every = sorted((peaks[text][0][layer, head] for text in TEXTS), reverse=True)
        np.testing.assert_allclose(strongest.peak[layer, head], every, atol=1e-6)
        first = strongest.passages[int(strongest.hash[layer, head, 0])]
        np.testing.assert_allclose(peaks[first.text][0][layer, head], every[0], atol=1e-6)


def eager(model: Model, text: str) -> tuple[np.ndarray, list[int], np.ndarray]:
    """Return the model's own attention (layers, heads, T, T) of a text, its ids, and sinks."""
    ids = model.tokenizer(text)["input_ids"]
    model.net.set_attn_implementation("eager")
    with torch.inference_mode():
        out = model.net(input_ids=torch.tensor([ids]), output_attentions=True)
    special = np.isin(ids, [2, 3])
    return torch.cat(out.attentions).float().numpy(), ids, special


def test_the_scores_of_headvis_equal_an_independent_computation(models):
    model = models["gpt2"]
    found = findings.of(summary_of(model, DOCUMENTS), {})
    sums = {name: 0 for name in ("self", "previous", "entropy", "mass", "far", "far2", "induction")}
    counts = {"self": 0, "previous": 0, "induction": 0}
    for text in TEXTS:
        attention, ids, special = eager(model, text)
        attention = attention.astype(np.float64)
        last = len(ids)
        for i in range(1, last):
            if special[i]:
                continue
            row = attention[:, :, i]
            counts["self"] += 1
            sums["self"] += row[..., i]
            logs = np.log(np.where(row > 0, row, 1))
            sums["entropy"] += -(row * logs).sum(-1)
            for j in range(1, i + 1):
                if not special[j]:
                    sums["mass"] += row[..., j]
                    sums["far"] += row[..., j] * (i - j)
                    sums["far2"] += row[..., j] * (i - j) ** 2
            if i > 1 and not special[i - 1]:
                counts["previous"] += 1
                sums["previous"] += row[..., i - 1]
            after = [
                j + 1 for j in range(1, i) if ids[j] == ids[i] and j + 1 < i and not special[j + 1]
            ]
            if after:
                counts["induction"] += 1
                sums["induction"] += row[..., after].sum(-1)
    distance = sums["far"] / sums["mass"]
    expected = {
        "self": sums["self"] / counts["self"],
        "previous": sums["previous"] / counts["previous"],
        "entropy": sums["entropy"] / counts["self"],
        "distance": distance,
        "spread": np.sqrt(sums["far2"] / sums["mass"] - distance**2),
        "induction": sums["induction"] / counts["induction"],
    }
    for name, values in expected.items():
        np.testing.assert_allclose(found.of(name).mean, values, rtol=1e-6, atol=1e-6, err_msg=name)


def test_the_loss_is_that_of_the_next_token(models):
    model = models["gpt2"]
    found = summary_of(model, DOCUMENTS, loss=True)
    total, count = 0.0, 0
    for text in TEXTS:
        ids = torch.tensor([model.tokenizer(text)["input_ids"]])
        with torch.inference_mode():
            logs = model.net(input_ids=ids).logits[0].log_softmax(-1)
        for i in range(1, ids.shape[1] - 2):  # [CLS] asks nothing, [SEP] is not predicted
            total, count = total - float(logs[i, ids[0, i + 1]]), count + 1
    assert (found.counts.predicted.sum(2) == count).all()
    np.testing.assert_allclose(mass.total(found.counts.loss).sum(2), total, rtol=1e-5)


def test_documents_are_what_intervals_are_over(models):
    model = models["bert"]
    found = summary_of(model, DOCUMENTS)
    assert {name: part.documents for name, part in found.slices.items()} == {"even": 2, "odd": 3}
    table = findings.of(found, {})
    assert table.slices == ("", "even", "odd")
    # "red rain" has no two like tokens, nor has document 3 of the odd: two of them hold evidence.
    low, high = table.of("duplicate", "odd")[1:]
    assert np.isfinite(low).all() and (low <= high).all()
    alone = findings.of(summary_of(model, DOCUMENTS[:1]), {}).of("previous")
    assert np.isfinite(alone.mean).all() and np.isnan(alone.low).all()


def test_a_long_document_is_one_document(models):
    long = Document(" ".join(TEXTS), "")
    found = summary_of(models["gpt2"], [long, *DOCUMENTS[2:3]], length=16)
    assert sum(part.documents for part in found.slices.values()) == 2
    assert sum(part.passages for part in found.slices.values()) > 4


def test_attention_that_is_no_number_is_said(models, tmp_path: Path):
    model = loading.load(catalog.find(str(tiny.save(tmp_path / "nan", "gpt2"))))
    with torch.no_grad():
        model.net.transformer.h[1].attn.c_attn.weight[:] = float("nan")
    with pytest.raises(HeadscopeError, match=r"is no number in L1H0"):
        summary_of(model, DOCUMENTS)


def test_documents_are_added_up_by_their_tokens_and_by_their_number(monkeypatch):
    monkeypatch.setattr(shard, "PORTION", 30)
    monkeypatch.setattr(shard, "DOCUMENTS", 3)
    documents, lengths = np.array([0, 1, 2, 3, 3, 3, 4]), np.array([2, 2, 2, 20, 20, 20, 5])
    found = [some.tolist() for some in shard._portions(documents, lengths)]
    assert found == [[0, 1, 2], [3, 4, 5], [6]]


def test_nothing_to_read_is_no_summary(models):
    assert summary_of(models["gpt2"], []) is None


def test_a_tokenizer_of_another_model_is_refused(models, tmp_path: Path):
    path = tiny.save(tmp_path / "small", "gpt2")
    tiny.change_config(path, vocab_size=60)
    model = models["gpt2"]
    model.net.resize_token_embeddings(6)
    with pytest.raises(HeadscopeError, match="does not belong to it"):
        summary_of(model, DOCUMENTS)
