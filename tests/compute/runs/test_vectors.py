import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from stored import quiet
from tiny import PASSAGES, Text

from compute import attention, runs, store, texts
from compute.attention import blocks, exact, windows
from compute.capture import passes
from compute.capture.calls import Call
from compute.errors import HeadscopeError
from compute.maps.cloud import cloud, part
from compute.runs import vectors


def own_attention(model, ids):
    """The model's eager attention of one passage alone: (layers, heads, m, m)."""
    if model.net._can_set_attn_implementation():
        model.net.set_attn_implementation("eager")
    else:
        model.net.config._attn_implementation = "eager"
    try:
        with torch.inference_mode():
            found = model.net(input_ids=torch.tensor(ids[None]).long(), output_attentions=True)
    finally:
        if model.net._can_set_attn_implementation():
            model.net.set_attn_implementation("sdpa" if model.net._supports_sdpa else "eager")
    return np.stack([layer[0].numpy() for layer in found.attentions])


FAMILIES = ["bert", "gpt2", "llama", "modernbert", "gemma2", "gpt_oss", "t5"]
FAMILIES += ["gptj", "gpt_neo", "bloom", "mpt", "falcon", "openai-gpt", "xlm"]
ADDING = ["deberta-v2", "xlnet"]


@pytest.mark.parametrize("family", FAMILIES + ADDING)
def test_attention_from_the_stored_run_is_the_models_own(load, family):
    model = load(family)
    run = vectors.extract(model, Text(), store.key(family), quiet)
    assert run.q.shape == (3, 4, len(run.tokens), model.info.head_dim)
    assert run.k.shape == (3, model.info.kv_heads, len(run.tokens), model.info.head_dim)
    for passage in range(len(PASSAGES)):
        expected = own_attention(model, run.tokens.ids[run.span(passage)])
        found = [
            [attention.of_passage(run, layer, head, passage) for head in range(4)]
            for layer in range(3)
        ]
        # A passage alone is rounded otherwise than in a batch, and random layers blow that up.
        assert np.abs(np.array(found) - expected).max() <= 5e-6


@pytest.mark.parametrize("family", ADDING)
def test_what_depends_on_the_tokens_is_kept_for_each_pair(load, family):
    model = load(family)
    run = vectors.extract(model, Text(), store.key(family), quiet)
    assert model.info.adds and run.added.shape == (3, 4, (np.diff(run.tokens.starts) ** 2).sum())
    for block in blocks.blocks(run, 300):
        for at, passage in enumerate(block.passages.tolist()):
            found = blocks.attention(run, 1, block)[at, 2]
            expected = attention.of_passage(run, 1, 2, passage)[block.rows]
            assert np.abs(found - expected).max() <= 1e-6
    made = cloud(run, 1, 2)
    some, _ = part(made, np.array([2, 0]))
    for number, passage in enumerate((2, 0)):
        expected = attention.of_passage(run, 1, 2, passage)
        assert np.abs(made.attention(passage) - expected).max() <= 1e-6
        assert np.abs(some.attention(number) - expected).max() <= 1e-6
    without = attention.of_passage(replace(run, added=None), 1, 2, 0)
    assert np.abs(without - attention.of_passage(run, 1, 2, 0)).max() > 0.02


def test_a_layer_that_only_hides_keys_is_kept_for_each_pair_too(load):
    """As DeepSeek 3.2, whose queries choose the keys that they see."""
    model = load("llama")
    chooses = replace(model, info=replace(model.info, adds=True))
    run = vectors.extract(chooses, Text(), store.key("x"), quiet)
    for passage in range(len(PASSAGES)):
        expected = own_attention(model, run.tokens.ids[run.span(passage)])
        found = np.stack([attention.of_passage(run, 1, head, passage) for head in range(4)])
        assert np.abs(found - expected[1]).max() <= 5e-6


def test_patterns_are_one_per_kind_of_layer(load):
    run = vectors.extract(load("bert"), Text(), store.key("bert"), quiet)
    longest = max(np.diff(run.tokens.starts))
    assert len(run.sights) == 1 and run.sights[0].cells(longest).all()
    assert run.pattern == (0, 0, 0)
    run = vectors.extract(load("gpt2"), Text(), store.key("gpt2"), quiet)
    assert np.array_equal(run.sight(0).cells(longest), np.tri(longest, dtype=bool))
    run = vectors.extract(load("modernbert"), Text(), store.key("modernbert"), quiet)
    assert run.pattern == (0, 1, 1) and run.sights[0].cells(longest).all()
    distance = np.abs(np.subtract.outer(np.arange(longest), np.arange(longest)))
    window = distance <= 3  # of 6: three to each side
    assert np.array_equal(run.sights[1].cells(longest), window)


@pytest.mark.parametrize("family", ["bert", "roberta", "gpt2", "opt", "modernbert"])
def test_batches_with_padding_give_the_vectors_of_passages_alone(load, family, monkeypatch):
    model = load(family)
    monkeypatch.setattr(vectors, "BATCH", 1)
    alone = vectors.extract(model, Text(), store.key("alone"), quiet)
    monkeypatch.setattr(vectors, "BATCH", 2048)
    together = vectors.extract(model, Text(), store.key("together"), quiet)
    assert np.abs(alone.q[:] - together.q[:]).max() <= 2e-5
    assert np.abs(alone.k[:] - together.k[:]).max() <= 2e-5
    assert np.abs(alone.q[:]).min(axis=3).max() > 0  # nothing was left unwritten


