"""Graphs of heads: of circuits written by hand, of which every arrow is known."""

from dataclasses import replace

import circuits
import numpy as np
import pytest
import tiny
from patterns import info

from compute import store
from compute.circuits import bars, building, graph, looking
from compute.circuits.behaviours import Behaviour
from compute.circuits.graph import GRAPHS, Graph, arrows, nodes, sentence
from compute.models.model import Model
from compute.why import induction_edges
from compute.why.subject import Piece


def induction(model: Model, sequences: int = 6) -> Behaviour:
    return Behaviour(*induction_edges.everywhere(model, 0, sequences, 8))


def built(model: Model, behaviour: Behaviour, **options) -> Graph:
    *_, found = building.build(model, behaviour, **options)
    return found


def ends(found: Graph) -> set[tuple]:
    return {(one.builder[:2], one.looking[:2], one.side) for one in arrows(found)}


def to_the_first(passages: int, start: int = 8) -> Behaviour:
    """Edges from late tokens to the first."""
    rng = np.random.default_rng(0)
    queries = np.arange(start, 12)
    pieces = [
        Piece(n, np.array([1, *rng.choice(np.arange(4, 40), 11, False)]), queries, 0 * queries)
        for n in range(passages)
    ]
    return Behaviour("edges to the first token", tuple(pieces))


@pytest.mark.parametrize("method", ["mean", "zero"])
def test_the_previous_token_head_builds_the_keys_of_the_induction_head(method: str) -> None:
    model = circuits.causal_model()
    found = built(model, induction(model), method=method)
    assert ends(found) == {((0, 0), (1, 0), "key")}
    (only,) = arrows(found)
    assert only.effect == pytest.approx(found.contrast[1], rel=1e-5)
    assert only.looking.attention == pytest.approx(1, abs=1e-5)
    assert only.low <= only.effect <= only.high and only.attention > 0.9
    assert [node[:2] + node[3:] for node in nodes(found)] == [(0, 0, "builds"), (1, 0, "looks")]
    assert found.measured == 2 and found.passages == 6 and found.edges == 6 * 8
    assert sentence(found).endswith(": one earlier head builds its query or key.")


def test_both_neighbours_build_both_sides_of_the_retrieval_head() -> None:
    model = circuits.masked_model()
    found = built(model, induction(model))
    sides = {((0, head), (1, 0), side) for head in (0, 1) for side in ("query", "key")}
    assert ends(found) == sides


def test_where_nobody_builds_the_graph_says_so() -> None:
    """L0H1 and L1H1 look at the first place by its position alone."""
    found = built(circuits.causal_model(), to_the_first(6))
    assert ends(found) == set() and [node[:2] for node in nodes(found)] == [(0, 1), (1, 1)]
    assert sentence(found) == (
        "2 heads look along edges to the first token, and of 2 earlier heads that were taken "
        "out none was found to build a query or a key of theirs."
    )


def test_where_nobody_looks_the_graph_is_empty() -> None:
    behaviour = to_the_first(6)
    third = [replace(piece, keys=piece.keys + 3) for piece in behaviour.pieces]
    *_, found = building.build(circuits.causal_model(), replace(behaviour, pieces=tuple(third)))
    assert nodes(found) == [] and ends(found) == set() and found.measured == 0
    assert sentence(found) == "No head of this model looks along edges to the first token."


def test_one_head_may_be_asked_for() -> None:
    model = circuits.causal_model(backup=True)
    found = built(model, induction(model), only=(2, 0))
    assert {looking for _, looking, _ in ends(found)} == {(2, 0)}
    assert ((0, 0), (2, 0), "key") in ends(found)
    assert sentence(found).startswith("One head looks along the edges of induction")
    first = built(model, induction(model), only=(0, 1))
    assert sentence(first).endswith("No earlier head was taken out.")
    assert first.measured == 0 and [node[:2] for node in nodes(first)] == [(0, 1)]


def test_of_few_passages_nothing_is_said_to_be_above_chance() -> None:
    model = circuits.causal_model()
    found = built(model, induction(model, 4))
    assert ends(found) == set()
    assert "Only 4 passages have such edges" in " ".join(found.notes)


def test_more_heads_than_are_looked_at_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model(info(3, 4, True, 8), tiny.net("gpt2"), None)
    behaviour = to_the_first(5)
    found = looking.find(model, behaviour)
    monkeypatch.setattr(looking, "LOOKS", 0.0)
    every = looking.find(model, behaviour)
    assert len(every.heads) == bars.MOST and every.heads[: len(found.heads)] == found.heads[:8]
    assert every.notes[-1].startswith("4 more heads put at least 0.0")
    strength = [every.attention[(slice(None), *at)].mean() for at in every.heads]
    assert strength == sorted(strength, reverse=True)


def test_more_is_known_with_every_step_and_whoever_looks_may_end_it() -> None:
    model = Model(info(3, 4, True, 8), tiny.net("gpt2"), None)
    behaviour, told = to_the_first(5), []
    stages = list(
        building.build(model, behaviour, only=(2, 1), progress=lambda *at: told.append(at))
    )
    assert [stage.measured for stage in stages] == [0, 8]
    proposed = 5 * building.GRADIENTS
    assert told[0] == (building.GRADIENTS, proposed + 40)
    assert told[-1] == (proposed + 40, proposed + 40) and told == sorted(told)

    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        built(model, behaviour, only=(2, 1), progress=stop)


def test_layers_that_do_not_see_all_edges_are_named() -> None:
    model = Model(info(3, 4, True, 8), tiny.net("gemma2"), None)
    found = built(model, to_the_first(5))
    assert found.notes[0].startswith("Layers 0, 2 don't see all of these edges")
    assert {node.layer for node in nodes(found) if node.role != graph.BUILDS} <= {1}


def test_a_graph_comes_back_as_it_was(cache) -> None:
    model = circuits.causal_model()
    found = built(model, induction(model))
    name = store.key("some")
    GRAPHS.put(name, found)
    kept = GRAPHS.get(name)
    assert list(arrows(kept)) == list(arrows(found)) and kept.notes == found.notes
