import numpy as np
import pytest
import torch
from stored import quiet
from tiny import PASSAGES, Text

from compute import attention, runs, store
from compute.runs import halves, kept, vectors

VALUES = np.concatenate([
    np.random.default_rng(0).normal(size=4000) * np.logspace(-30, 30, 4000),
    [0.0, -0.0, 1.0, 1 + 2**-8, 1 + 3 * 2**-9, np.inf, -np.inf, -3.4e38, 65504.0, 65519.0, 7e4],
]).astype(np.float32)  # fmt: skip


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float32"])
def test_numbers_are_rounded_as_torch_rounds_them(dtype):
    expected = torch.from_numpy(VALUES).to(getattr(torch, dtype)).float().numpy()
    assert np.array_equal(halves.rounded(VALUES, dtype), expected)


def test_not_a_number_stays_none():
    assert np.isnan(halves.rounded(np.float32([np.nan]), "bfloat16")).all()


def test_arrays_on_the_disk_give_single_precision(tmp_path):
    values = torch.randn(2, 3, 4, 5).to(torch.bfloat16)
    np.save(tmp_path / "q.npy", values.view(torch.int16).numpy().view(np.uint16))
    found = halves.read(store.OnDisk(tmp_path / "q.npy"))
    expected = values.float().numpy()
    assert found.shape == (2, 3, 4, 5) and found.ndim == 4 and len(found) == 2
    for index in [(0,), (1, 2), (0, 1, slice(1, 3)), (1, slice(None), np.array([3, 0]))]:
        assert np.array_equal(np.asarray(found[index]), expected[index])
        assert np.asarray(found[index]).dtype == np.float32
    np.save(tmp_path / "k.npy", expected)
    assert isinstance(halves.read(store.OnDisk(tmp_path / "k.npy")), store.OnDisk)


@pytest.mark.parametrize("family", ["llama", "gemma2", "bert", "gptj", "gpt_oss"])
def test_a_run_in_half_precision_has_the_models_own_attention(load, family, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_DTYPE", "bfloat16")
    model = load(family)
    single = family == "gptj"  # whose code makes single precision of queries and keys
    assert model.info.dtype == ("float32" if single else "bfloat16")
    assert "It computes in bfloat16: on one" in model.info.note
    run = vectors.extract(model, Text(PASSAGES[:1]), store.key(family, "half"), quiet)
    assert run.q.shape[0] == 3 and run.q[0, 0].dtype == np.float32
    if model.net._can_set_attn_implementation():
        model.net.set_attn_implementation("eager")
    with torch.inference_mode():
        ids = torch.tensor(run.tokens.ids[None]).long()
        own = model.net(input_ids=ids, output_attentions=True).attentions
    step = 2**-8  # of numbers below 1: a sum in another order may end on the other side of one
    for layer in range(3):
        found = np.stack([attention.of_passage(run, layer, head, 0) for head in range(4)])
        apart = np.abs(found - own[layer][0].float().numpy())
        # Where the family computes in single precision, it is what it returns that is rounded.
        assert np.median(apart) <= (1e-5 if single else 0) and apart.max() <= 8 * step
    kept = runs.RUNS.get(run.key)
    assert np.array_equal(kept.q[1, 2], run.q[1, 2])


@pytest.mark.parametrize("given", [torch.float16, torch.bfloat16, torch.float32])
def test_vectors_are_kept_in_the_precision_of_their_array(given):
    vectors_given = torch.randn(1, 2, 3, 4).to(given)
    array = np.zeros((1, 2, 3, 4), np.float32)
    kept.place(array, 0, vectors_given, np.array([0]), np.array([3]))
    assert np.array_equal(array[0], vectors_given[0].float().numpy())
