"""Whose heads' writing can't be measured, as far as that is known before a model is loaded."""

from compute.errors import HeadscopeError
from compute.models.model import ModelInfo


def refusal(info: ModelInfo) -> str:
    """Return why what heads of a model write can't be measured, in a sentence; "" if it may be."""
    if info.off:
        return (
            f"Heads are switched off here ({info.off}). What a head writes is measured in the "
            "whole model: switch them on."
        )
    why = {
        "imported": "has vectors alone, without a model that could be run",
        "picture": "reads pictures and predicts no tokens",
        "pairs": "has an encoder and a decoder, and only models of one stack are looked at so far",
        "encoder": "predicts no tokens, so no token is raised or lowered by what its heads write",
    }.get(info.task)
    if why is None and not info.weights:
        why = "is here without its weights"
    return f"{info.name} {why}. Choose a masked or a causal language model." if why else ""


def check(info: ModelInfo) -> None:
    """Raise `HeadscopeError` with the `refusal` of a model, if there is one."""
    if why := refusal(info):
        raise HeadscopeError(why)
