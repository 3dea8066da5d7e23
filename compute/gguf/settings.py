"""What transformers leaves out of a GGUF file's settings, and what it can't take over.

It would build the model without it, and its attention would be another model's.
"""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from compute.errors import HeadscopeError
from compute.gguf.headers import Header, Tensor

TAKEN = {
    "context_length": ("n_positions", "max_position_embeddings"),
    "feed_forward_length": ("n_inner", "intermediate_size"),
    "expert_feed_forward_length": ("moe_intermediate_size",),
    "expert_shared_feed_forward_length": ("shared_expert_intermediate_size",),
    "attention.key_length": ("head_dim",),
    "attention.sliding_window": ("sliding_window",),
    "attn_logit_softcapping": ("attn_logit_softcapping",),
    "attention.layer_norm_epsilon": ("layer_norm_epsilon", "layer_norm_eps", "norm_eps"),
}
"""Settings of the file, and what transformers calls them in some family or other."""
_WIDE = (("gemma2", 46), ("gemma3", 62))
"""Gemma's models of 27 billion numbers, by their layers: they scale by a head's share of the hidden
state, all others by the head's own width. Files don't say it; llama.cpp goes by layers too."""
FACTORS = "rope_freqs.weight"
"""Llama 3: by how much each frequency of the rotation is divided."""
_LLAMA3 = {"low_freq_factor": 1.0, "high_freq_factor": 4.0}
_LLAMA3 |= {"original_max_position_embeddings": 8192}
"""What all models with such factors were trained with; held against those in the file."""


def left_out(
    file: Path, header: Header, found: Mapping[str, Any], plain: object, name: str
) -> dict[str, Any]:
    """Return settings of a file that transformers did not take over, by its own names for them.

    Parameters
    ----------
    found : mapping
        What transformers took.
    plain : PretrainedConfig
        What it makes of that.
    name : str
        What the person calls the model.

    Raises
    ------
    HeadscopeError
        If positions are scaled in a way that can't be handed over.
    """
    more: dict[str, Any] = {}
    for suffix, names in TAKEN.items():
        if (value := header.number(suffix)) is not None:
            known = [each for each in names if _takes(plain, each)]
            more |= dict.fromkeys(known[:1], value)
    width = found.get("head_dim", more.get("head_dim"))
    if width and hasattr(plain, "query_pre_attn_scalar"):
        wide = (header.architecture, found.get("num_hidden_layers")) in _WIDE
        by_head = found["hidden_size"] // found["num_attention_heads"]
        more["query_pre_attn_scalar"] = by_head if wide else width
    if header.architecture in ("t5", "t5encoder"):  # the default is ReLU, gate or not
        gated = any(".ffn_gate." in tensor.name for tensor in header.tensors)
        more["feed_forward_proj"] = "gated-gelu" if gated else "relu"
    more |= _rope(file, header, found, plain, name)
    return {key: value for key, value in more.items() if key not in found}


def _takes(plain: object, name: str) -> bool:
    """Tell whether settings may have a value of this name; the width of heads all may."""
    derived = isinstance(getattr(type(plain), name, None), property)
    return not derived and (hasattr(plain, name) or name == "head_dim")


def _rope(
    file: Path, header: Header, found: Mapping[str, Any], plain: object, name: str
) -> dict[str, Any]:
    """Return how queries and keys are rotated by position, as far as transformers left it out."""
    theta = found.get("rope_theta", header.number("rope.freq_base"))
    more = {} if theta is None or not hasattr(plain, "rope_parameters") else {"rope_theta": theta}
    more |= _rotated_part(header, found, plain)
    if (scaled := _scaled(file, header, found, name)) is not None:
        more["rope_parameters"] = scaled | more
    return more


def _rotated_part(header: Header, found: Mapping[str, Any], plain: object) -> dict[str, float]:
    """Return the share of a head's width that is rotated, if it is not the family's usual one."""
    rotated = header.number("rope.dimension_count")
    width = getattr(plain, "head_dim", None) or _by_head(found)
    rope = getattr(plain, "rope_parameters", None)
    if not (rotated and width and isinstance(rope, dict)) or "head_dim" in found:
        return {}
    usual = rope.get("partial_rotary_factor", 1.0)
    return {} if rotated == int(width * usual) else {"partial_rotary_factor": rotated / width}


def _by_head(found: Mapping[str, Any]) -> int | None:
    size, heads = found.get("hidden_size"), found.get("num_attention_heads")
    return size // heads if size and heads else None


def _scaled(file: Path, header: Header, found: Mapping[str, Any], name: str) -> dict | None:
    """Return how positions are scaled, None where they are not."""
    how = header.text(f"{header.architecture}.rope.scaling.type")
    factor = header.number("rope.scaling.factor")
    tensors = {tensor.name: tensor for tensor in header.tensors}
    plain = str(found.get("model_type")) not in ("gemma3_text", "gemma4_text")
    if how == "linear" and factor is not None and plain:
        return {"rope_type": "linear", "factor": float(factor)}
    if how not in ("", "none") or any(".rope_factors_" in f".{each}" for each in tensors):
        raise HeadscopeError(
            f"{name} scales its positions ({how or 'longrope'}) in a way that transformers does "
            "not read from GGUF files, so its attention would be wrong. Choose the version of the "
            "model in safetensors."
        )
    if FACTORS not in tensors:
        return None
    divisors = _numbers(file, tensors[FACTORS])
    if np.all(divisors == 1):
        return None
    rope = {"rope_type": "llama3", "factor": float(divisors.max())} | _LLAMA3
    theta = float(found.get("rope_theta", 10_000.0))
    if not np.allclose(divisors, _llama3(rope, theta, len(divisors)), rtol=1e-4):
        raise HeadscopeError(
            f"{name} scales its positions otherwise than Llama 3 does, which Headscope can't take "
            "over. Choose the version of the model in safetensors."
        )
    return rope


def _llama3(rope: Mapping[str, Any], theta: float, count: int) -> np.ndarray:
    """Return the divisors of all frequencies of Llama 3 (Meta's `apply_scaling`)."""
    low, high = rope["low_freq_factor"], rope["high_freq_factor"]
    waves = 2 * math.pi * theta ** (np.arange(count) / count)
    turns = rope["original_max_position_embeddings"] / waves
    smooth = np.clip((turns - low) / (high - low), 0, 1)
    return 1 / ((1 - smooth) / rope["factor"] + smooth)


def _numbers(file: Path, tensor: Tensor) -> np.ndarray:
    """Return a small tensor of 32-bit numbers."""
    if tensor.kind != 0 or tensor.numbers > 2**20:
        raise ValueError(f"{tensor.name} is no short list of 32-bit numbers")
    found = np.fromfile(file, "<f4", tensor.numbers, offset=tensor.start)
    if found.size < tensor.numbers or not np.isfinite(found).all() or found.min() <= 0:
        raise ValueError(f"{tensor.name} is cut short or no list of divisors")
    return found
