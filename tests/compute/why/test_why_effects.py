"""What goes without a head, measured: by hand-built circuits, NumPy, and the demo models."""

from dataclasses import replace

import circuits
import numpy as np
import pytest
import tiny
from numpy_llama import Llama, contrast
from patterns import info

from compute.errors import HeadscopeError
from compute.models.model import Model
from compute.why import effects, explaining, parts, without
from compute.why.subject import SIDES, Piece, Subject

IDS = np.array([1, 9, 17, 23, 9, 30, 17, 23, 9, 17])
EVERY = [(0, 0), (0, 1), (0, 2), (0, 3)]


def asked(layer: int, head: int, ids, *edges, others=None) -> Subject:
    queries, keys = (np.array(side) for side in zip(*edges, strict=True))
    return Subject(layer, head, "", (Piece(0, np.asarray(ids), queries, keys, others),))


def test_without_its_builder_the_induction_head_looks_at_all_alike() -> None:
    subject = asked(1, 0, IDS, (7, 4))
    model, piece = circuits.causal_model(), subject.pieces[0]
    start, attention = effects.before(model, subject, piece)
    assert attention == pytest.approx(1, abs=1e-6)
    for method in ("mean", "zero"):
        found = effects.measure(model, subject, piece, [(0, 0), (0, 1)], method)
        # Every key is the same then, so that the contrast is nothing, and attention equal.
        query, key, both = found.contrast[0]
        assert key == pytest.approx(start, rel=1e-5) and both == pytest.approx(start, rel=1e-5)
        assert found.attention[0, 1:] == pytest.approx(1 - 1 / 8, abs=1e-5)
        assert abs(found.contrast[1]).max() < 1e-4 * start  # the other head writes nothing
        # It is in the query's norm alone: fewer ones in the stream are stretched more.
        left = (
            np.bincount([1, *IDS[:-1]], minlength=184) / 10 if method == "mean" else np.zeros(184)
        )
        ones = 2 + left.sum()
        deviation = ((2 + (left**2).sum()) / 184 - (ones / 184) ** 2) ** 0.5
        more = 1 / deviation / circuits.stretch(184, 3)[1]
        assert query == pytest.approx(start * (1 - more), rel=1e-4)


def test_effects_in_a_rotary_model_are_what_numpy_computes() -> None:
    net, ids = tiny.net("llama"), IDS + 3
    known = Llama(net)
    model = Model(info(3, 4, True, 8, kv_heads=2), net, None)
    subject = asked(1, 2, ids, (7, 4))

    def sides(without: int | None) -> tuple[np.ndarray, np.ndarray]:
        stream = known.sources(ids, without)
        total = stream["token"] + stream["heads"].sum(0) + stream["mlp"]
        made = known.norm(total, known.of(1, "input_layernorm"))
        return tuple(known.side(made, 1, 2, name) for name in ("q_proj", "k_proj"))

    def attention(q, k) -> float:
        weights = np.exp(q[7] @ k[:8].T / 8**0.5)
        return float(weights[4] / weights.sum())

    found = effects.measure(model, subject, subject.pieces[0], EVERY)
    q, k = sides(None)
    assert abs(found.contrast).max() > 0.05
    for head in range(4):
        new_q, new_k = sides(head)
        for at, pair in enumerate([(new_q, k), (q, new_k), (new_q, new_k)]):
            change = contrast(q, k, 7, 4) - contrast(*pair, 7, 4)
            assert found.contrast[head, at] == pytest.approx(change, abs=1e-5)
            went = attention(q, k) - attention(*pair)
            assert found.attention[head, at] == pytest.approx(went, abs=1e-5)


@pytest.mark.parametrize("family", ["bert", "gptj", "gpt_oss", "gemma2", "t5", "mpt"])
def test_attention_is_that_of_the_model_without_the_head(family: str) -> None:
    """With masks, sinks, softcaps, biases and both ways of capture."""
    from compute.capture import passes

    model = Model(info(3, 4, True, 8), tiny.net(family), None)
    subject = asked(2, 1, IDS + 3, (8, 5), (9, 6))
    seen = {}

    def zero(layer: int, output):
        if layer != 1:
            return output
        output = output.clone()
        output[:, :, 3] = 0
        return output

    import torch

    inputs = {"input_ids": torch.from_numpy(subject.pieces[0].ids)[None]}
    for name, ablate in (("whole", None), ("without", zero)):
        passes.run(
            model.net.base_model,
            inputs,
            on_call=lambda call, name=name: seen.setdefault((name, call.layer), call.attention()),
            ablate=ablate,
        )
    edges = (0, 1, [8, 9], [5, 6])
    went = float(seen["whole", 2][edges].mean() - seen["without", 2][edges].mean())
    found = effects.measure(model, subject, subject.pieces[0], [(1, 3)], "zero")
    assert found.attention[0, 2] == pytest.approx(went, abs=1e-6)
    assert np.isnan(found.others).all()


