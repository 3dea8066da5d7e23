"""Proposals are gradients times what heads give, of three ways, and taken in turn."""

import circuits
import numpy as np
import pytest
import tiny
from patterns import info

from compute.models.model import Model
from compute.why import effects, proposals, without
from compute.why.subject import Piece, Subject
from compute.why.traced import DIRECT, EVERYTHING, PARTLY, WAYS

IDS = np.array([4, 12, 20, 26, 12, 33, 20, 26, 12, 20])
PIECE = Piece(0, IDS, np.array([8]), np.array([5]))


def test_a_small_change_is_what_the_gradient_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Going a thousandth of the way to the mean changes the contrast by a thousandth of it."""
    model = Model(info(3, 4, True, 8), tiny.net("gpt2").double(), None)
    subject = Subject(2, 1, "", (PIECE,))
    said = proposals.attributions(model, subject, PIECE)
    step, silenced = 1e-3, without.passes.run

    def slightly(net, inputs, *, on_call, ablate):
        return silenced(
            net,
            inputs,
            on_call=on_call,
            ablate=lambda layer, z: z + step * (ablate(layer, z.clone()) - z),
        )

    monkeypatch.setattr(without.passes, "run", slightly)
    heads = [(layer, head) for layer in range(2) for head in range(4)]
    found = effects.measure(model, subject, PIECE, heads)
    for at, side in enumerate(("query", "key")):
        expected = found.contrast[:, at].reshape(2, 4) / step
        assert said[side][EVERYTHING] == pytest.approx(expected, rel=0.03, abs=2e-3)


def test_of_a_hand_built_circuit_every_way_finds_the_builder() -> None:
    ids = np.array([1, 9, 17, 23, 9, 30, 17, 23, 9, 17])
    piece = Piece(0, ids, np.array([7]), np.array([4]))
    said = proposals.attributions(circuits.causal_model(), Subject(1, 0, "", (piece,)), piece)
    assert set(said["key"]) == set(WAYS)
    for heads in said["key"].values():
        assert abs(heads).argmax() == 0 and heads[0, 0] > 10
    assert abs(said["query"][DIRECT]).max() < 1e-3


def test_two_heads_of_everything_and_one_of_each_other_way_come_in_turn() -> None:
    said = {
        "query": {
            EVERYTHING: np.array([[9.0, 8, 1, 0, 2, 0, 0]]),
            PARTLY: np.array([[0.0, 0, 0, 0, 0, 0, 3]]),
            DIRECT: np.array([[0.0, 0, 0, 0, 0, 1, 0]]),
        },
        "key": {
            EVERYTHING: np.array([[9.0, 8, 7, 0, 0, 0, 0]]),
            PARTLY: np.array([[0.0, 0, 0, 0, 0, 0, -3]]),
            DIRECT: np.array([[0, 0, 0, -5.0, 0, 1, 0]]),
        },
    }
    assert proposals.first(said, 2) == [(0, 0), (0, 1)]
    assert proposals.first(said, 5) == [(0, 0), (0, 1), (0, 6), (0, 5), (0, 3)]
    assert len(proposals.first(said)) == 7
    none = dict.fromkeys(("query", "key"), dict.fromkeys(WAYS, np.zeros((0, 4))))
    assert proposals.first(none) == []
