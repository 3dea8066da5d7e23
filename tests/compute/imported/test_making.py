"""Imported vectors become runs: exact attention, rules, halves, and nothing half in the cache."""

import contextlib
from dataclasses import replace

import imports
import numpy as np
import pytest
import safetensors.torch
import torch
from stored import quiet

from compute import attention, runs, texts
from compute.errors import HeadscopeError
from compute.finding import catalog, known
from compute.imported import making
from compute.imported.arrays import given
from compute.jobs import measuring, opening

LENGTHS = np.array([5, 3])


def seen(run):
    """Return the attention of all heads over all tokens, as the page computes it."""
    n = len(run.tokens)
    found = np.zeros((run.model.layers, run.model.heads, n, n))
    for at in np.ndindex(found.shape[:2]):
        for passage in range(len(run.tokens.starts) - 1):
            span = run.span(passage)
            found[(*at, span, span)] = attention.of_passage(run, *at, passage)
    return found


RULES = [
    {"causal": True},
    {"causal": False, "scale": (0.3,), "softcap": 2.0},
    {"causal": True, "scale": (0.2, 0.7), "window": (0, 2)},
    {"causal": True, "window": (3, 10**12)},
]


@pytest.mark.parametrize("rules", RULES)
def test_attention_is_what_its_definition_says(cache, tmp_path, rules):
    arrays = imports.vectors()
    run = making.make(imports.written(tmp_path, arrays, **rules)).run
    scales = (rules.get("scale", (6**-0.5,)) * 2)[:2]
    windows = (rules.get("window", (0,)) * 2)[:2]
    for layer in range(2):
        part = slice(layer, layer + 1)
        known_answer = imports.attention(
            *(arrays[name][part] for name in ("q", "k")), LENGTHS, scales[layer],
            rules["causal"], windows[layer], rules.get("softcap"),
        )  # fmt: skip
        assert np.abs(seen(run)[part] - known_answer).max() < 1e-6
    assert run.tokens.strings[:2] == ("The", "·clock") and run.title == "tokens.txt"
    np.testing.assert_allclose(run.v_norm, np.linalg.norm(arrays["v"], axis=-1), rtol=1e-6)


def test_it_opens_like_a_model_with_its_one_text(cache, tmp_path):
    made = making.make(imports.written(tmp_path, imports.vectors()))
    spec = "imported:mine"
    found = opening.open_run(spec, spec, quiet)
    assert found["key"] == made.run.key and found["model"]["name"] == "mine" and found["values"]
    assert opening.still_there(found) and known.knows(spec)
    for off, text in (("L0H0", spec), ("", "prose")):
        with pytest.raises(HeadscopeError, match="weights are not here"):
            opening.open_run(spec, text, quiet, off)
    with pytest.raises(HeadscopeError, match="another model can't read"):
        texts.load(spec)
    with pytest.raises(HeadscopeError, match="weights are not here"):
        measuring.measure(spec, {}, quiet)
    with pytest.raises(HeadscopeError, match="weights are not here"):
        catalog.fetch(catalog.find(spec))
    with pytest.raises(HeadscopeError, match="Nothing was imported under the name “other”"):
        catalog.find("imported:other")
    making.forget("mine")
    assert not opening.still_there(found) and runs.RUNS.get(made.run.key) is None


@pytest.mark.parametrize(("precision", "kept"), [("bfloat16", "uint16"), ("float16", "float16")])
def test_halves_stay_halves_and_are_exact(cache, tmp_path, precision, kept):
    arrays = {n: torch.from_numpy(a).to(getattr(torch, precision)) for n, a in
              imports.vectors().items()}  # fmt: skip
    asked = imports.written(tmp_path, {})
    file = tmp_path / "all.safetensors"
    safetensors.torch.save_file(arrays, file)
    run = making.make(replace(asked, files={name: file for name in ("q", "k", "v")})).run
    assert np.load(cache / "runs" / run.key / "q.npy").dtype == kept
    np.testing.assert_array_equal(np.asarray(run.q), arrays["q"].float().numpy())
    wide = [arrays[n].float().numpy() for n in ("q", "k")]
    assert np.abs(seen(run) - imports.attention(*wide, LENGTHS, 6**-0.5, True)).max() < 1e-6
    assert precision in run.notes[0] and "computed in float32" in run.notes[0]


