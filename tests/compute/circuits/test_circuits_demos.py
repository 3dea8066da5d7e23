"""Known answers on trained weights: who builds the heads of induction of the models that ship."""

import pytest

from compute.circuits import building, feeding, rising, taking
from compute.circuits.behaviours import Behaviour
from compute.circuits.graph import Graph, arrows
from compute.finding import catalog
from compute.models import loading
from compute.models.model import Model
from compute.why import induction_edges


def induction(name: str, sequences: int) -> tuple[Model, Behaviour]:
    model = loading.load(catalog.find(name))
    return model, Behaviour(*induction_edges.everywhere(model, 1, sequences))


def keys(found: Graph) -> set[tuple]:
    return {(one.builder[:2], one.looking[:2]) for one in arrows(found) if one.side == "key"}


def test_demo_gpts_previous_token_head_alone_builds_keys() -> None:
    model, behaviour = induction("demo-gpt", 6)
    *_, found = building.build(model, behaviour)
    assert keys(found) == {((0, 0), (1, head)) for head in range(4)}
    for one in arrows(found):
        if one.side == "key":
            assert one.effect == pytest.approx(found.contrast[4 + one.looking.head], rel=0.05)
    gone = taking.measure(model, behaviour, [(0, 0)])
    fed = {one[:2]: one for one in feeding.fed(gone) if one.side == "key"}
    assert {at for at in fed if at[0] == 1} == {(1, head) for head in range(4)}
    one = next(iter(arrows(found)))  # the same head, the same effect
    assert fed[one.looking[:2]].effect == pytest.approx(one.effect, abs=1e-4)
    assert not rising.rises(gone)[1].any()


def test_demo_berts_retrieval_heads_are_built_by_l0h1() -> None:
    model, behaviour = induction("demo-bert", 12)
    *_, found = building.build(model, behaviour)
    strongest = {}
    for one in arrows(found):
        strongest.setdefault((one.looking[:2], one.side), one.builder[:2])
    for head in range(3):
        for side in ("query", "key"):
            assert strongest[(1, head), side] == (0, 1)
