"""Memory of the long and the large path, and load times: short forms, and what is told of them."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import steps

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))

from reaching import loading_times, paths, peaks

from compute.attention import windows
from compute.models import probe

MIB, GIB = 2**20, 2**30
TINY = replace(
    paths.LARGE,
    settings={
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "vocab_size": 160,
    },
    passages=2,
    length=30,
)


def test_memory_is_told_by_step():
    found, seen = peaks.of(steps.take, 200 * MIB)
    assert found == 50 * MIB and list(seen) == ["nothing", "much", "less", "the end"]
    nothing, much, _, end = seen.values()
    assert much.own > nothing.own + 190 * MIB and end.own < much.own - 140 * MIB
    assert much.resident >= much.own and much.mapped > 0


@pytest.mark.parametrize(
    "way, said",
    [(steps.fail, "only one” failed: .*not so"), (steps.end, "ended in the step “the last one”")],
)
def test_a_process_that_fails_is_told_with_its_step(way, said):
    with pytest.raises(RuntimeError, match=said):
        peaks.of(way)


@pytest.mark.parametrize("held, vectors", [("1", 1), ("", 3)])
def test_a_model_of_a_shape_is_read_to_its_map(held, vectors, tmp_path, monkeypatch):
    for name in ("LONGEST", "LAYERS", "DTYPE"):
        monkeypatch.setenv(f"HEADSCOPE_{name}", "")
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(probe, "drift", probe.drift)  # which is put back
    monkeypatch.setattr(windows, "LONG", 20)
    monkeypatch.setattr(windows, "SIZE", 10)
    shape, said = replace(TINY, held=held), []
    folder = paths.save(tmp_path / "tiny", shape, 3)
    found = paths.walk(said.append, str(folder), shape)
    assert found["tokens"] == 60 and found["vectors"] == vectors * 60 * (4 + 2) * 8 * 2
    assert found["layer"] == 2 * (2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 48 + 2 * 32)
    assert paths.is_whole(shape, found) and found["weights"] > 3 * found["layer"]
    assert len(said) == 4 and said[1] == "reading the text"


def test_what_was_not_made_is_added_by_arithmetic():
    found = {"tokens": 10_000, "weights": 3 * GIB, "layer": GIB // 2, "vectors": MIB}
    found |= {"row": 1.0, "trust": 0.5}
    seen = {"opening": peaks.Peak(1, 5 * GIB, 2 * GIB, 3 * GIB)}
    seen |= {"reading": peaks.Peak(9, 6 * GIB, 4 * GIB, 3 * GIB)}
    lines, most = paths.told(paths.LARGE, 2, found, seen)
    assert most == 4 * GIB + 3 * GIB + 30 * GIB // 2
    assert "15.00 GiB of weights more, so 18.00 GiB, mapped from their file: 18.00" in lines[-1]
    assert lines[-1].endswith("and 4.00 GiB of its own: 22.00 GiB")
    lines, most = paths.told(paths.LONG, 30, found, seen)
    assert most == 6 * GIB and not any("arithmetic" in line for line in lines)
    assert not paths.is_whole(paths.LONG, found | {"row": 0.999})


def test_a_model_is_opened_in_both_ways(monkeypatch):
    said = []
    monkeypatch.setattr(loading_times, "here", lambda: ["demo-gpt"])
    (found,) = loading_times.table(said.append, rounds=2)
    assert found.alone > 0 and found.ratio == found.ours / found.alone > 0
    assert len(said) == 2 and said[1].startswith("demo-gpt") and f"{found.ours:.3f}s" in said[1]
