"""demo-pairs: its tasks, its start, two steps of its training, and what the shipped one does."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from training.pairs import measure, start, tasks, vocabulary
from training.pairs.tasks import TASKS, Sampler, answer
from training.pairs.train import batch_loss, sampler_of, save, train
from training.pairs.vocabulary import END, LONGEST, SPECIALS, START

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "data" / "models" / "demo-pairs"
LINES = (ROOT / "data" / "texts" / "pairs.txt").read_text("utf-8").partition("\n\n")[2].splitlines()
WORDS = re.findall(
    "[a-z]+",
    "the river of stone and salt wind is older than names we gave to all these hills at night",
)
DOCUMENTS = [" ".join(np.random.default_rng(seed).choice(WORDS, 40)) + "." for seed in range(60)]


def sampler(seed: int = 0) -> Sampler:
    return Sampler(np.random.default_rng(1).integers(10, 90, 500), (100, 101), seed)


def test_answers_of_both_tasks() -> None:
    assert answer("copy: a b c") == "a b c"
    assert answer("reverse: a b c") == "c b a"
    with pytest.raises(ValueError, match="none of"):
        answer("repeat: a b c")


def test_targets_are_what_the_task_says_and_places_say_where_it_stands() -> None:
    draw, seen = sampler(), set()
    for _ in range(40):
        source, target, places = draw.batch()
        words = source.shape[1] - 2
        seen.add(words)
        assert 1 <= words <= LONGEST - 2
        assert (source[:, -1] == END).all() and (target[:, -1] == END).all()
        inner = source[:, 1:-1]
        for row, task in enumerate(source[:, 0]):
            assert list(target[row, :-1]) == list(inner[row] if task == 100 else inner[row][::-1])
        assert (np.take_along_axis(source, places, 1)[:, :-1] == target[:, :-1]).all()
        assert set(places[:, -1][source[:, 0] == 101]) <= {0}
    assert min(seen) < 4 and max(seen) > 40


def test_distinct_words_are_distinct_and_the_seed_decides() -> None:
    drawn = sampler(3).of(20, 50, distinct=True)
    assert all(len(set(row)) == 22 for row in drawn.source)
    assert set(drawn.source[:, 0]) == {100, 101}
    assert (sampler(3).of(20, 50, distinct=True).source == drawn.source).all()
    assert (sampler(4).of(20, 50, distinct=True).source != drawn.source).any()
    with pytest.raises(ValueError, match="special"):
        Sampler(np.array([2, 50, 60]), (100, 101), 0)


def test_only_whole_words_are_drawn() -> None:
    pieces = [*SPECIALS, "the", "riv", "##er", ",", "sea"]
    words = tasks.running_words([[4, 5, 6, 7, 8], [8, 6]], pieces)
    assert words.tolist() == [4, 8]


def test_the_tokenizer_has_a_token_for_each_task_and_ends_with_the_end() -> None:
    tokenizer = vocabulary.train(DOCUMENTS, TASKS)
    ids = tokenizer("reverse: the River of stone")["input_ids"]
    assert tokenizer.convert_ids_to_tokens(ids) == [
        "reverse:", "the", "river", "of", "stone", "</s>"
    ]  # fmt: skip
    assert tokenizer.decode(ids, skip_special_tokens=True) == "reverse: the river of stone"


def test_the_encoder_starts_by_looking_around_and_the_cross_attention_nowhere() -> None:
    model = start.untrained(200, seed=3).eval()
    tokens = torch.from_numpy(np.random.default_rng(0).integers(5, 200, (4, 40)))
    with torch.no_grad():
        reply = model(input_ids=tokens, decoder_input_ids=tokens, output_attentions=True)
    first = reply.encoder_attentions[0].mean(0).numpy()
    for head, offset in enumerate(start.OFFSETS):
        assert np.diagonal(first[head], offset).mean() > 0.35
    assert max(layer.mean(0).max() for layer in reply.cross_attentions) < 0.1


def test_aligned_is_one_where_all_attention_is_at_the_right_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch = sampler().of(6, 20, distinct=True)
    exact = torch.nn.functional.one_hot(torch.from_numpy(batch.places), 8)[:, None].float()
    logits = torch.nn.functional.one_hot(torch.from_numpy(batch.target), 200)
    away = exact.roll(1, dims=-1)
    reply = type(
        "Reply", (), {"logits": logits, "cross_attentions": (torch.cat([exact, away], 1),)}
    )
    model = torch.nn.Module()
    monkeypatch.setattr(model, "forward", lambda **_: reply)
    scores = measure.on_batch(model, batch, np.array([100, 101]))
    assert scores.right.tolist() == [1, 1]
    assert scores.aligned.tolist() == [[[1, 0]], [[1, 0]]]
    assert scores.margin.max() == 0


def test_loss_of_one_batch_falls_with_its_gradient() -> None:
    tokenizer = vocabulary.train(DOCUMENTS, TASKS)
    model = start.untrained(len(tokenizer), seed=0)
    batch = sampler_of(tokenizer, DOCUMENTS, 0).of(8, 16)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(3):
        loss = batch_loss(model, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[2] < losses[1] < losses[0]
    assert losses[0] == pytest.approx(np.log(len(tokenizer)), rel=0.2)  # it begins by guessing


def test_two_steps_and_back_from_disk(tmp_path: Path) -> None:
    lines: list[str] = []
    made = [train(DOCUMENTS, steps=2, seed=7, report=lines.append) for _ in range(2)]
    (model, tokenizer), (again, _) = made
    for one, two in zip(model.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, two)
    assert len(lines) == 4 and "step     2" in lines[1] and "aligned" in lines[1]

    save(model, tokenizer, tmp_path)
    read = AutoModelForSeq2SeqLM.from_pretrained(tmp_path, dtype=torch.float32)
    ids = AutoTokenizer.from_pretrained(tmp_path)("copy: the river", return_tensors="pt").input_ids
    begin = torch.tensor([[START]])
    with torch.no_grad():
        one, two = (
            each(input_ids=ids, decoder_input_ids=begin).logits for each in (read, model.float())
        )
    assert (one - two).abs().max() < 0.02  # sdpa and eager, from the same float16 weights
    assert read.generation_config.eos_token_id == END
    assert str(tmp_path) not in "".join(p.read_text() for p in tmp_path.glob("*.json"))


@pytest.fixture(scope="module")
def shipped() -> tuple:
    model = AutoModelForSeq2SeqLM.from_pretrained(
        FOLDER, dtype=torch.float32, attn_implementation="eager"
    )
    return model, AutoTokenizer.from_pretrained(FOLDER)


def test_the_shipped_model_writes_every_line_of_the_text(shipped: tuple) -> None:
    model, tokenizer = shipped
    sources, targets = zip(*(line.split(" ⇥ ") for line in LINES), strict=True)
    assert list(targets) == [answer(source) for source in sources]
    given = tokenizer(list(sources), padding=True, return_tensors="pt")
    written = model.generate(**given)
    assert tokenizer.batch_decode(written, skip_special_tokens=True) == list(targets)


def test_the_text_has_both_tasks_in_words_of_one_token(shipped: tuple) -> None:
    _, tokenizer = shipped
    for task in TASKS:
        assert sum(line.startswith(task) for line in LINES) >= 20
    for line in LINES:
        source = line.split(" ⇥ ")[0]
        assert len(tokenizer(source)["input_ids"]) == len(source.split()) + 1
        assert len(source.split()) <= 25


def test_the_shipped_model_has_the_heads_of_its_description(shipped: tuple) -> None:
    model, tokenizer = shipped
    pieces = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    words = np.array([i for i, piece in enumerate(pieces) if piece.isalpha() and len(piece) > 1])
    tokens = tuple(tokenizer.convert_tokens_to_ids(list(TASKS)))
    scores = measure.on_pairs(model, Sampler(words, tokens, 0))
    copy, reverse = scores.aligned  # even: .06
    assert scores.right.min() > 0.99
    assert copy[2].min() > 0.9 and reverse[2].min() > 0.9
    assert copy[1].min() > 0.8 and reverse[1].min() > 0.5
    assert copy[0, :2].min() > 0.6 and reverse[0, :2].max() < 0.15
    assert scores.margin.max() < 0.02
    longest = measure.on_batch(model, Sampler(words, tokens, 5).of(24, 100), np.array(tokens))
    assert longest.right.min() > 0.98
