"""What a head writes: circuits by algebra, other ways to the same numbers, and refusals."""

import circuits
import numpy as np
import pytest
import tiny
import torch
from stored import comes_back

from compute.capture import passes
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.models import loading, unembedding_path
from compute.models.model import Model
from compute.writes import at_place, following

WORDS = np.random.default_rng(0).permutation(np.arange(4, circuits.WORDS))[:8]
TWICE = np.concatenate([[circuits.CLS], WORDS, WORDS])
IDS = np.arange(5, 17)
MASKED = ("bert", "roberta", "modernbert", "deberta-v2")
CAUSAL = ("gpt2", "gpt_neox", "llama", "qwen3", "mistral", "phi3", "opt", "gemma2", "gemma4")
CAUSAL += ("gptj", "gpt_neo", "bloom", "mpt", "falcon", "openai-gpt", "xlnet", "xlm", "gpt_oss")


def random_model(family: str) -> Model:
    """Return a tiny model with biases too: those of a projection are of no head."""
    causal = family not in MASKED
    net = tiny.net(family)
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(1)
        for name, parameter in net.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0, 0.25)
    return Model(circuits.info(3, 4, causal, 8, family=family), net, tiny.tokenizer())


def outputs(model: Model, ids: np.ndarray) -> list[torch.Tensor]:
    """Return all layers' heads' outputs (T, H, E)."""
    found = []

    def keep(_: int, output: torch.Tensor) -> torch.Tensor:
        found.append(output[0].clone())
        return output

    inputs = {"input_ids": torch.from_numpy(ids)[None]}
    passes.run(model.net, inputs, on_call=lambda call: None, ablate=keep)
    return found


def centred(logits: torch.Tensor) -> np.ndarray:
    return (logits - logits.mean(-1, keepdim=True)).numpy()


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_head_that_copies_its_source(sign: float):
    model, place = circuits.copier(sign), 12
    result = at_place.measure(model, TWICE, 1, 0, place, top=3)
    assert result.target == TWICE[13] and not result.hidden
    # The stream has three ones and one of `sign`; what is written is that one, over the divisor.
    width = model.net.config.n_embd
    divisor = (4 / width - ((3 + sign) / width) ** 2) ** 0.5
    expected = sign * (1 - 1 / circuits.WORDS) / divisor
    assert result.effect == pytest.approx(expected, abs=1e-5)
    first = result.raised if sign > 0 else result.lowered
    assert first[0] == TWICE[13] and result.effect_rank == (1 if sign > 0 else circuits.WORDS)
    parts = np.zeros(len(TWICE))
    parts[5] = expected
    np.testing.assert_allclose(result.sources[0], parts, atol=1e-5)
    assert result.attention.argmax() == 5
    assert (result.rank < result.rank_without) == (sign > 0)


@pytest.mark.parametrize(("layer", "head"), [(0, 0), (0, 1), (1, 1)])
def test_heads_that_write_nothing_that_the_unembedding_reads(layer: int, head: int):
    result = at_place.measure(circuits.copier(1.0), TWICE, layer, head, 12)
    assert result.effect == pytest.approx(0, abs=1e-5)
    assert np.abs(result.raised_effects).max() < 1e-5 and result.size < 1e-5


