import pytest
import tiny
import torch

from compute.capture import calls, interface, passes

LENGTHS = (12, 7)  # the second row is padded


_OUT = {  # what the output projection is called
    "gpt2": "c_proj",
    "albert": "attention.dense",
    "gemma2": "o_proj",
    "llama": "o_proj",
    "gptj": "out_proj",
    "bloom": "attention.dense",
    "deberta-v2": "attention.output.dense",
    "xlm": "out_lin",
}


def inputs_of(family):
    generator = torch.Generator().manual_seed(3)
    if family == "vit":
        return {"pixel_values": torch.randn(2, 3, 16, 16, generator=generator)}, (17, 17)
    ids = torch.randint(5, 20, (2, LENGTHS[0]), generator=generator)
    mask = torch.ones_like(ids)
    ids[1, LENGTHS[1] :], mask[1, LENGTHS[1] :] = (1 if family == "roberta" else 0), 0
    return {"input_ids": ids, "attention_mask": mask}, LENGTHS


def largest_difference(calls, attentions, lengths):
    return max(
        float((call.attention() - own)[row, :, :length].abs().max())
        for call, own in zip(calls, attentions, strict=True)
        for row, length in enumerate(lengths)
    )


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_attention_from_captured_vectors_is_the_models_own(family):
    net, (inputs, lengths) = tiny.net(family), inputs_of(family)
    seen = []
    captured = passes.run(net, inputs, on_call=seen.append)[0]
    net.set_attn_implementation("eager")
    with torch.inference_mode():
        own = net(**inputs, output_attentions=True)
    assert [call.layer for call in seen] == list(range(len(own.attentions))) == [0, 1, 2]
    assert seen[0].attention().dtype == torch.float32
    assert largest_difference(seen, own.attentions, lengths) <= 1e-6
    assert (own.attentions[0][0] - 1 / lengths[0]).abs().max() > 0.05  # far from uniform
    for row, length in enumerate(lengths):
        found, expected = captured[row, :length], own[0][row, :length]
        torch.testing.assert_close(found, expected, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("family", ["bert", "gpt2", "llama", "gemma2", "t5"])
def test_outputs_are_those_of_the_eager_code_to_the_last_bit(family, monkeypatch):
    net, (inputs, _) = tiny.net(family), inputs_of(family)
    whole = passes.run(net, inputs, on_call=lambda call: None)[0][0]
    monkeypatch.setattr(calls, "BLOCK", 50)  # four rows at a time
    parts = passes.run(net, inputs, on_call=lambda call: None)[0][0]
    net.set_attn_implementation("eager")
    with torch.inference_mode():
        own = net(**inputs)[0][0]
    assert torch.equal(whole, own)
    torch.testing.assert_close(parts, own, atol=1e-5, rtol=1e-5)


def test_attention_that_torch_computes_in_one_step_is_seen_too():
    net, (inputs, _) = tiny.net("falcon"), inputs_of("falcon")
    found = []
    for way in ("eager", "sdpa"):
        net.config._attn_implementation, seen = way, []
        passes.run(net, inputs, on_call=seen.append)
        found.append(torch.stack([call.attention() for call in seen]))
    assert found[0].shape == (3, 2, 4, 12, 12)
    torch.testing.assert_close(found[0][:, 0], found[1][:, 0], atol=1e-5, rtol=0)


def test_grouped_keys_have_fewer_heads_and_rotary_is_inside():
    net, calls = tiny.net("llama"), []
    ids = torch.full((1, 6), 9)
    passes.run(net, {"input_ids": ids}, on_call=calls.append)
    assert calls[0].query.shape == (1, 4, 6, 8) and calls[0].key.shape == (1, 2, 6, 8)
    same_token = calls[0].key[0, 0]
    assert (same_token[0] - same_token[5]).abs().max() > 0.01  # only the position differs


def test_local_layers_and_sinks_are_seen():
    calls = []
    passes.run(tiny.net("modernbert"), inputs_of("modernbert")[0], on_call=calls.append)
    blocked = [int((call.mask[0, 0] < -1e4).sum()) for call in calls]
    assert blocked[0] == 0 < blocked[1]  # ModernBERT: every third layer is global
    calls = []
    passes.run(tiny.net("gpt_oss"), inputs_of("gpt_oss")[0], on_call=calls.append)
    assert calls[0].sinks.shape == (4,)
    assert calls[0].attention()[0].sum(-1).max() < 1


def test_net_keeps_its_own_implementation_even_after_an_error():
    net, (inputs, _) = tiny.net("bert"), inputs_of("bert")
    assert net.config._attn_implementation == "sdpa"
    passes.run(net, inputs, on_call=lambda call: None)
    assert net.config._attn_implementation == net.bert.config._attn_implementation == "sdpa"

    def fail(call):
        raise RuntimeError("stop here")

    with pytest.raises(RuntimeError, match="stop here"):
        passes.run(net, inputs, on_call=fail)
    assert net.config._attn_implementation == "sdpa"
    seen = []
    passes.run(net, inputs, on_call=lambda call: seen.append(call.layer))
    assert seen == [0, 1, 2]


@pytest.mark.parametrize("family", _OUT)
def test_ablated_head_gives_nothing_to_the_output_projection(family):
    net, (inputs, _) = tiny.net(family), inputs_of(family)

    def silence(layer, output):
        assert output.shape == (2, 12, 4, 8)
        output = output.clone()
        if layer == 1:
            output[:, :, 2] = 0
        return output

    found = passes.run(net, inputs, on_call=lambda call: None, ablate=silence)[0]
    untouched = passes.run(net, inputs, on_call=lambda call: None)[0]
    assert (found - untouched).abs().max() > 1e-3
    assert torch.equal(found, _with_zeroed_input_columns(net, family, inputs))


def _with_zeroed_input_columns(net, family, inputs):
    """Zero that head's slice by a hook on the output projection of layer 1 alone."""
    found = [m for n, m in net.named_modules() if n.endswith(_OUT[family]) and "mlp" not in n]
    attention = [module for module in found if not isinstance(module, torch.nn.ModuleList)]
    count = 0

    def zero(module, args):
        nonlocal count
        count += 1
        if count != 2:
            return None
        changed = args[0].clone()
        changed[..., 16:24] = 0
        return (changed,)

    hooks = [module.register_forward_pre_hook(zero) for module in attention]
    try:
        return passes.run(net, inputs, on_call=lambda call: None)[0]
    finally:
        for hook in hooks:
            hook.remove()


def test_masks_stay_on_their_device():
    mask = torch.ones((1, 1, 4, 6), dtype=torch.bool, device="meta")
    key = torch.zeros((1, 2, 4, 8), device="meta")
    assert interface._additive(mask, key).device.type == "meta"