def test_heads_that_share_a_pass_do_not_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    model = Model(info(3, 4, True, 8), tiny.net("gpt2"), None)
    subject = asked(2, 1, IDS + 3, (8, 5))
    heads = [(layer, head) for layer in range(2) for head in range(4)]
    together = effects.measure(model, subject, subject.pieces[0], heads)
    monkeypatch.setattr(without, "TOKENS", 10)
    told = []
    alone = effects.measure(model, subject, subject.pieces[0], heads, step=told.append)
    assert np.allclose(together.contrast, alone.contrast, atol=1e-5)
    assert told == list(range(1, 9))


def test_what_is_compared_may_be_of_the_passage_or_of_another() -> None:
    model = Model(info(3, 4, True, 8), tiny.net("gpt2"), None)
    ids = IDS + 3
    for other in (ids, ids[::-1].copy()):
        null = Piece(0, other, np.array([9]), np.array([6]))
        subject = asked(2, 1, ids, (8, 5), others=null)
        found = effects.measure(model, subject, subject.pieces[0], EVERY)
        alone = asked(2, 1, other, (9, 6))
        expected = effects.measure(model, alone, alone.pieces[0], EVERY)
        assert np.allclose(found.others, expected.contrast, atol=1e-6)


def test_a_key_that_is_not_seen_is_refused() -> None:
    model = Model(info(3, 4, True, 8), tiny.net("gpt2"), None)
    subject = asked(2, 1, IDS + 3, (5, 8))
    with pytest.raises(HeadscopeError, match="Token 5 of passage 0 doesn't see token 8"):
        parts.split(model, subject, subject.pieces[0])


def test_explaining_hands_on_the_split_first_and_then_ever_more_heads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(explaining, "CHUNK", 3)
    model = Model(info(3, 4, True, 8), tiny.net("gpt2"), None)
    one = asked(2, 1, IDS + 3, (8, 5)).pieces[0]
    subject = Subject(2, 1, "", (one, replace(one, ids=one.ids[::-1].copy(), passage=1)))
    counts = []
    stages = list(explaining.explain(model, subject, progress=lambda *at: counts.append(at)))
    assert [len(stage.measured) for stage in stages] == [0, 3, 6, 8]  # there are no more
    assert counts[-1] == (16, 16) and counts == sorted(counts)
    last = stages[-1]
    assert {tuple(at) for at in last.measured.tolist()} == {
        (layer, head) for layer in range(2) for head in range(4)
    }
    for row, piece in enumerate(subject.pieces):
        heads = [tuple(at) for at in last.measured]
        found = effects.measure(model, subject, piece, heads)
        assert np.allclose(last.effects[row], found.contrast, atol=1e-5)
        assert np.allclose(last.changes[row], found.attention, atol=1e-6)
    assert last.effects.shape == (2, 8, len(SIDES)) and last.complete
    assert np.allclose(
        last.contrast,
        last.token[0]
        + last.position[0]
        + last.rest[0]
        + last.heads[0].sum((1, 2))
        + last.mlps[0].sum(1),
        atol=1e-5,
    )


def test_so_many_heads_are_taken_out_as_are_asked_for() -> None:
    """The first ones proposed, or every earlier head where none is left out."""
    model = Model(info(3, 4, True, 8), tiny.net("gpt2"), None)
    subject = asked(2, 1, IDS + 3, (8, 5))
    for count, expected in ((3, 3), (None, 8)):
        *_, last = explaining.explain(model, subject, count=count)
        assert len(last.measured) == expected
        assert len({tuple(at) for at in last.measured.tolist()}) == expected


def test_a_head_of_the_first_layer_has_no_earlier_ones() -> None:
    model = Model(info(3, 4, True, 8), tiny.net("gpt2"), None)
    (stage,) = explaining.explain(model, asked(0, 1, IDS + 3, (8, 5)))
    assert len(stage.measured) == 0 and stage.complete
    assert stage.token[1, 0] != 0 and stage.position[1, 0] != 0