def test_jax_writes_bfloat16_as_two_bytes_and_numpy_float64(cache, tmp_path):
    arrays = imports.vectors()
    upper = (arrays["q"].view(np.uint32) >> 16).astype(np.uint16).view("V2")
    run = making.make(
        imports.written(tmp_path, {"q": upper, "k": arrays["k"].astype(np.float64)})
    ).run
    np.testing.assert_array_equal(
        np.asarray(run.q), (arrays["q"].view(np.uint32) & 0xFFFF0000).view(np.float32)
    )
    np.testing.assert_array_equal(np.asarray(run.k), arrays["k"])
    assert run.v_norm is None and "were not imported" in run.notes[0]
    with pytest.raises(HeadscopeError, match="were not imported"):
        attention.by_value_norm(run, 0, 0, 0, np.eye(5))


def test_tokens_before_heads_only_when_it_is_said(cache, tmp_path):
    arrays = imports.vectors()
    turned = {name: array.swapaxes(1, 2).copy() for name, array in arrays.items()}
    asked = imports.written(tmp_path, turned)
    with pytest.raises(HeadscopeError, match="--order lnhd"):
        making.make(asked)
    run = making.make(replace(asked, order="lnhd")).run
    np.testing.assert_array_equal(np.asarray(run.q), arrays["q"])
    np.testing.assert_allclose(run.v_norm, np.linalg.norm(arrays["v"], axis=-1), rtol=1e-6)


def test_big_endian_numbers_are_read_as_this_machine_has_them(cache, tmp_path):
    arrays = imports.vectors()
    turned = {"q": arrays["q"].astype(">f4"), "k": arrays["k"].astype(">f8")}
    turned["v"] = arrays["v"].astype(">f2")
    asked = imports.written(tmp_path, turned)
    with contextlib.closing(given("q", asked.files["q"])) as found:
        assert found.kind.byteorder == ">" and found.next((2, 4, 8, 6)).dtype.isnative
    run = making.make(asked).run
    np.testing.assert_array_equal(np.asarray(run.q), arrays["q"])
    np.testing.assert_array_equal(np.asarray(run.k), arrays["k"])
    lengths = np.linalg.norm(turned["v"].astype(float), axis=-1)
    np.testing.assert_allclose(run.v_norm, lengths, rtol=1e-6)


def test_lengths_of_values_are_kept_as_they_were_given(cache, tmp_path):
    arrays = imports.vectors()
    norms = np.linalg.norm(arrays.pop("v"), axis=-1)
    run = making.make(imports.written(tmp_path, arrays | {"v_norm": norms})).run
    np.testing.assert_array_equal(np.asarray(run.v_norm), norms)
    norms[0, 1, 2] = -1
    with pytest.raises(HeadscopeError, match="below 0"):
        making.make(imports.written(tmp_path, arrays | {"v_norm": norms}, name="other"))


def test_a_models_own_vectors_give_its_own_attention(cache, tmp_path):
    """GPT-2 of random weights: what hooks see of it is imported, its attention compared."""
    from transformers import GPT2Config, GPT2Model

    torch.manual_seed(0)
    config = GPT2Config(n_layer=2, n_head=4, n_embd=32, vocab_size=20, attn_implementation="eager")
    net, found = GPT2Model(config).eval(), []
    for block in net.h:
        block.attn.c_attn.register_forward_hook(lambda _m, _i, out: found.append(out[0]))
    with torch.no_grad():
        weights = net(torch.arange(8)[None], output_attentions=True).attentions
    split = [[part.reshape(8, 4, 8).numpy() for part in each.chunk(3, -1)] for each in found]
    arrays = {n: np.stack([each[i] for each in split]) for i, n in enumerate(("q", "k", "v"))}
    arrays["attention"] = torch.cat(weights).numpy()
    passages = [[str(i) for i in range(8)]]
    asked = imports.written(tmp_path, arrays, passages, order="lnhd")
    assert making.make(asked).apart < 1e-6
