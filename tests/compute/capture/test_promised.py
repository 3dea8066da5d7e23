"""Masks whose rows are made when asked for: same numbers, same rules, no tensor of T × T."""

import numpy as np
import pytest
import tiny
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from transformers.masking_utils import chunked_causal_mask_function, eager_mask

from compute.capture import calls, passes, promised
from compute.capture.rules import Rules

TOKENS = 19


def passed(family, tokens=TOKENS):
    """Return what a pass of one passage returns, its calls and its rules."""
    ids = torch.randint(5, 20, (1, tokens), generator=torch.Generator().manual_seed(3))
    net, seen, rules = tiny.net(family), [], Rules(family)
    rules.begin(np.array([tokens]))
    returned = passes.run(
        net, {"input_ids": ids}, on_call=lambda call: (seen.append(call), rules.add(call))
    )
    return returned[0], seen, rules.collected()


@pytest.mark.parametrize(
    "family", ["bert", "modernbert", "gpt2", "llama", "mistral", "gemma2", "gpt_oss", "t5", "opt"]
)
def test_attention_and_rules_are_those_of_the_whole_mask_to_the_last_bit(family, monkeypatch):
    returned, seen, rules = passed(family)
    monkeypatch.setattr(promised, "SMALL", 0)
    monkeypatch.setattr(promised, "BLOCK", 3 * TOKENS)  # the rule is put together of three rows
    again, promises, found = passed(family)
    if family in ("llama", "mistral", "gemma2", "gpt_oss", "gpt2", "modernbert"):
        assert any(isinstance(call.mask, promised.Promised) for call in promises)
    assert torch.equal(returned, again)
    for one, other in zip(seen, promises, strict=True):
        assert torch.equal(one.attention(), other.attention())
    assert found["pattern"] == rules["pattern"] and found["biased"] == rules["biased"]
    assert all(a.same(b) for a, b in zip(found["sights"], rules["sights"], strict=True))


def settings(function, tokens=TOKENS):
    return {
        "batch_size": 1,
        "q_length": tokens,
        "kv_length": tokens,
        "mask_function": function,
        "dtype": torch.float32,
        "device": "cpu",
    }


def test_chunks_have_two_ends_and_gaps_have_a_table(monkeypatch):
    monkeypatch.setattr(promised, "SMALL", 0)
    chunks = promised.mask(**settings(chunked_causal_mask_function(4, torch.zeros(1).int())))
    sight = chunks.sight(0)
    assert sight.first.tolist() == [i // 4 * 4 for i in range(TOKENS)] and sight.table is None
    assert sight.last.tolist() == list(range(1, TOKENS + 1))
    gaps = promised.mask(**settings(lambda b, h, q, k: (k <= q) & ((q - k) % 2 == 0))).sight(0)
    assert gaps.table.sum() == sum(i // 2 + 1 for i in range(TOKENS))


def test_what_a_family_does_with_its_mask_gets_the_real_numbers(monkeypatch):
    monkeypatch.setattr(promised, "SMALL", 0)
    asked = settings(lambda b, h, q, k: k <= q)
    promise, real = promised.mask(**asked), eager_mask(**asked)
    assert promise.shape == real.shape and promise.dtype == real.dtype
    assert torch.equal(promise[..., :5] + 1, real[..., :5] + 1)
    assert torch.equal(promise.to(torch.float64), real.double())


class Largest(TorchDispatchMode):
    """Remembers how many numbers the largest tensor of all operations has."""

    most = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **kwargs or {})
        real = [t for t in tree_leaves(out) if type(t) is torch.Tensor]
        self.most = max([self.most, *(t.numel() for t in real)])
        return out


def test_no_tensor_is_as_large_as_a_mask(monkeypatch):
    tokens = 1100  # just above `SMALL`
    monkeypatch.setattr(promised, "BLOCK", 2**17)
    monkeypatch.setattr(calls, "BLOCK", 2**17)
    with Largest() as largest:
        _, seen, rules = passed("llama", tokens)
    assert isinstance(seen[0].mask, promised.Promised)
    assert largest.most < tokens**2 / 4
    assert rules["sights"][0].causal and len(rules["sights"]) == 1
