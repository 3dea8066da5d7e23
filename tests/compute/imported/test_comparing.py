"""Attention that was given is held against softmax(q·k), by what its precision can hold."""

from dataclasses import replace

import imports
import numpy as np
import pytest
import safetensors.torch
import torch

from compute.errors import HeadscopeError
from compute.finding import imported
from compute.imported import arrays as files
from compute.imported import making

LENGTHS = np.array([5, 3])


def test_given_attention_is_held_against_q_and_k(cache, tmp_path):
    arrays = imports.vectors()
    right = imports.attention(arrays["q"], arrays["k"], LENGTHS, 6**-0.5, True)
    asked = imports.written(tmp_path, arrays | {"attention": right})
    assert making.make(asked).apart < 1e-6
    np.save(
        asked.files["attention"], imports.attention(*(arrays[n] for n in "qk"), LENGTHS, 1, True)
    )
    with pytest.raises(HeadscopeError, match="differs from softmax"):
        making.make(replace(asked, name="wrong"))
    assert [each.name for each in imported.every()] == ["mine"]
    assert len(list((cache / "runs").iterdir())) == 1
    assert making.make(replace(asked, name="wrong", anyway=True)).apart > 0.1


def test_attention_between_passages_must_be_none(cache, tmp_path):
    arrays = imports.vectors()
    given = imports.attention(arrays["q"], arrays["k"], LENGTHS, 6**-0.5, True)
    given[1, 2, 6, 1] = 0.5
    with pytest.raises(HeadscopeError, match=r"up to 0\.5"):
        making.make(imports.written(tmp_path, arrays | {"attention": given}))


@pytest.mark.parametrize("name", ["q", "attention"])
@pytest.mark.parametrize(
    ("precision", "bar"), [("float32", 1e-3), ("float16", 1e-2), ("bfloat16", 3e-2)]
)
def test_the_coarsest_precision_says_what_is_allowed(cache, tmp_path, name, precision, bar):
    halves = {n: torch.from_numpy(a) for n, a in imports.vectors().items() if n != "v"}
    if name == "q":
        halves["q"] = halves["q"].to(getattr(torch, precision))
    right = imports.attention(*(halves[n].float().numpy() for n in "qk"), LENGTHS, 6**-0.5, True)
    asked, file = imports.written(tmp_path, {}), tmp_path / "all.safetensors"
    asked = replace(asked, files=dict.fromkeys(("q", "k", "attention"), file))
    for off, refused in ((0.8 * bar, False), (1.3 * bar, True)):
        given = right.copy()
        given[0, 0, 0, 0] = 1 - off  # a first token sees itself alone
        stored = torch.from_numpy(given).to(getattr(torch, precision if name != "q" else "float32"))
        safetensors.torch.save_file(halves | {"attention": stored}, file)
        if refused:
            with pytest.raises(HeadscopeError, match=f"and {bar:g} is allowed"):
                making.make(replace(asked, name="other"))
        else:
            assert making.make(asked).apart == pytest.approx(off, rel=0.15)


def test_no_more_than_a_passage_of_it_is_read_at_once(cache, tmp_path, monkeypatch):
    arrays = imports.vectors()
    right = imports.attention(arrays["q"], arrays["k"], LENGTHS, 6**-0.5, True)
    read, asked = files.Given.next, []

    def told(given, shape):
        asked.append(shape) if given.name == "attention" else None
        return read(given, shape)

    monkeypatch.setattr(files.Given, "next", told)
    making.make(imports.written(tmp_path, arrays | {"attention": right}))
    assert asked == [(5, 8), (3, 8)] * 8
