"""Runs of some layers alone: the same numbers there, a sentence elsewhere, and no more work."""

import math
import os

import numpy as np
import pytest
import tiny
from stored import quiet
from tiny import PASSAGES, Text

from compute import attention, runs, store, texts
from compute.all_heads import tiles
from compute.capture import passes
from compute.errors import HeadscopeError
from compute.jobs import opening
from compute.runs import cost, run, vectors
from compute.scores import aggregate, heads

FAMILIES = ["llama", "gpt_oss", "t5", "gptj", "deberta-v2"]


@pytest.fixture(autouse=True)
def all_layers(monkeypatch):
    monkeypatch.setenv("HEADSCOPE_LAYERS", "")


def seen_layers(monkeypatch) -> list[int]:
    """The layers whose attention a pass computes, from now on."""
    seen, original = [], passes.run

    def watched(net, inputs, *, on_call, ablate=None):
        def noting(call):
            seen.append(call.layer)
            on_call(call)

        return original(net, inputs, on_call=noting, ablate=ablate)

    monkeypatch.setattr(passes, "run", watched)
    return seen


@pytest.mark.parametrize("family", FAMILIES)
def test_chosen_layers_are_those_of_the_whole_and_the_pass_ends_there(load, family, monkeypatch):
    model = load(family)
    whole = vectors.extract(model, Text(), store.key("whole"), quiet)
    seen = seen_layers(monkeypatch)
    some = vectors.extract(model, Text(), store.key("some"), quiet, layers="1")
    assert set(seen) == {0, 1} and some.held == (1,) and some.stored == (1,)
    assert some.q.shape == whole.q.shape and some.k.shape == whole.k.shape
    assert some.notes[-1] == (
        "Of its layers 0-2 these are stored: 1. Another is computed when it is opened."
    )
    for passage in range(len(PASSAGES)):
        for head in range(4):
            mine, its = (attention.of_passage(r, 1, head, passage) for r in (some, whole))
            np.testing.assert_array_equal(mine, its)
    for layer in (0, 2):
        with pytest.raises(HeadscopeError, match=rf"Layer {layer} of .* is not stored .* only 1\."):
            attention.of_passage(some, layer, 0, 0)
        with pytest.raises(HeadscopeError, match="not stored"):
            some.q[layer]
    files = (store.find("runs", r.key).folder / "q.npy" for r in (some, whole))
    mine, its = (file.stat().st_size for file in files)
    assert 3 * (mine - 128) == its - 128  # less the header


def test_scores_of_layers_that_are_not_stored_are_no_numbers(load):
    model = load("llama")
    whole = vectors.extract(model, Text(), store.key("whole"), quiet)
    some = vectors.extract(model, Text(), store.key("some"), quiet, layers="0,2")
    expected, found = heads.score(whole), heads.score(some)
    assert np.isnan(found.mean[:, 1]).all() and np.isnan(found.low[:, 1]).all()
    assert not found.n[:, 1].any()
    for mine, its in ((found.mean, expected.mean), (found.high, expected.high)):
        np.testing.assert_array_equal(mine[:, [0, 2]], its[:, [0, 2]])
    mine, its = aggregate.of(some), aggregate.of(whole)
    np.testing.assert_array_equal(mine.mean[[0, 2]], its.mean[[0, 2]])
    assert np.isnan(mine.mean[1]).all() and not mine.pairs[1].any()
    with pytest.raises(HeadscopeError, match=r"looks at all layers, and .* only 0,2 are stored"):
        tiles.lay_out(some.key, "pca")


def test_layers_that_a_model_has_not_are_refused_and_all_of_them_are_all(load):
    model = load("llama")
    with pytest.raises(HeadscopeError, match=r"3 layers, 0 to 2: --layers 8-15 names none of them"):
        vectors.held_of(model, "8-15")
    assert vectors.held_of(model, "0-2") is None and vectors.held_of(model, "") is None
    assert vectors.held_of(model, "2-15") == (2,)


@pytest.fixture
def opened(tmp_path):
    """Open a text of one model as the page does."""
    spec = str(tiny.save(tmp_path / "llama", "llama"))
    name = texts.save_user(texts.from_user("the cat sat on a mat\nthe dog ran"))
    said = []

    def opened(layers=None):
        said.clear()
        told = opening.open_run(spec, name, lambda state: said.append(state[1]), layers=layers)
        assert opening.still_there(told)
        return told, runs.load(told["key"])

    opened.said = said
    return opened


