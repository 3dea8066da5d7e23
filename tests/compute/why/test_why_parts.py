"""The split of a contrast equals what the weights say, and adds up in every family."""

from collections.abc import Callable

import accelerate
import circuits
import numpy as np
import pytest
import tiny
import torch
import transformers as tf
from numpy_llama import Llama, contrast
from patterns import info

from compute.capture import passes
from compute.models.model import Model
from compute.why import parts
from compute.why.subject import Piece, Subject

IDS = np.array([1, 9, 17, 23, 9, 30, 17, 23, 9, 17])


def split(model: Model, layer: int, head: int, ids, *edges) -> dict[str, parts.Split]:
    piece = Piece(0, np.asarray(ids), *(np.array(side) for side in zip(*edges, strict=True)))
    return parts.split(model, Subject(layer, head, "", (piece,)), piece)


def test_the_induction_circuit_is_built_by_the_previous_token_head_alone() -> None:
    """Token 23 at 7 looks to 4, after its first instance: the head before wrote "23" into it."""
    found = split(circuits.causal_model(), 1, 0, IDS, (7, 4))
    # Of the keys 0 to 7, those at 4 alone follow token 23: the logit is SHARP there, else 0.
    expected = circuits.SHARP * (1 - 1 / 8)
    for side in ("query", "key"):
        assert found[side].value[0] == pytest.approx(expected, rel=1e-5)
        assert found[side].complete
    key, query = found["key"], found["query"]
    assert key.heads[0, 0, 0] == pytest.approx(expected, rel=1e-5)
    assert abs(key.heads[0, 0, 1]) < 1e-5 * expected
    for part in (key.token, key.position, key.rest, key.mlps[0]):
        assert abs(part[0]) < 1e-5 * expected
    assert query.token[0] == pytest.approx(expected, rel=1e-5)


def test_a_part_is_brought_from_the_token_before() -> None:
    """From token 23 at 3 to the key at 4; only the first token, [CLS], looks at itself."""
    key = split(circuits.causal_model(), 1, 0, IDS, (7, 4))["key"]
    places = dict(zip(parts.PLACES, key.places[0, 0, 0], strict=True))
    mean = circuits.SHARP / 184 / 8  # LayerNorm takes a share of it from every axis of each key
    assert places["before"] == pytest.approx(circuits.SHARP * 7 / 8 - mean, rel=1e-5)
    assert places["same"] == pytest.approx(mean, rel=1e-3)
    own = circuits.SHARP * (1 - 1 / 184) * 7 / 8
    assert key.sources[0, 0, 3] == pytest.approx(own, rel=1e-5)


def test_a_post_norm_circuit_is_built_by_both_neighbour_heads() -> None:
    """A masked token finds its instance by what stands before and after it, written by L0H0, H1."""
    words, places = circuits.WORDS, circuits.PLACES
    ids = [circuits.CLS, 9, 17, 23, 30, 9, circuits.MASK, 23, 31, circuits.SEP]
    one = np.eye(words)[ids]
    ahead = np.vstack([one[1:], one.mean(0)])  # after the last is nothing: it looks at all alike
    axes = {"token": (circuits.TOKEN, one), "place": (circuits.PLACE, np.eye(places)[:10])}
    axes |= {"before": (circuits.BEFORE, one[[0, *range(9)]]), "after": (circuits.AFTER, ahead)}
    parts_of = {}
    for name, (start, ones) in axes.items():
        parts_of[name] = np.zeros((10, 184))
        parts_of[name][:, start : start + ones.shape[1]] = ones
    whole = sum(parts_of.values())
    low, step = circuits.stretch(184, 4)
    asked = (whole - whole.mean(1, keepdims=True)) / whole.std(1, keepdims=True)
    near = slice(circuits.BEFORE, circuits.BEFORE + 2 * words)
    query = circuits.SHARP * (asked[6, near] - low) / step

    def part(x: np.ndarray) -> float:
        held = (x - x.mean(1, keepdims=True)) / whole.std(1, keepdims=True) / step
        logits = held[:, near] @ query
        logits -= 4 * circuits.SHARP * held[:, [circuits.MASK, circuits.SEP]].sum(1)
        return logits[2] - logits.mean()

    key = split(circuits.masked_model(), 1, 0, ids, (6, 2))["key"]
    size = sum(abs(part(x)) for x in parts_of.values())
    assert key.value[0] == pytest.approx(part(whole), abs=1e-5 * size)
    expected = [part(parts_of["before"]), part(parts_of["after"])]
    assert key.heads[0, 0] == pytest.approx(expected, abs=1e-5 * size)
    assert min(expected) > 0.7 * circuits.SHARP
    assert key.token[0] == pytest.approx(part(parts_of["token"]), abs=1e-5 * size)
    assert key.position[0] == pytest.approx(part(parts_of["place"]), abs=1e-5 * size)
    assert key.complete


