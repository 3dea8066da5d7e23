"""Runs without some heads: a hand-built circuit breaks where it must, and nowhere else."""

import circuits
import numpy as np
import pytest
from stored import quiet

from compute import attention, store, texts
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.jobs import opening
from compute.models import loading
from compute.runs import ablated_runs, unrotated, vectors

TEXT = texts.from_user("w1 w2 w3 w4 w5 w1 w2 w3 w4 w5")


def test_induction_ends_without_the_head_that_looks_one_back() -> None:
    model = circuits.causal_model()
    whole = vectors.extract(model, TEXT, store.key("whole"), quiet)
    broken = ablated_runs.extract(model, TEXT, "L0H0", "zero", store.key("broken"), quiet)
    second = np.arange(6, 10)  # [CLS] and five words stand before; each looks behind its first copy
    looks = attention.of_passage(whole, 1, 0, 0)
    assert looks[second, second - 4] == pytest.approx(1, abs=1e-3)
    assert attention.of_passage(broken, 1, 0, 0)[second, second - 4].max() < 0.2
    for head in (0, 1):  # a head that is switched off still looks, and so do those beside it
        assert np.array_equal(broken.q[0, head], whole.q[0, head])
        assert np.array_equal(broken.k[0, head], whole.k[0, head])
    spared = ablated_runs.extract(model, TEXT, "L1H0", "zero", store.key("spared"), quiet)
    assert np.array_equal(spared.q, whole.q)
    assert np.array_equal(spared.k, whole.k)


def test_the_mean_is_another_run_than_zero() -> None:
    model = loading.load(catalog.find("demo-gpt"))
    found = {
        m: ablated_runs.extract(model, TEXT, "l0", m, store.key(m), quiet) for m in ("zero", "mean")
    }
    assert not np.allclose(found["zero"].q[1], found["mean"].q[1])
    for method, run in found.items():
        assert run.model.name == "demo-gpt without layer 0"
        assert run.model.off == "L0H0, L0H1, L0H2, L0H3"
        assert run.model.off_method == method
    assert "replaced by zero" in found["zero"].model.note
    assert "its mean" in found["mean"].model.note
    assert len({run.model.identity for run in found.values()} | {model.info.identity}) == 3


def test_heads_are_named_in_any_order_and_case() -> None:
    assert ablated_runs.key("run", "L1H0, L0H2", "zero") == ablated_runs.key(
        "run", "l0h2 L1H0", "zero"
    )
    keys = {
        ablated_runs.key("run", "L0H2", "zero"),
        ablated_runs.key("run", "L0H2", "mean"),
        ablated_runs.key("run", "L0", "zero"),
        ablated_runs.key("other", "L0H2", "zero"),
    }
    assert len(keys) == 4
    with pytest.raises(HeadscopeError, match="“head” names no head"):
        ablated_runs.key("run", "head 3", "zero")
    with pytest.raises(HeadscopeError, match="There is no ablation “half”"):
        ablated_runs.key("run", "L0H0", "half")


def test_a_job_opens_it_once_and_knows_when_it_is_gone() -> None:
    name = texts.save_user(TEXT)
    whole = opening.open_run("demo-bert", name, quiet)
    told = []
    opened = opening.open_run("demo-bert", name, told.append, "L0H0", "zero")
    assert told
    assert opened["key"] != whole["key"]
    assert opened["model"]["name"] == "demo-bert without L0H0"
    assert (opened["spec"], opened["off"], opened["method"]) == ("demo-bert", "L0H0", "zero")
    told.clear()
    assert opening.open_run("demo-bert", name, told.append, "L0H0", "zero") == opened
    assert not told
    assert opening.still_there(opened)
    assert opening.still_there(whole)
    assert not opening.still_there(opened | {"off": "L0H1"})
    with pytest.raises(HeadscopeError, match="demo-bert has no head L9H0: its layers are 0 to 2"):
        opening.open_run("demo-bert", name, quiet, "L9H0", "zero")


def test_vectors_before_rotation_lack_the_same_heads(load) -> None:
    model = load("llama")
    text = texts.from_user("the cat sat on a mat and the dog ran to the red house")
    whole = vectors.extract(model, text, store.key("whole"), quiet)
    broken = ablated_runs.extract(model, text, "L0H1", "zero", store.key("broken"), quiet)
    for run in (whole, broken):
        unrotated.ensure(run.key)
    first, later = ([unrotated.head(run, at, 0)[0] for run in (whole, broken)] for at in (0, 1))
    assert np.array_equal(*first)
    assert not np.allclose(*later, atol=1e-4)
    lengths = [np.linalg.norm(v, axis=1) for v in (later[1], broken.head(1, 0)[0])]
    assert lengths[0] == pytest.approx(lengths[1], rel=1e-4)
