import pytest
import tiny
import torch

from compute.models import capture

LENGTHS = (12, 7)  # the second row is padded


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
    calls = []

    def eager_output(layer, output):
        call = calls[layer]
        value = call.value.repeat_interleave(output.shape[2] // call.value.shape[1], dim=1)
        return (call.attention() @ value).transpose(1, 2)

    # SDPA rounds differently, and random layers blow that up: give every layer its eager inputs.
    capture.run(net, inputs, on_call=calls.append, ablate=eager_output)
    fast = []
    captured = capture.run(net, inputs, on_call=fast.append)[0]
    net.set_attn_implementation("eager")
    with torch.inference_mode():
        own = net(**inputs, output_attentions=True)
    assert [call.layer for call in calls] == list(range(len(own.attentions))) == [0, 1, 2]
    assert calls[0].attention().dtype == torch.float32
    assert largest_difference(calls, own.attentions, lengths) <= 1e-6
    assert largest_difference(fast, own.attentions, lengths) <= 1e-5
    assert (own.attentions[0][0] - 1 / lengths[0]).abs().max() > 0.1  # far from uniform
    for row, length in enumerate(lengths):
        found, expected = captured[row, :length], own[0][row, :length]
        torch.testing.assert_close(found, expected, atol=2e-5, rtol=1e-4)


def test_grouped_keys_have_fewer_heads_and_rotary_is_inside():
    net, calls = tiny.net("llama"), []
    ids = torch.full((1, 6), 9)
    capture.run(net, {"input_ids": ids}, on_call=calls.append)
    assert calls[0].query.shape == (1, 4, 6, 8) and calls[0].key.shape == (1, 2, 6, 8)
    same_token = calls[0].key[0, 0]
    assert (same_token[0] - same_token[5]).abs().max() > 0.01  # only the position differs


def test_local_layers_and_sinks_are_seen():
    calls = []
    capture.run(tiny.net("modernbert"), inputs_of("modernbert")[0], on_call=calls.append)
    blocked = [int((call.mask[0, 0] < -1e4).sum()) for call in calls]
    assert blocked[0] == 0 < blocked[1]  # ModernBERT: every third layer is global
    calls = []
    capture.run(tiny.net("gpt_oss"), inputs_of("gpt_oss")[0], on_call=calls.append)
    assert calls[0].sinks.shape == (4,)
    assert calls[0].attention()[0].sum(-1).max() < 1


def test_net_keeps_its_own_implementation_even_after_an_error():
    net, (inputs, _) = tiny.net("bert"), inputs_of("bert")
    assert net.config._attn_implementation == "sdpa"
    capture.run(net, inputs, on_call=lambda call: None)
    assert net.config._attn_implementation == net.bert.config._attn_implementation == "sdpa"

    def fail(call):
        raise RuntimeError("stop here")

    with pytest.raises(RuntimeError, match="stop here"):
        capture.run(net, inputs, on_call=fail)
    assert net.config._attn_implementation == "sdpa"
    seen = []
    capture.run(net, inputs, on_call=lambda call: seen.append(call.layer))
    assert seen == [0, 1, 2]


@pytest.mark.parametrize("family", ["gpt2", "albert", "gemma2", "llama"])
def test_ablated_head_gives_nothing_to_the_output_projection(family):
    net, (inputs, _) = tiny.net(family), inputs_of(family)

    def silence(layer, output):
        assert output.shape == (2, 12, 4, 8)
        output = output.clone()
        if layer == 1:
            output[:, :, 2] = 0
        return output

    found = capture.run(net, inputs, on_call=lambda call: None, ablate=silence)[0]
    untouched = capture.run(net, inputs, on_call=lambda call: None)[0]
    assert (found - untouched).abs().max() > 1e-3
    assert torch.equal(found, _with_zeroed_input_columns(net, family, inputs))


def _with_zeroed_input_columns(net, family, inputs):
    """Zero that head's slice by a hook on the output projection of layer 1 alone."""
    names = {"gpt2": "c_proj", "albert": "attention.dense", "gemma2": "o_proj", "llama": "o_proj"}
    attention = [m for n, m in net.named_modules() if n.endswith(names[family]) and "mlp" not in n]
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
        return capture.run(net, inputs, on_call=lambda call: None)[0]
    finally:
        for hook in hooks:
            hook.remove()