def test_another_layer_joins_those_that_are_stored(opened, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_LAYERS", "1")
    told, usual = opened()
    assert told["held"] == [1] and "layers" not in told
    assert any("tokens in 1 of 3 layers (a pass through 2): 1 MiB" in s for s in opened.said)
    seen = seen_layers(monkeypatch)
    told, more = opened("0-1")
    assert set(seen) == {0}, "only what is not stored is computed"
    assert told["held"] == [0, 1] and more.key != usual.key and more.pieces[0] == usual.key
    assert any("these are stored: 0-1." in note for note in more.notes) and len(more.notes) == 1
    seen.clear()
    assert opened("0-1")[1].key == more.key and not seen
    for r, layers in ((more, (0, 1)), (usual, (1,))):
        assert r.stored == layers
    np.testing.assert_array_equal(more.q[1, 2], usual.q[1, 2])
    whole = opened("")[1]
    for layer in (0, 1):
        for mine, its in zip(more.head(layer, 3), whole.head(layer, 3), strict=True):
            np.testing.assert_array_equal(mine, its)
    assert np.isnan(more.scaling[2]) and more.scaling[:2] == whole.scaling[:2]
    assert opened()[1].key == whole.key, "what is stored whole is taken"


def test_what_was_computed_is_there_again_and_gone_with_its_run(opened, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_LAYERS", "1")
    usual, more = opened()[1], opened("1-2")[1]
    told, again = opened()
    assert again.key == more.key and "layers" not in told and told["held"] == [1, 2]
    most = opened("0-2")[1]
    assert most.held is None and opened()[1].key == most.key, "all of them"
    runs.RUNS.drop(most.key)
    runs.RUNS.drop(more.key)
    assert opened()[1].key == usual.key and not opening.still_there(told)


def test_a_model_without_the_layers_is_refused_as_it_is_opened(opened, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_LAYERS", "3-9")
    with pytest.raises(HeadscopeError, match="names none of them"):
        opened()


def test_layers_that_the_model_has_not_do_not_make_it_read_the_others_again(opened, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_LAYERS", "2-9")
    assert opened()[1].stored == (2,)
    seen = seen_layers(monkeypatch)
    assert opened("0,2")[1].stored == (0, 2) and set(seen) == {0}


def test_all_layers_of_a_text_together_are_held_to_the_budget(opened, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_LAYERS", "1")
    usual = opened()[1]
    both = cost.of_layers(usual, (0, 1)).bytes
    monkeypatch.setenv("HEADSCOPE_BUDGET", str(both - 1))
    with pytest.raises(HeadscopeError, match=r"would need .* and the limit is"):
        opened("0-1")
    monkeypatch.setenv("HEADSCOPE_BUDGET", str(both))
    assert opened("0-1")[1].stored == (0, 1)


def test_a_joined_run_without_one_of_its_pieces_is_gone(opened, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_LAYERS", "1")
    told, more = opened("1-2")
    runs.RUNS.drop(more.pieces[1])
    runs.RUNS._open.put((None, None), more.key)  # as after a start
    assert runs.RUNS.get(more.key) is None and not opening.still_there(told)
    assert opened("1-2")[1].stored == (1, 2)


def test_the_pieces_of_a_joined_run_are_in_use_with_it(opened, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_LAYERS", "1")
    told, more = opened("1-2")
    manifests = [store.find("runs", name).folder / store.MANIFEST for name in more.pieces]
    for manifest in manifests:
        os.utime(manifest, (0, 0))
    for name in (more.key, *more.pieces):  # as some seconds later
        runs.RUNS._open.get(name)[0]._noted = -math.inf
    assert runs.load(more.key) is more and all(m.stat().st_mtime for m in manifests)
    runs.RUNS.drop(more.pieces[0])
    runs.RUNS._open.get(more.key)[0]._noted = -math.inf
    assert runs.RUNS.get(more.key) is None and not opening.still_there(told)


def test_a_result_is_not_of_layers_chosen_another_time(opened, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_LAYERS", "1")
    told, _ = opened()
    monkeypatch.setenv("HEADSCOPE_LAYERS", "2")
    assert not opening.still_there(told)
    monkeypatch.setenv("HEADSCOPE_LAYERS", "")
    assert not opening.still_there(told)


def test_what_a_layer_costs_is_told_before(load):
    model = load("llama")
    some = vectors.extract(model, Text(), store.key("some"), quiet, layers="1")
    assert some.pace > 0
    said = cost.of_layer(run.replace(some, pace=50.0), 2)
    n = len(some.tokens)
    assert said == (
        f"{n} tokens in 1 of 3 layers (a pass through 3): 1 MiB of vectors, about 2 min; 1 MiB "
        "with what is stored"
    )
    assert cost.of_layer(run.replace(some, pace=None), 0).endswith(
        "1 MiB of vectors; 1 MiB with what is stored"
    )
    all_but_one = vectors.extract(model, Text(), store.key("more"), quiet, layers="1-2")
    said = cost.of_layer(run.replace(all_but_one, pace=20.0), 0)
    assert said.startswith(f"{n} tokens in 3 layers: 1 MiB of vectors, about 1 min"), "all are read"


def test_an_8b_model_in_bfloat16_by_arithmetic():
    """What README says: 10,000 tokens of 8 layers; Llama 3.1 8B's shape."""

    class Info:
        layers, heads, kv_heads, head_dim, adds, dtype = 32, 32, 8, 128, False, "bfloat16"

    tokens = range(10_000)
    assert cost.Read(Info, tokens, tokens).bytes == 2 * 10_000 * 40 * 128 * 32
    assert cost.Read(Info, tokens, tokens, tuple(range(8, 16))).bytes == 819_200_000
    assert cost.estimate([cost.Read(Info, tokens, tokens, tuple(range(8, 16)))], 600) == (
        "10,000 tokens in 8 of 32 layers (a pass through 16): 0.8 GiB of vectors, about 10 min"
    )
