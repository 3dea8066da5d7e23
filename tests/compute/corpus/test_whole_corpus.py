"""A whole corpus: what is lost on the way is done again, and what is too much is said."""

from pathlib import Path

import measured
import numpy as np
import pytest
import tiny
import tiny_pictures
import transformers as tf

from compute import store
from compute.corpora import planning
from compute.corpus import measuring, views, whole
from compute.corpus.findings import FINDINGS
from compute.errors import HeadscopeError
from compute.progress import Meter
from compute.summaries.kept import SHARDS


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "SMALLEST", 600)


def files_of(name: str) -> dict[str, bytes]:
    folder = store.find(FINDINGS.kind, name).folder
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.usefixtures("small_shards")
def test_a_summary_that_was_swept_before_its_turn_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = measured.model(tmp_path)
    file = measured.jsonl(tmp_path / "some.jsonl", measured.records(20))
    name = measured.measure(spec, [file])
    expected = files_of(name)
    FINDINGS.drop(name)
    times = []

    def swept(task: measuring.Task, shard: object) -> measuring.Done:
        done = measuring.measure(task, shard)
        times.append(shard)
        if len(times) == 2:
            SHARDS.drop(done.name)
        return done

    monkeypatch.setattr(whole, "of_shard", swept)
    assert measured.measure(spec, [file]) == name
    assert files_of(name) == expected
    assert len(times) > 3 and len({shard.number for shard in times}) == len(times) - 1


def test_slices_by_a_field_of_many_values_are_refused(tmp_path: Path) -> None:
    lines = [{"text": "the cat sat on a mat", "of": f"id {n}"} for n in range(101)]
    spec = measured.model(tmp_path)
    fine = measured.measure(spec, [measured.jsonl(tmp_path / "fine.jsonl", lines[:100])])
    assert len(FINDINGS.get(fine).slices) == 101
    with pytest.raises(HeadscopeError, match="more than 100 slices, such as “id 0”"):
        measured.measure(spec, [measured.jsonl(tmp_path / "many.jsonl", lines)])


@pytest.mark.usefixtures("small_shards")
def test_slices_that_are_many_only_together_are_refused(tmp_path: Path) -> None:
    lines = [{"text": "the cat sat on a mat", "of": f"id {n}"} for n in range(110)]
    with pytest.raises(HeadscopeError, match="more than 100 slices"):
        measured.measure(measured.model(tmp_path), [measured.jsonl(tmp_path / "many.jsonl", lines)])


def test_a_corpus_of_broken_lines_says_what_is_wrong_with_them(tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"text": 1, "of": "a"}\n' * 3, encoding="utf-8")
    with pytest.raises(HeadscopeError, match=r"bad.jsonl, line 1: .*\. Choose other files\."):
        measured.measure(measured.model(tmp_path), [file])


def test_progress_is_towards_what_there_is_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = []
    monkeypatch.setattr(Meter, "at", lambda self, done, total: told.append(done / total))
    file = measured.jsonl(tmp_path / "some.jsonl", measured.records(20))
    name = measured.measure(measured.model(tmp_path), [file], tokens=1_000_000)
    about = FINDINGS.get(name).about
    assert about["tokens"] < about["wanted"] == 1_000_000
    assert 0.5 < max(told) <= 1


def test_models_of_two_stacks_or_of_pictures_are_refused(tmp_path: Path) -> None:
    file = measured.jsonl(tmp_path / "some.jsonl", measured.records(4))
    config = tf.T5Config(
        vocab_size=60, d_model=32, d_kv=8, d_ff=48, num_layers=2, num_heads=4,
        pad_token_id=0, eos_token_id=3, decoder_start_token_id=0,
    )  # fmt: skip
    tf.T5ForConditionalGeneration(config).save_pretrained(tmp_path / "t5")
    tiny.tokenizer().save_pretrained(tmp_path / "t5")
    with pytest.raises(HeadscopeError, match="has an encoder and a decoder"):
        measured.measure(str(tmp_path / "t5"), [file])
    pictures = tiny_pictures.save(tmp_path / "vit", "vit")
    with pytest.raises(HeadscopeError, match="reads pictures"):
        measured.measure(str(pictures), [file])


def test_passages_of_one_token_are_read_though_nothing_is_to_be_seen(tmp_path: Path) -> None:
    """In a causal model without special tokens the first of a passage is a sink."""
    lines = [{"text": "a", "of": "short"}] * 3
    name = measured.measure("demo-gpt", [measured.jsonl(tmp_path / "one.jsonl", lines)])
    found, view = FINDINGS.get(name), views.view(name, 0, 0)
    assert found.about["tokens"] == 3 and not found.about["left_out"]
    assert np.isnan(found.mean).all() and not found.n.any()
    assert view.queries == view.keys == view.pairs == () and not view.largest.any()
