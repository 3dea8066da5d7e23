"""Sums that do not hold are refused: models whose way to the logits is not what it seems."""

import circuits
import numpy as np
import pytest
import tiny
import torch
import transformers as tf

from compute.errors import HeadscopeError
from compute.models.model import Model
from compute.writes import at_place, checks, following

IDS = np.arange(5, 17)


def llama() -> Model:
    return Model(circuits.info(3, 4, True, 8), tiny.net("llama"), tiny.tokenizer())


class Spread(torch.nn.Module):
    """A norm by a statistic that nobody holds: the mean size of its input."""

    def forward(self, stream: torch.Tensor) -> torch.Tensor:
        return stream / stream.abs().mean(-1, keepdim=True)


def test_all_heads_together_write_the_projection_without_its_bias():
    model = Model(circuits.info(3, 4, False, 8), tiny.net("bert"), tiny.tokenizer())
    dense = model.net.bert.encoder.layer[1].attention.output.dense
    torch.nn.init.normal_(dense.bias)
    followed = following.follow(model, torch.from_numpy(IDS)[None], 1)
    made, heads = followed.held.projection, followed.heads.detach()
    torch.testing.assert_close(made.bias[0], dense.bias.detach().expand_as(made.bias[0]))
    single = [torch.zeros_like(heads) for _ in range(4)]
    for head, alone in enumerate(single):
        alone[:, :, head] = heads[:, :, head]
    written = sum(following.carried(made.gave, followed.heads, alone) for alone in single)
    torch.testing.assert_close(written, made.gave.detach() - made.bias, rtol=1e-5, atol=1e-5)
    assert checks.projection(model, followed) < 1e-5
    reached = sum(followed.reached(head) for head in range(4))
    whole = following.carried(followed.end, followed.heads, heads)[0]
    torch.testing.assert_close(reached, whole, rtol=1e-5, atol=1e-5)


def test_heads_that_are_bent_before_their_projection_are_refused():
    model = llama()
    attention = model.net.model.layers[1].self_attn
    attention.o_proj = torch.nn.Sequential(torch.nn.Tanh(), attention.o_proj)
    with pytest.raises(HeadscopeError, match="does not add up to the output of their projection"):
        at_place.measure(model, IDS, 1, 1, 5)


def test_a_norm_that_is_not_held_is_refused():
    model = llama()
    model.net.model.norm = Spread()
    with pytest.raises(HeadscopeError, match="does not give what the model gives without it"):
        at_place.measure(model, IDS, 2, 1, 5)


def test_a_layer_between_heads_and_prediction_is_refused():
    sizes = tiny._OPT | {"word_embed_proj_dim": 16}
    net = tf.OPTForCausalLM(tf.OPTConfig(**sizes)).eval()
    model = Model(circuits.info(3, 4, True, 8), net, tiny.tokenizer())
    with pytest.raises(HeadscopeError, match="another layer stands between"):
        at_place.measure(model, IDS, 1, 1, 5)


class Detached(torch.autograd.Function):
    """What torch can't go back through."""

    @staticmethod
    def forward(context: object, x: torch.Tensor) -> torch.Tensor:
        return x.clone()


class Opaque(torch.nn.Module):
    def forward(self, stream: torch.Tensor) -> torch.Tensor:
        return Detached.apply(stream)


def test_code_that_cannot_be_followed_is_refused():
    model = llama()
    model.net.model.norm = Opaque()
    with pytest.raises(HeadscopeError, match="code can't be followed"):
        at_place.measure(model, IDS, 1, 1, 5)


def test_a_passage_of_one_token():
    result = at_place.measure(llama(), IDS[:1], 1, 1, 0, top=2)
    assert result.target == -1 and result.attention.tolist() == [1.0]
    assert result.path_error < 1e-4


def test_limits_are_wider_in_half_precision():
    single, half = checks.limits(torch.float32), checks.limits(torch.bfloat16)
    assert single == checks.Checks(1e-5, 1e-4, 1e-4)
    assert all(0.01 < most < 0.1 for most in half)


def test_an_error_of_a_part_below_the_rounding_of_the_whole_passes():
    whole = torch.tensor([100.0])
    part = torch.tensor([1e-6])
    assert checks._apart(whole + 1e-5, whole, part, whole, 1e-4) <= 1e-4
    assert checks._apart(whole + 1e-2, whole, part, whole, 1e-4) > 1e-2
    assert checks._apart(part, 1.01 * part, part, part, 1e-4) == pytest.approx(0.01, rel=1e-2)
