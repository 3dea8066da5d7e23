"""One pass read in all later heads is what `why.effects` measures for each of them."""

import numpy as np
import pytest
import tiny
import torch
from patterns import info

from compute.capture import passes
from compute.circuits import reading
from compute.models.model import Model
from compute.why import contrast, effects, without
from compute.why.sides import ATTENTION, CONTRAST, OTHERS, OTHERS_ATTENTION
from compute.why.subject import Piece, Subject

IDS = np.array([4, 12, 20, 26, 12, 33, 20, 26, 12, 20])
GROUPS = [[(0, 1)], [(1, 3)], [(0, 0)]]


def model_of(family: str) -> Model:
    return Model(info(3, 4, True, 8), tiny.net(family), None)


def piece(other_ids: np.ndarray | None = None) -> Piece:
    others = None
    if other_ids is not None:
        others = Piece(0, other_ids, np.array([9, 7]), np.array([6, 5]))
    return Piece(0, IDS, np.array([8, 7]), np.array([5, 4]), others)


@pytest.mark.parametrize("family", ["gpt2", "llama", "gpt_oss", "bert", "mpt"])
@pytest.mark.parametrize("method", ["mean", "zero"])
def test_each_head_reads_what_effects_measures(family: str, method: str) -> None:
    model, some = model_of(family), piece(IDS[::-1].copy())
    found = reading.measure(model, some, GROUPS, method)
    for layer in range(3):
        for head in range(4):
            subject = Subject(layer, head, "", (some,))
            start = effects.before(model, subject, some)
            assert found.before[[CONTRAST, ATTENTION], layer, head] == pytest.approx(
                start, abs=1e-5
            )
            for at, group in enumerate(GROUPS):
                made = found.changes[:, at, layer, head]
                if layer <= group[0][0]:
                    assert np.isnan(made).all()
                    continue
                known = effects.measure(model, subject, some, group, method)
                assert np.allclose(made[CONTRAST], known.contrast[0], atol=1e-5)
                assert np.allclose(made[ATTENTION], known.attention[0], atol=1e-6)
                assert np.allclose(made[OTHERS], known.others[0], atol=1e-5)


def test_heads_of_a_group_are_taken_out_together() -> None:
    """Both heads of a layer: what follows sees neither, which no sum of the two says."""
    model, some = model_of("gpt2"), piece()
    pair = [(0, 0), (0, 1)]
    found = reading.measure(model, some, [pair, pair[:1], pair[1:]])
    together, one, other = found.changes[CONTRAST, :, 2]
    assert not np.allclose(together, one + other, atol=1e-3)

    def mean(layer: int, output):
        if layer:
            return output
        output = output.clone()
        output[:, :, :2] = output[:, :, :2].mean(1, keepdim=True)
        return output

    calls = {}
    passes.run(
        model.net.base_model,
        {"input_ids": torch.from_numpy(IDS)[None]},
        on_call=lambda call: calls.setdefault(call.layer, call.attention()[0]),
        ablate=mean,
    )
    after = found.before[ATTENTION, 2] - found.changes[ATTENTION, 0, 2, :, 2]
    known = calls[2][:, some.queries, some.keys].mean(1).numpy()
    assert np.allclose(after, known, atol=1e-6)


def test_only_the_layers_that_are_asked_for_are_read_and_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, told = model_of("gpt2"), []
    monkeypatch.setattr(without, "TOKENS", 20)
    found = reading.measure(model, piece(), GROUPS, layers=[1], step=told.append)
    assert told == [2, 3]
    assert np.isfinite(found.changes[CONTRAST, [0, 2], 1]).all()
    assert np.isnan(found.changes[:, :, [0, 2]]).all() and np.isnan(found.before[:, [0, 2]]).all()
    assert np.isnan(found.changes[[OTHERS, OTHERS_ATTENTION]]).all()  # nothing is compared


def test_layers_that_do_not_see_an_edge_are_left_out() -> None:
    """Gemma 2's first layer looks 5 tokens back, its second at everything."""
    far = Piece(0, IDS, np.array([9, 8]), np.array([1, 7]))
    found = reading.measure(model_of("gemma2"), far, [[(0, 0)]])
    assert np.isnan(found.before[:2, 0]).all() and np.isfinite(found.before[:2, 1]).all()
    assert np.isfinite(found.changes[:2, 0, 1]).all()


def test_attention_of_many_queries_is_read_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    model, some = model_of("gpt2"), piece()
    whole = reading.measure(model, some, GROUPS)
    monkeypatch.setattr(contrast, "CELLS", 1)
    assert np.allclose(
        reading.measure(model, some, GROUPS).changes, whole.changes, atol=1e-7, equal_nan=True
    )
