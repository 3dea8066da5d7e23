"""The training of the demo models: their start values, their data, and two steps of it."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

from training import corpus, measure, start, vocabulary
from training.batches import COPY, Sampler
from training.train import batch_loss, encode, rate, save, train

WORDS = ["the", "river", "of", "stone", "and", "salt", "wind", "is", "older", "than", "names"]
DOCUMENTS = [" ".join(np.random.default_rng(seed).choice(WORDS, 40)) + "." for seed in range(60)]


def attention(model: start.Model, vocab: int, length: int = 64) -> np.ndarray:
    """Return attention of random tokens, (layers, heads, length, length), mean over sequences."""
    tokens = torch.from_numpy(np.random.default_rng(0).integers(5, vocab, (4, length)))
    with torch.no_grad():
        reply = model.eval()(input_ids=tokens, output_attentions=True)
    return torch.stack(reply.attentions).mean(1).numpy()


@pytest.mark.parametrize(("kind", "sharpness"), [("gpt", 0.5), ("bert", 0.35)])
def test_first_heads_start_by_looking_one_place_away(kind: str, sharpness: float) -> None:
    recipe = start.RECIPES[kind]
    weights = attention(start.untrained(recipe, 200, seed=3), 200)[0]
    for head, offset in enumerate(recipe.offsets):
        there = np.diagonal(weights[head], offset)
        assert there.mean() > sharpness
        assert (weights[head].argmax(1)[1:-1] == np.arange(1, 63) + offset).mean() > 0.85
    for head in range(len(recipe.offsets), recipe.heads):
        assert np.diagonal(weights[head], -1).mean() < 0.1


def test_gpt_is_causal_and_bert_is_not() -> None:
    future = np.triu(np.ones((64, 64), bool), 1)
    gpt = attention(start.untrained(start.RECIPES["gpt"], 200, seed=0), 200)
    bert = attention(start.untrained(start.RECIPES["bert"], 200, seed=0), 200)
    assert gpt[..., future].max() == 0
    assert bert[..., future].min() > 0


@pytest.mark.parametrize("kind", ["gpt", "bert"])
def test_mimetic_heads_and_no_others_have_equal_queries_and_keys(kind: str) -> None:
    recipe = start.RECIPES[kind]
    model = start.untrained(recipe, 200, seed=1)
    size = recipe.width // recipe.heads
    for layer in range(recipe.layers):
        if kind == "gpt":
            query, key, _ = model.transformer.h[layer].attn.c_attn.weight.T.split(recipe.width)
        else:
            attending = model.bert.encoder.layer[layer].attention.self
            query, key = attending.query.weight, attending.key.weight
        for head in range(recipe.heads):
            rows = slice(head * size, (head + 1) * size)
            assert torch.equal(query[rows], key[rows]) == ((layer, head) in recipe.mimetic)


def test_position_code_turns_by_one_rotation_per_place() -> None:
    code = start.position_code(100, 128)
    products = code @ code.T
    assert products.diagonal() == pytest.approx(64, rel=1e-5)
    assert products[10, 30].item() == pytest.approx(products[50, 70].item(), abs=1e-3)
    assert (products - torch.diag(products.diagonal())).abs().max() < 0.65 * 64


@pytest.mark.parametrize("kind", ["gpt", "bert"])
def test_tokens_called_copies_are_there_twice(kind: str) -> None:
    sampler = Sampler(kind, np.arange(1000, 3000), seed=5, vocabulary=4000)
    seen = set()
    for length in [30, 31, 64, 255] * 40:
        tokens, roles = sampler.body(length)
        assert len(tokens) == len(roles) == length
        seen.update(roles)
        for place in np.flatnonzero(roles == COPY):
            others = tokens[:place] if kind == "gpt" else np.delete(tokens, place)
            assert tokens[place] in others
    assert seen == {0, 1, 2}


def test_batches_of_bert_hide_only_what_is_predicted() -> None:
    sampler = Sampler("bert", np.arange(1000, 3000), seed=0, vocabulary=4000)
    hidden = total = 0
    for _ in range(20):
        inputs, targets, chosen = sampler.batch(256)
        assert inputs.shape == targets.shape == chosen.shape
        assert 32 <= inputs.shape[1] <= 256 and inputs.shape[1] % 2 == 0
        assert (inputs[~chosen] == targets[~chosen]).all()
        assert (targets[:, 0] == vocabulary.CLS).all() and not chosen[:, [0, -1]].any()
        hidden += (inputs == vocabulary.MASK).sum()
        total += chosen.sum()
    assert 0.75 < hidden / total < 0.85


def test_learning_rate_rises_then_falls_to_a_twentieth() -> None:
    rates = [rate(step, 1000) for step in range(1000)]
    assert rates[0] < rates[50] < rates[99]
    assert rates[100] > rates[500] > rates[999]
    assert rates[999] == pytest.approx(2e-3 / 20, rel=0.01)


@pytest.mark.parametrize("kind", ["gpt", "bert"])
def test_loss_of_one_batch_falls_with_its_gradient(kind: str) -> None:
    tokenizer = vocabulary.train(kind, DOCUMENTS)
    ids = encode(tokenizer, kind, DOCUMENTS)
    model = start.untrained(start.RECIPES[kind], len(tokenizer), seed=0)
    batch = Sampler(kind, ids, seed=0, vocabulary=len(tokenizer)).batch(32)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(3):
        loss = batch_loss(model, kind, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[2] < losses[1] < losses[0]
    assert losses[0] == pytest.approx(np.log(len(tokenizer)), rel=0.2)  # it begins by guessing


@pytest.mark.parametrize("kind", ["gpt", "bert"])
def test_two_steps_and_back_from_disk(kind: str, tmp_path: Path) -> None:
    lines: list[str] = []
    made = [
        train(start.RECIPES[kind], DOCUMENTS, steps=2, seed=7, report=lines.append)
        for _ in range(2)
    ]
    (model, tokenizer), (again, _) = made
    for one, two in zip(model.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, two)
    fresh = start.untrained(start.RECIPES[kind], len(tokenizer), seed=7)
    assert any(
        not torch.equal(a, b) for a, b in zip(model.parameters(), fresh.parameters(), strict=True)
    )
    assert len(lines) == 4 and "step     2" in lines[1]

    save(model, tokenizer, tmp_path)
    family = AutoModelForMaskedLM if kind == "bert" else AutoModelForCausalLM
    read = family.from_pretrained(tmp_path, dtype=torch.float32)
    ids = AutoTokenizer.from_pretrained(tmp_path)("the river", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        difference = read(input_ids=ids).logits - model.float()(input_ids=ids).logits
    assert difference.abs().max() < 0.02  # sdpa and eager, from the same float16 weights
    assert str(tmp_path) not in "".join(p.read_text() for p in tmp_path.glob("*.json"))


@pytest.mark.parametrize("kind", ["gpt", "bert"])
def test_models_of_the_project_have_what_their_description_says(kind: str) -> None:
    folder = Path(__file__).parents[2] / "data" / "models" / f"demo-{kind}"
    family = AutoModelForMaskedLM if kind == "bert" else AutoModelForCausalLM
    model = family.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    assert len(AutoTokenizer.from_pretrained(folder)) == model.config.vocab_size == 2048
    scores = measure.on_repeats(model, kind, 2048)
    assert scores.previous[0, 0] > 0.9
    assert scores.loss < 1
    assert scores.induction[0].max() < 0.05
    if kind == "gpt":
        assert scores.induction[1].max() > 0.8 and scores.induction[2].max() < 0.05
    else:
        assert min(*scores.induction[1, :3], scores.induction[2, 1]) > 0.6


def test_text_of_a_file_and_its_tidying(tmp_path: Path) -> None:
    file = tmp_path / "text.txt"
    file.write_text("one document\n\n  another  \n", encoding="utf-8")
    assert corpus.documents(file) == ["one document", "another"]
    assert corpus.tidy("“Well…”  he said —\nno") == '"Well..." he said - no'
