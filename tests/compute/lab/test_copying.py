"""The copying sign: a circuit whose head copies or suppresses, and a recomputation by hand."""

import circuits
import numpy as np
import pytest
import tiny
import torch
from circuits import tiny_llama
from stored import comes_back

from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.lab import copying
from compute.models import loading, unembedding_path
from compute.models.model import Model


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_head_that_copies_and_one_that_suppresses(sign: float):
    result = copying.measure(circuits.copier(sign), trials=4)
    assert np.sign(result.logit.mean[1, 0]) == sign
    assert result.share.mean[1, 0] == pytest.approx((sign + 1) / 2)
    assert result.logit.low[1, 0] <= result.logit.mean[1, 0] <= result.logit.high[1, 0]
    # The previous-token head writes where the unembedding does not read, the others nothing.
    quiet = [result.logit.mean[0, 0], result.logit.mean[0, 1], result.logit.mean[1, 1]]
    assert quiet == pytest.approx([0, 0, 0], abs=1e-4)


def test_induction_heads_of_demo_gpt_copy():
    result = copying.measure(loading.load(catalog.find("demo-gpt")), trials=6)
    assert (result.logit.low[1] > 0).all() and (result.share.mean[1] > 0.9).all()


def test_equal_to_a_recomputation_with_grouped_queries():
    model = tiny_llama()
    result = copying.measure(model, trials=2, seed=3)
    ids, body = copying._sequences(model, 2, 3)
    layers = model.net.model.layers
    expected = np.zeros((2, 3, 4))
    for trial, row in enumerate(ids):
        with torch.inference_mode():
            output = model.net.model(row[None], output_hidden_states=True)
            streams = list(output.hidden_states[:-1])
            values = [
                layers[i].self_attn.v_proj(layers[i].input_layernorm(streams[i])) for i in range(3)
            ]
            final: list[torch.Tensor] = []
            handle = model.net.model.norm.register_forward_pre_hook(
                lambda _, given, final=final: final.append(given[0])
            )
            model.net.model(row[None])
            handle.remove()
            scale = (1 / final[0][0, body].pow(2).mean(-1).sqrt()).mean()
            for layer in range(3):
                value = values[layer][0, body].reshape(-1, 2, 8)
                for head in range(4):
                    alone = torch.zeros(len(value), 32)
                    alone[:, 8 * head : 8 * head + 8] = value[:, head // 2]
                    written = layers[layer].self_attn.o_proj(alone) * model.net.model.norm.weight
                    logits = model.net.lm_head(written)[:, row[body]] * scale
                    expected[trial, layer, head] = (logits.diagonal() - logits.mean(1)).mean()
    np.testing.assert_allclose(result.logit.mean, expected.mean(0), atol=1e-4)


@pytest.mark.parametrize("family", ["gpt2", "gpt_neox", "llama", "qwen3", "mistral", "phi3", "opt"])
def test_the_way_out_is_exact_in_many_families(family: str):
    """What the last layer's heads write alone changes the logits as the model itself says."""
    net = tiny.net(family)
    heads = net.config.num_attention_heads
    info = circuits.info(3, heads, True, 8)
    model = Model(info, net, tiny.tokenizer())
    ids = torch.arange(5, 17)[None]
    way = unembedding_path.find(model, ids)
    with torch.inference_mode(), unembedding_path.streams(way.norm) as seen:
        logits = net(ids).logits
    x = seen[-1]
    with torch.inference_mode():
        normal = way.norm.linear(x) / way.norm.divisor(x)[..., None]
        shift = way.norm.module(torch.zeros(x.shape[-1]))  # a bias, if it has one
        mine = (normal + shift) @ way.reading.T
        bias = getattr(net.get_output_embeddings(), "bias", None)
        mine = mine if bias is None else mine + bias
    torch.testing.assert_close(mine, logits, rtol=1e-3, atol=1e-3)
    assert len(way.writing) == 3 and way.writing[0].shape[:2] == (32, heads)


def test_families_without_a_plain_way_are_refused():
    model = Model(circuits.info(3, 4, True, 8), tiny.net("gemma2"), tiny.tokenizer())
    with pytest.raises(HeadscopeError, match="normalises what heads write"):
        unembedding_path.find(model, torch.arange(5, 12)[None])


def test_a_predicting_head_with_a_layer_of_its_own_is_refused():
    """As BERT's, whose normalisation follows on that layer and not on the residual stream."""
    model = Model(circuits.info(3, 4, True, 8), tiny.net("bert"), tiny.tokenizer())
    with pytest.raises(HeadscopeError, match="nothing normalises its residual stream"):
        unembedding_path.find(model, torch.arange(5, 12)[None])


def test_only_causal_language_models():
    with pytest.raises(HeadscopeError, match="demo-bert is none"):
        copying.measure(loading.load(catalog.find("demo-bert")))


def test_kept_in_the_store():
    made = copying.measure(circuits.causal_model(), trials=2)
    assert made.trials == 2
    comes_back(copying.SIGNS, made)
