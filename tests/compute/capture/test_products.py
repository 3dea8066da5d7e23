"""The second way of capture, on layers written here: what is followed, and what is not."""

import math

import pytest
import torch
from torch import nn

from compute.capture import products

B, H, T, D = 2, 3, 6, 4
torch.manual_seed(0)
Q, K, V = (torch.randn(B, H, T, D) for _ in range(3))
HIDDEN = torch.ones(T, T).triu(1).bool()
LOW = torch.finfo(torch.float32).min


class Layer(nn.Module):
    """A net of one layer: what `compute` makes of Q, K and V, whatever the ids."""

    def __init__(self, compute):
        super().__init__()
        self.compute = compute

    def forward(self, ids):
        return self.compute()


def seen(compute, ablate=None):
    calls, net = [], Layer(compute)
    with torch.inference_mode(), products.watched(net, calls.append, ablate):
        out = net(torch.zeros(B, T, dtype=torch.long))
    return calls, out


def plain():
    scores = Q @ K.transpose(-1, -2) / math.sqrt(D)
    return torch.softmax(scores.masked_fill(HIDDEN, LOW), -1) @ V


def in_place():
    scores = torch.bmm(Q.flatten(0, 1), K.flatten(0, 1).transpose(1, 2))
    scores /= math.sqrt(D)
    scores = scores.view(B, H, T, T)
    scores += torch.zeros(T, T).masked_fill(HIDDEN, LOW)
    weights = nn.functional.dropout(nn.functional.softmax(scores, dim=-1), 0.1, training=False)
    return torch.bmm(weights.view(B * H, T, T), V.flatten(0, 1)).view(B, H, T, D)


def with_einsum():
    i, j, v = (x.permute(2, 0, 1, 3) for x in (Q, K, V))
    scores = torch.einsum("ibnd,jbnd->bnij", i, j) * (1 / math.sqrt(D))
    weights = torch.softmax(scores - 1e30 * HIDDEN, dim=3)
    return torch.einsum("bnij,jbnd->ibnd", weights, v).permute(1, 2, 0, 3)


def added_first():
    start = torch.zeros(T, T).masked_fill(HIDDEN, LOW).expand(B * H, T, T)
    k = K.flatten(0, 1).transpose(1, 2)
    scores = torch.baddbmm(start, Q.flatten(0, 1), k, alpha=1 / math.sqrt(D))
    return (torch.softmax(scores.view(B, H, T, T), -1)) @ V


def masked_by_a_factor():
    scores = (Q @ K.transpose(-1, -2)).div(math.sqrt(D))
    seen = (~HIDDEN).float()
    return torch.softmax(scores * seen + -1e4 * (1 - seen), -1) @ V


def scaled_by_head():
    scores = (Q @ K.transpose(-1, -2)) * torch.full((H, 1, 1), 1 / math.sqrt(D))[None]
    return torch.softmax(torch.where(HIDDEN, LOW, scores), -1) @ V


WAYS = [plain, in_place, with_einsum, added_first, masked_by_a_factor, scaled_by_head]


@pytest.mark.parametrize("way", WAYS)
def test_the_same_attention_is_seen_however_it_is_computed(way):
    calls, out = seen(way)
    assert torch.equal(out, way())  # nothing was changed
    (call,) = calls
    expected = torch.softmax((Q @ K.transpose(2, 3) / math.sqrt(D)).masked_fill(HIDDEN, LOW), -1)
    torch.testing.assert_close(call.attention(), expected, atol=1e-6, rtol=0)
    torch.testing.assert_close(call.weights, expected, atol=1e-6, rtol=0)
    assert torch.equal(call.key, K) and torch.equal(call.value, V)


@pytest.mark.parametrize("way", WAYS)
def test_outputs_of_heads_can_be_replaced(way):
    def silence(layer, output):
        assert output.shape == (B, T, H, D)
        torch.testing.assert_close(output.transpose(1, 2), way(), atol=1e-6, rtol=0)
        output = output.clone()
        output[:, :, 1] = 0
        return output

    _, out = seen(way, silence)
    expected = way().clone()
    expected[:, 1] = 0
    assert torch.equal(out, expected)


def capped():
    scores = torch.tanh(Q @ K.transpose(-1, -2))
    return torch.softmax(scores, -1) @ V


def mixed_after():
    weights = torch.softmax(Q @ K.transpose(-1, -2), -1)
    return torch.einsum("bhij,hg->bgij", weights, torch.eye(H).roll(1, 0)) @ V


def other_axis():
    return torch.softmax(Q @ K.transpose(-1, -2), 2) @ V


def of_fewer_keys():
    return torch.softmax(Q @ K[:, :, :4].transpose(-1, -2), -1) @ V[:, :, :4]


@pytest.mark.parametrize("way", [capped, mixed_after, other_axis, of_fewer_keys])
def test_what_is_no_softmax_of_products_and_sums_is_not_seen(way):
    calls, out = seen(way)
    assert calls == [] and torch.equal(out, way())


def test_a_product_that_depends_on_the_tokens_is_part_of_what_is_added():
    r = torch.randn(H, T, D)

    def relative():
        scores = Q @ K.transpose(-1, -2)
        scores = scores + torch.einsum("bhid,hjd->bhij", Q, r)
        return torch.softmax(scores / 2, -1) @ V

    (call,), _ = seen(relative)
    assert torch.equal(call.query, Q) and call.scaling == 0.5
    torch.testing.assert_close(call.mask, torch.einsum("bhid,hjd->bhij", Q, r) / 2)
