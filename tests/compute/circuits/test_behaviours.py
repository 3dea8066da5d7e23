"""Which edges a behaviour has: of a text, as the layer that sees most sees them, or random ones."""

from dataclasses import replace

import circuits
import numpy as np
import patterns
import pytest

from compute.capture import sight
from compute.circuits import behaviours
from compute.circuits.behaviours import PICKED, RULE, Asked
from compute.errors import HeadscopeError

PASSAGE = [0, 7, 8, 9, 4, 5, 7]


def run_of(wide: int):
    """A text of which one layer sees the token before alone, the other all that is before."""
    attention = np.broadcast_to(np.tri(7) / np.arange(1, 8)[:, None], (2, 2, 7, 7))
    run = patterns.run([PASSAGE], [attention], True, special={0})
    near = sight.of(np.tri(7, dtype=bool) & ~np.tri(7, k=-2, dtype=bool))
    return replace(run, sights=(sight.causal(7), near), pattern=(wide, 1 - wide))


@pytest.mark.parametrize("wide", [0, 1])
def test_edges_are_those_that_some_layer_sees(wide: int) -> None:
    run, asked = run_of(wide), Asked(RULE, "same")
    (piece,) = behaviours.of_text(run, asked).pieces
    assert (piece.queries.tolist(), piece.keys.tolist()) == ([6], [1])
    with pytest.raises(HeadscopeError, match="There is nothing to explain"):
        behaviours.of_text(run, asked, layer=1 - wide)


def test_edges_that_are_named_and_those_of_a_head() -> None:
    found = behaviours.of_text(run_of(1), Asked(PICKED, edges=((0, 4, 2), (0, 5, 1))))
    assert found.words == "2 selected edges"
    subject = found.of(1, 0)
    assert (subject.layer, subject.head, subject.edges) == (1, 0, 2)


def test_edges_of_induction_follow_the_seed() -> None:
    model = circuits.masked_model()
    model = replace(model, info=replace(model.info, positions=20))
    first, again, other = (
        behaviours.of_induction(model, Asked(seed=seed)).pieces for seed in (0, 0, 1)
    )
    assert len(first) == behaviours.SEQUENCES
    assert all((a.ids == b.ids).all() for a, b in zip(first, again, strict=True))
    assert any((a.ids != b.ids).any() for a, b in zip(first, other, strict=True))
