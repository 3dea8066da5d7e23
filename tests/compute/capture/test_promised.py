"""Masks whose rows are made when asked for: same numbers, same rules, no tensor of T × T."""

import numpy as np
import pytest
import tiny
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from transformers.masking_utils import chunked_causal_mask_function, eager_mask

from compute.capture import calls, passes, promised
from compute.capture.calls import Call
from compute.capture.rules import Rules, taken_apart

TOKENS = 19


def passed(family, tokens=TOKENS, lengths=None):
    """Return what a pass returns, its calls and its rules; shorter passages are padded."""
    lengths = np.array([tokens] if lengths is None else lengths)
    size = len(lengths), tokens
    ids = torch.randint(5, 20, size, generator=torch.Generator().manual_seed(3))
    padding = (torch.arange(tokens) < torch.tensor(lengths)[:, None]).long()
    inputs = {"input_ids": ids} | ({"attention_mask": padding} if len(lengths) > 1 else {})
    net, seen, rules = tiny.net(family), [], Rules(family)
    rules.begin(lengths)
    returned = passes.run(net, inputs, on_call=lambda call: (seen.append(call), rules.add(call)))
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


@pytest.mark.parametrize("family", ["llama", "modernbert"])
def test_padded_batches_get_the_whole_mask_and_the_same_rules(family, monkeypatch):
    returned, seen, rules = passed(family, lengths=[TOKENS, 11])
    monkeypatch.setattr(promised, "SMALL", 0)
    again, whole, found = passed(family, lengths=[TOKENS, 11])
    assert not any(isinstance(call.mask, promised.Promised) for call in whole)
    assert torch.equal(returned, again)
    for one, other in zip(seen, whole, strict=True):
        assert torch.equal(one.attention(), other.attention())
    assert all(a.same(b) for a, b in zip(found["sights"], rules["sights"], strict=True))


def settings(function, tokens=TOKENS, batch=1):
    return {
        "batch_size": batch,
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


def test_a_familys_own_way_to_make_masks_gets_the_whole_mask(monkeypatch):
    monkeypatch.setattr(promised, "SMALL", 0)
    asked = settings(lambda b, h, q, k: k <= q)
    assert isinstance(promised.mask(**asked), promised.Promised)
    own = promised.mask(**asked | {"use_vmap": True})
    assert type(own) is torch.Tensor and torch.equal(own, eager_mask(**asked))


def call_with(mask, heads=3):
    """Return a call of one layer with a mask, of random vectors."""
    made = torch.Generator().manual_seed(5)
    batch, _, tokens, _ = mask.shape
    q, k, v = (torch.randn(batch, heads, tokens, 4, generator=made) for _ in range(3))
    return Call(layer=0, query=q, key=k, value=v, mask=mask, scaling=0.5)


def test_a_pass_longer_than_its_passage_shows_whether_tokens_see_padding(monkeypatch):
    near = settings(lambda b, h, q, k: (q - k).abs() < 3)
    whole = call_with(eager_mask(**near))
    monkeypatch.setattr(promised, "SMALL", 0)
    promise = call_with(promised.mask(**near))
    for length, beyond in [(11, True), (TOKENS, False)]:
        one, other = (taken_apart(call, 0, length) for call in (promise, whole))
        assert one.beyond == other.beyond == beyond and one.sight.same(other.sight)


def view_written_later(mask):
    view = mask[:, :, 4]
    mask.sum()
    view[..., 2] = -1e9


@pytest.mark.parametrize(
    "write",
    [
        lambda mask: mask.__setitem__((..., 0), 5),
        lambda mask: mask.masked_fill_(torch.eye(TOKENS, dtype=torch.bool), 7.0),
        lambda mask: mask.add_(mask),
        lambda mask: torch._foreach_add_([mask], 1.0),
        lambda mask: torch.add(mask, 1, out=mask),
        lambda mask: mask.to(torch.float32)[..., 3].fill_(2.0),
        lambda mask: mask.detach().view(-1)[::7].fill_(-1e9),
        view_written_later,
    ],
)
@torch.inference_mode()  # as all passes are
def test_what_a_family_writes_into_its_mask_stays_there(write, monkeypatch):
    monkeypatch.setattr(promised, "SMALL", 0)
    asked = settings(lambda b, h, q, k: k <= q)
    promise, real = promised.mask(**asked), eager_mask(**asked)
    before = [call_with(mask) for mask in (promise, real)]
    assert taken_apart(before[0], 0, TOKENS).values is None  # looked at before, and not for good
    for mask in (promise, real):
        write(mask)
    assert torch.equal(promise + 0, real)
    for one, other in (before, [call_with(mask) for mask in (promise, real)]):
        assert torch.equal(one.attention(), other.attention())
        assert torch.equal(one.output(), other.output())
        found, known = (taken_apart(call, 0, TOKENS) for call in (one, other))
        assert found.sight.same(known.sight)
        assert np.array_equal(found.values, known.values)


def test_only_reading_a_mask_holds_no_numbers(monkeypatch):
    monkeypatch.setattr(promised, "SMALL", 0)
    promise = promised.mask(**settings(lambda b, h, q, k: k <= q))
    promise + 1, promise.double(), torch.where(promise < 0, 1, 2), promise.rows(slice(0, 4))
    assert promise.whole is None


def test_rows_are_made_once_for_all_heads_and_only_for_their_passage(monkeypatch):
    monkeypatch.setattr(promised, "SMALL", 0)
    monkeypatch.setattr(calls, "BLOCK", 4 * TOKENS)  # one head's, of four rows
    asked = settings(lambda b, h, q, k: (k <= q) & (k >= 3 * b), batch=2)
    whole, promise, made = call_with(eager_mask(**asked)), call_with(promised.mask(**asked)), []

    def counted(**told):
        made.append((told["batch_size"], told["q_length"]))
        return eager_mask(**told)

    monkeypatch.setattr(promised, "eager_mask", counted)
    output = promise.output()
    assert sum(batch * rows for batch, rows in made) == 2 * TOKENS
    assert len(made) == 2 * -(-TOKENS // 4)
    assert torch.equal(output, whole.output())
    assert torch.equal(promise.attention(), whole.attention())
    for row in range(2):
        one, other = (taken_apart(call, row, TOKENS) for call in (promise, whole))
        assert one.sight.same(other.sight)


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


def test_no_tensor_is_as_large_as_a_mask_with_gaps(monkeypatch):
    tokens = 1100
    monkeypatch.setattr(promised, "BLOCK", 2**17)
    asked = settings(lambda b, h, q, k: (k <= q) & ((q - k) % 2 == 0), tokens)
    with Largest() as largest:
        sight = promised.mask(**asked).sight(0)
    assert largest.most < tokens**2 / 4
    assert np.array_equal(sight.table, eager_mask(**asked)[0, 0].numpy() == 0)