def test_order_of_batches_and_progress(load, monkeypatch):
    monkeypatch.setattr(vectors, "BATCH", 40)
    groups = vectors.batches(np.array([8, 18, 4, 17, 3]))
    assert [group.tolist() for group in groups] == [[1, 3], [0, 2, 4]]
    assert [group.tolist() for group in vectors.batches(np.array([50, 60]))] == [[1], [0]]
    seen = []
    run = vectors.extract(load("gpt2"), Text(), store.key("x"), lambda *state: seen.append(state))
    total = len(run.tokens)
    assert seen[0] == (0, total) and seen[-1] == (total, total) and len(seen) == 3


def test_a_model_without_a_decoder_says_that_targets_are_not_read(load):
    text = texts.from_user("a dog ⇥ a cat\nthe cat")
    run = vectors.extract(load("bert"), text, store.key("bert"), quiet)
    assert run.notes == ("1 passage has a target, which bert doesn't read: it has no decoder.",)


def test_failed_extraction_leaves_nothing(load):
    def fail(done, total):
        if done:
            raise RuntimeError("cancelled")

    with pytest.raises(RuntimeError, match="cancelled"):
        vectors.extract(load("bert"), Text(), store.key("x"), fail)
    assert runs.RUNS.get(store.key("x")) is None
    assert not list((store.root() / runs.RUNS.kind).iterdir())


def test_too_large_a_text_is_refused_before_any_work(load, monkeypatch):
    model = load("bert")
    monkeypatch.setattr(passes, "run", None)
    monkeypatch.setenv("HEADSCOPE_BUDGET", str(768 * 20))  # 3 layers × (4 + 4) heads × 8 × 4 bytes
    with pytest.raises(HeadscopeError, match=r"at most 20 tokens .*--budget 1 .*bfloat16"):
        vectors.extract(model, Text(), store.key("x"), quiet)
    monkeypatch.setenv("HEADSCOPE_BUDGET", "")
    usage = shutil.disk_usage(store.root())._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(HeadscopeError, match=r"is full: .* are needed there and 1 KiB are free"):
        vectors.extract(model, Text(), store.key("x"), quiet)


def test_a_long_passage_is_read_whole_where_that_is_asked_for(load, monkeypatch):
    model = load("llama")
    model = replace(model, info=replace(model.info, positions=None))
    text, seen, said = Text(("the cat sat on " * 300,)), [], []
    split = vectors.extract(model, text, store.key("x"), quiet)
    assert np.diff(split.tokens.starts).tolist() == [602, 602]
    assert split.notes[0].endswith("into 2 parts. Start with --longest for longer ones.")
    monkeypatch.setattr(vectors, "BATCH", 1000)
    monkeypatch.setenv("HEADSCOPE_LONGEST", "2048")
    whole = vectors.extract(
        model, text, store.key("y"), lambda *s: seen.append(s), announce=said.append
    )
    assert np.diff(whole.tokens.starts).tolist() == [1202] and whole.notes == ()
    assert seen == [(0, 1202), (300, 1202), (601, 1202), (901, 1202), (1202, 1202)]
    assert said == ["Reading 1,202 tokens in 3 layers: 1 MiB of vectors, about 1 s …"]
    assert whole.sights[0].causal and whole.sights[0].table is None
    own = own_attention(model, whole.tokens.ids)
    monkeypatch.setattr(exact, "CELLS", 20 * 1202)
    for some in (slice(0, 7), slice(1150, 1202)):
        drawn = replace(windows.around(whole, 0), rows=some, columns=some)
        found = windows.weights(whole, 1, 2, drawn)
        assert abs(found - own[1, 2][some, some]).max() < 1e-6
    monkeypatch.setattr(exact, "WHOLE", 1000)
    with pytest.raises(HeadscopeError, match="all 1,202 tokens of passage 1 is too much"):
        attention.of_passage(whole, 1, 2, 0)


def test_tokenizer_of_another_model_is_refused(load):
    model = load("bert")
    model.tokenizer.add_tokens([f"word{i}" for i in range(60)])
    with pytest.raises(HeadscopeError, match="does not belong"):
        vectors.extract(model, Text(("the cat word59",)), store.key("x"), quiet)
    assert not (store.root() / runs.RUNS.kind).exists()


def test_passages_that_the_models_own_code_fails_on_are_told(load, monkeypatch):
    model = load("bert")

    def fail(*_, **__):
        raise RuntimeError("index 8 is out of bounds\nfor dimension 0")

    monkeypatch.setattr(passes, "run", fail)
    said = r"read passages of \d+ to \d+ tokens: .*\(index 8 is out of bounds\)\. Leave them out"
    with pytest.raises(HeadscopeError, match=said):
        vectors.extract(model, Text(), store.key("x"), quiet)


def test_masks_that_depend_on_the_content_are_refused(load, monkeypatch):
    model, real = load("gpt2"), passes.run

    def tampered(net, inputs, *, on_call, **more):
        def changed(call):
            mask = call.mask.clone()
            mask[-1, 0, 2, 0] = torch.finfo(torch.float32).min  # one passage hides one key
            on_call(Call(**{**vars(call), "mask": mask}))

        return real(net, inputs, on_call=changed, **more)

    monkeypatch.setattr(passes, "run", tampered)
    with pytest.raises(HeadscopeError, match="more than its position"):
        vectors.extract(model, Text(PASSAGES[:2]), store.key("x"), quiet)


def test_notes_on_split_passages_reach_the_run(load):
    run = vectors.extract(load("bert"), Text(("the cat " * 60, "red house")), store.key("x"), quiet)
    assert run.notes and "split into 2 parts" in run.notes[0] and run.title == "Cats"
    assert np.diff(run.tokens.starts).max() <= 64


def test_a_pass_with_fewer_layers_than_the_short_one_had_is_refused(load):
    model = load("bert")
    more = replace(model, info=replace(model.info, layers=4))
    with pytest.raises(HeadscopeError, match="in another way than short ones"):
        vectors.extract(more, Text(), store.key("bert", "more"), quiet)