def test_a_head_of_a_masked_model_with_norms_after_every_block():
    """The written vector passes two norms; then there are a matrix, GELU and a norm."""
    model, place = circuits.masked_copier(), 12
    ids = np.append(TWICE, circuits.SEP)
    result = at_place.measure(model, ids, 1, 0, place, top=2)
    assert result.hidden and result.target == ids[place]
    ids[place] = circuits.MASK
    with torch.inference_mode():
        given = torch.from_numpy(ids)[None]
        stream = model.net(given, output_hidden_states=True).hidden_states[1][0, place].double()
    written = torch.zeros_like(stream)
    written[result.target] = 2.0

    def parted(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return x - x.mean(), (x - x.mean()).square().mean().sqrt()

    part = written
    for added in (written, torch.zeros_like(written)):
        stream, divisor = parted(stream + added)
        stream, part = stream / divisor, parted(part)[0] / divisor

    def logits(state: torch.Tensor) -> torch.Tensor:
        bent, divisor = parted(torch.nn.functional.gelu(state))
        return (bent / divisor)[: circuits.WORDS]

    effect = centred(logits(stream) - logits(stream - part))
    assert result.effect == pytest.approx(effect[result.target], abs=1e-5)
    assert result.raised[0] == result.target == np.argmax(effect)
    np.testing.assert_allclose(result.lowered_effects, np.sort(effect)[:2], atol=1e-5)
    assert result.sources[0].argmax() == 4 and result.attention[4] > 0.99
    np.testing.assert_allclose(result.sources[0].sum(), result.effect, atol=1e-4)


@pytest.mark.parametrize("family", ["gpt2", "gpt_neox", "llama", "qwen3", "mistral", "phi3", "opt"])
def test_the_same_as_by_the_unembedding_path(family: str):
    """Where both ways are open: the last norm and the unembedding, read off a watched pass."""
    model, place = random_model(family), 6
    ids = torch.from_numpy(IDS)[None]
    way = unembedding_path.find(model, ids)
    with unembedding_path.streams(way.norm) as seen:
        heads = outputs(model, IDS)
    divisor = way.norm.divisor(seen[0][0, place])
    for layer, head in ((0, 1), (1, 3), (2, 0)):
        result = at_place.measure(model, IDS, layer, head, place, top=4)
        written = way.writing[layer][:, head] @ heads[layer][place, head]
        effect = centred(way.norm.linear(written) / divisor @ way.reading.T)
        assert result.effect == pytest.approx(effect[IDS[place + 1]], rel=1e-3, abs=1e-4)
        best = np.argsort(-effect)[:4]
        np.testing.assert_array_equal(result.raised, best)
        np.testing.assert_allclose(result.raised_effects, effect[best], rtol=1e-3, atol=1e-4)


def test_the_same_as_through_the_norms_of_bert_by_hand():
    model, place, layer, head = random_model("bert"), 4, 1, 2
    net, seen = model.net, []
    norms = [
        norm
        for block in net.bert.encoder.layer[layer:]
        for norm in (block.attention.output.LayerNorm, block.output.LayerNorm)
    ]
    handles = [
        n.register_forward_pre_hook(lambda _, given: seen.append(given[0][0])) for n in norms
    ]
    heads = outputs(model, IDS)
    with torch.inference_mode():
        final = net.bert(torch.from_numpy(IDS)[None])[0][0]
    for handle in handles:
        handle.remove()
    dense = net.bert.encoder.layer[layer].attention.output.dense.weight.detach()
    part = dense[:, 8 * head : 8 * head + 8] @ heads[layer][place, head]
    for norm, stream in zip(norms, seen, strict=False):
        spread = stream[place] - stream[place].mean()
        part = (part - part.mean()) / spread.square().mean().sqrt() * norm.weight.detach()
    with torch.inference_mode():
        with_it, without = net.cls(torch.stack([final[place], final[place] - part]))
    effect = centred(with_it - without)
    result = at_place.measure(model, IDS, layer, head, place, hide=False)
    assert not result.hidden and result.target == IDS[place]
    assert result.effect == pytest.approx(effect[IDS[place]], abs=1e-4)
    np.testing.assert_allclose(result.raised_effects, np.sort(effect)[::-1][:10], atol=1e-4)


@pytest.mark.parametrize("family", [*MASKED, *CAUSAL])
@pytest.mark.parametrize("layer", [0, 2])
def test_sums_hold_in_every_family(family: str, layer: int):
    """The path's is the independent one: a pass without the head, all else held."""
    result = at_place.measure(random_model(family), IDS, layer, 1, 5, top=3)
    assert result.projection_error < 1e-5 and result.path_error < 1e-4
    known = [result.effect, *result.raised_effects, *result.lowered_effects]
    largest = np.abs(known).max()
    np.testing.assert_allclose(result.sources.sum(1), known, atol=1e-4 * largest + 1e-5)
    assert largest > 1e-4


def test_a_cap_on_the_logits_is_part_of_the_effect():
    model, place = random_model("gemma2"), 5
    model.net.config.final_logit_softcapping = 1.0
    ids = torch.from_numpy(IDS)[None]
    followed = following.follow(model, ids, 2)
    states = followed.final[place] - torch.stack(
        [0 * followed.final[0], followed.reached(1)[place]]
    )
    with_it, without = torch.tanh(model.net.lm_head(states).detach())
    effect = centred(with_it - without)
    result = at_place.measure(model, IDS, 2, 1, place, top=3)
    np.testing.assert_allclose(result.raised_effects, np.sort(effect)[::-1][:3], atol=1e-5)


def test_half_precision_is_near_to_single():
    model = random_model("llama")
    single = at_place.measure(model, IDS, 1, 2, 5, top=3)
    half = Model(model.info, model.net.to(torch.bfloat16), model.tokenizer)
    rough = at_place.measure(half, IDS, 1, 2, 5, top=3)
    assert rough.effect == pytest.approx(single.effect, rel=0.1, abs=0.02)
    assert 0 < rough.path_error < 0.07


def test_induction_heads_of_demo_gpt_raise_what_followed():
    model, length = loading.load(catalog.find("demo-gpt")), 25
    tokens = np.random.default_rng(3).permutation(np.arange(50, 2000))[:length]
    places = range(length + 8, 2 * length - 2, 4)
    ranks = []
    for head in range(4):
        found = [at_place.measure(model, np.tile(tokens, 2), 1, head, i, top=1) for i in places]
        assert np.mean([each.effect for each in found]) > 0
        sources = [each.sources[0].argmax() for each in found]
        assert np.mean([s == i - length + 1 for s, i in zip(sources, places, strict=True)]) > 0.7
        ranks.append(np.median([each.effect_rank for each in found]))
    assert min(ranks) <= 20 and max(ranks) < 512  # of 2,048


def test_nothing_to_predict_after_the_last_token_and_at_a_mask():
    result = at_place.measure(circuits.copier(1.0), TWICE, 1, 0, len(TWICE) - 1, top=2)
    assert result.target == -1 and np.isnan(result.effect) and result.rank == 0
    assert np.isnan(result.sources[0]).all() and not np.isnan(result.sources[1:]).any()
    masked = np.append(TWICE, circuits.SEP)
    masked[12] = circuits.MASK
    result = at_place.measure(circuits.masked_copier(), masked, 1, 0, 12, top=2)
    assert result.target == -1 and result.raised[0] == TWICE[12]


def test_the_model_is_as_it_was():
    model = random_model("bert")
    ids = torch.from_numpy(IDS)[None]
    with torch.inference_mode():
        before = model.net(ids).logits
    at_place.measure(model, IDS, 1, 1, 4)
    with torch.inference_mode():
        assert torch.equal(model.net(ids).logits, before)
    assert all(parameter.requires_grad for parameter in model.net.parameters())
    assert "forward" not in model.net.bert.__dict__


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ((3, 0, 4), "has no head L3H0"),
        ((1, 0, len(IDS)), "no position 12: its 12 tokens are counted from 0"),
        ((1, 0, -1), "no position"),
    ],
)
def test_what_is_not_there(asked: tuple[int, int, int], words: str):
    with pytest.raises(HeadscopeError, match=words):
        at_place.measure(random_model("gpt2"), IDS, *asked)


def test_a_model_that_predicts_no_tokens_is_refused():
    info = circuits.info(3, 4, False, 8, task="encoder")
    with pytest.raises(HeadscopeError, match="predicts no tokens"):
        at_place.measure(Model(info, tiny.net("distilbert"), tiny.tokenizer()), IDS, 1, 1, 4)


def test_kept_in_the_store():
    comes_back(at_place.WRITTEN, at_place.measure(circuits.copier(1.0), TWICE, 1, 0, 12, top=2))
    keys = {at_place.key("run", 1, 0, 0, i, more) for i in (4, 5) for more in ({}, {"top": 3})}
    assert len(keys) == 4
    assert at_place.key("run", 1, 0, 0, 4, {"top": 10}) in keys
