"""Whose heads' writing can't be measured is known before a model is loaded."""

from dataclasses import replace

import patterns
import pytest

from compute.errors import HeadscopeError
from compute.writes import refusals

INFO = patterns.info(2, 3, True, 8, name="Made by hand")


@pytest.mark.parametrize("task", ["masked", "causal"])
def test_models_that_predict_tokens_are_looked_at(task: str) -> None:
    info = replace(INFO, task=task)
    refusals.check(info)
    assert refusals.refusal(info) == ""


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"task": "encoder"}, "predicts no tokens, so no token is raised"),
        ({"task": "picture"}, "reads pictures"),
        ({"task": "pairs", "part": "cross"}, "an encoder and a decoder"),
        ({"task": "imported", "weights": False}, "has vectors alone"),
        ({"task": "causal", "weights": False}, "without its weights"),
        ({"task": "causal", "off": "L0H1"}, r"switched off here \(L0H1\).*switch them on"),
    ],
)
def test_others_are_refused_with_their_reason(changed: dict, said: str) -> None:
    with pytest.raises(HeadscopeError, match=said):
        refusals.check(replace(INFO, **changed))
