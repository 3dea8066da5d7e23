"""What a whole batch adds, told at a glance: sure where it says yes, and never for what differs."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from test_promised import TOKENS, passed

from compute.capture import rules, sight
from compute.errors import HeadscopeError

LENGTHS = [TOKENS, 11, 11, 4]
SIZES = np.stack([LENGTHS, LENGTHS], 1)


@pytest.fixture
def looked(monkeypatch):
    """Return the passages that were looked at one by one."""
    rows, real = [], rules.taken_apart

    def seen(call, row, *size):
        rows.append(row)
        return real(call, row, *size)

    monkeypatch.setattr(rules, "taken_apart", seen)
    return rows


@pytest.mark.parametrize("family, kinds", [("bert", 1), ("gpt2", 1), ("modernbert", 2)])
def test_masks_that_only_hide_are_seen_at_a_glance(family, kinds, looked):
    _, calls, found = passed(family, lengths=LENGTHS)
    assert set(looked) == {0}  # to learn a layer's rules, and not to hold the others against them
    assert len(found["sights"]) == kinds and len(calls) == len(found["pattern"])


def test_with_a_bias_each_passage_is_looked_at(looked):
    passed("t5", lengths=LENGTHS)
    assert set(looked) == {0, 1, 2, 3}


@pytest.mark.parametrize(
    "row, query, key, value, same",
    [
        (0, 4, 2, -1e30, False),  # a key is hidden
        (2, 10, 10, -1e30, False),
        (2, 10, 9, 0.5, False),  # something is added
        (1, 3, 8, 0, False),  # a later key is seen
        (1, 3, 12, 0, False),  # padding is seen
        (1, 12, 5, 3, True),  # a query that is padding
        (2, 2, 1, float("nan"), False),
    ],
)
def test_a_cell_that_differs_is_seen(row, query, key, value, same):
    _, calls, _ = passed("gpt2", lengths=LENGTHS)
    call, causal = calls[0], sight.causal(TOKENS)
    assert rules._only_hides(call, causal, SIZES)
    mask = call.mask.clone()
    mask[row, 0, query, key] = value
    changed = replace(call, mask=mask)
    assert rules._only_hides(changed, causal, SIZES) == same
    collected = rules.Rules("it")
    collected.begin(SIZES[:, 0])
    collected.add(call)
    if same:
        collected.add(replace(changed, layer=0))
    else:
        with pytest.raises(HeadscopeError, match="can't be kept"):
            collected.add(changed)


def test_nothing_is_said_of_masks_of_other_shapes():
    _, calls, _ = passed("gpt2", lengths=LENGTHS)
    call, causal = calls[0], sight.causal(TOKENS)
    heads = call.mask.expand(-1, 4, -1, -1)
    for other in (None, heads, torch.nn.functional.pad(call.mask, (0, 1))):
        assert not rules._only_hides(replace(call, mask=other), causal, SIZES)
    assert not rules._only_hides(replace(call, bias=call.mask), causal, SIZES)