def test_a_rotary_model_is_split_as_algebra_says() -> None:
    """Grouped heads, rotations and a gated MLP, computed again in NumPy with the norm held."""
    net = tiny.net("llama")
    known, ids = Llama(net), IDS + 3
    model = Model(info(3, 4, True, 8, kv_heads=2), net, None)
    stream = known.sources(ids)
    total = stream["token"] + stream["heads"].sum(0) + stream["mlp"]

    def part(x, side: str) -> float:
        """Return the contrast if only x stood in one side of L1H2."""
        gain = known.of(1, "input_layernorm")
        q, k = (
            known.side(known.norm(x if own else total, gain, total), 1, 2, name)
            for own, name in ((side == "query", "q_proj"), (side == "key", "k_proj"))
        )
        return contrast(q, k, 7, 4)

    for side, found in split(model, 1, 2, ids, (7, 4)).items():
        size = abs(found.value[0]) + abs(found.heads).sum()
        assert found.value[0] == pytest.approx(part(total, side), abs=1e-5 * size)
        assert found.token[0] == pytest.approx(part(stream["token"], side), abs=1e-5 * size)
        assert found.mlps[0, 0] == pytest.approx(part(stream["mlp"], side), abs=1e-5 * size)
        for head in range(4):
            expected = part(stream["heads"][head], side)
            assert found.heads[0, 0, head] == pytest.approx(expected, abs=1e-5 * size)


ADDING_UP = sorted(set(tiny.FAMILIES) - {"vit", "gpt_oss", "xlnet"})


@pytest.mark.parametrize("family", ADDING_UP)
def test_parts_add_up_in_every_family(family: str) -> None:
    """Whatever its norms, positions, ways of capture and activations are."""
    model = Model(info(3, 4, True, 8), tiny.net(family), None)
    for layer in (0, 2):
        for found in split(model, layer, 1, IDS + 3, (8, 5), (9, 9)).values():
            sizes = abs(found.heads).sum() + abs(found.mlps).sum() + abs(found.token[0])
            assert abs(found.gap[0]) < 1e-5 * (sizes + abs(found.value[0]))
            assert found.complete
            assert (abs(found.mlps) > 0).all() and abs(found.token[0]) > 0
            assert np.allclose(found.places.sum(-1), found.heads, atol=1e-6)
            assert np.allclose(found.sources.sum(-1), found.heads[0], atol=1e-6)


WIDE = {**tiny._BERT, "intermediate_size": 32}
GATED = {"head_dim": 8, "num_experts": 2, "num_dense_layers": 3, "sliding_window": 5}


@pytest.mark.parametrize(
    "made",
    [
        lambda: tf.AfmoeForCausalLM(tf.AfmoeConfig(**tiny._LLAMA, **GATED)),
        lambda: tf.LlamaForCausalLM(tf.LlamaConfig(**WIDE)),
    ],
    ids=["heads with a gate", "a gated MLP as wide as the stream"],
)
def test_gates_are_told_apart(made: Callable[[], tf.PreTrainedModel]) -> None:
    """An activation may go into the heads' own projection, or meet another linear map."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = made().eval()
        for parameter in net.parameters():
            parameter.detach().normal_(0, 0.25)
    for found in split(Model(info(3, 4, True, 8), net, None), 2, 1, IDS + 3, (8, 5)).values():
        assert found.complete
        assert (abs(found.heads) > 0).all() and (abs(found.mlps) > 0).all()


def test_embeddings_that_are_scaled_in_place_are_parts() -> None:
    config = tf.CTRLConfig(**tiny._GPT, dff=48, n_positions=64)
    found = split(Model(info(3, 4, True, 8), tf.CTRLModel(config).eval(), None), 0, 1, IDS, (8, 5))
    assert found["key"].token[0] != 0


def test_parameters_that_are_kept_elsewhere_are_no_hindrance() -> None:
    """Under inference mode, accelerate leaves names of them that no gradient may be asked of."""
    here, away = tiny.net("gpt2"), tiny.net("gpt2")
    accelerate.cpu_offload(away, execution_device="cpu")
    passes.run(away, {"input_ids": torch.from_numpy(IDS)[None]}, on_call=lambda call: None)
    expected, found = (
        split(Model(info(3, 4, True, 8), net, None), 2, 1, IDS, (8, 5))["key"]
        for net in (here, away)
    )
    assert np.allclose(found.heads, expected.heads, atol=1e-6)


def test_what_is_not_attributed_is_noticed() -> None:
    """The experts of gpt-oss are no plain MLP, so that their part is missing."""
    model = Model(info(3, 4, True, 8), tiny.net("gpt_oss"), None)
    found = split(model, 2, 1, IDS + 3, (8, 5))
    assert not found["key"].complete
    assert split(model, 0, 1, IDS + 3, (8, 5))["key"].complete


def test_the_net_is_left_as_it_was() -> None:
    net = tiny.net("llama")
    asked = [p.requires_grad for p in net.parameters()]
    split(Model(info(3, 4, True, 8), net, None), 2, 1, IDS + 3, (8, 5))
    assert [p.requires_grad for p in net.parameters()] == asked
    assert not any(module._forward_hooks for module in net.modules())
    assert all(p.grad is None for p in net.parameters())
