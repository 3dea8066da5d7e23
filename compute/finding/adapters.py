"""What an adapter's settings say, read as plain data: which model it belongs to, what it changes.

Somebody else wrote them, and peft would do much on their word: import modules that they name, match
expressions against names, repeat layers. Only what merging needs is read, and the rest refused.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compute.errors import HeadscopeError
from compute.model_files import sizes
from compute.model_files.folders import ADAPTER, ADAPTER_WEIGHTS
from compute.model_files.names import shown

FILES = (ADAPTER, ADAPTER_WEIGHTS)
MOST_RANK, MOST_PATTERNS = 2**14, 10_000
_PICKLED = "adapter_model.bin"
_PATTERN = re.compile(r"\^?[\w.\\-]{1,300}\$?")
"""Names of layers as peft matches them; no more than a name, so that it is soon matched."""
_CHANGED_BASE = ("pissa", "olora", "corda", "loftq", "lora_ga")
"""Ways to begin that change the weights of the model itself."""
_REFUSED = {
    "layer_replication": "repeats layers",
    "alora_invocation_tokens": "works from a token on",
    "arrow_config": "chooses among others",
    "megatron_config": "belongs to Megatron",
    "target_parameters": "changes parameters that are no layer's own",
    "trainable_token_indices": "changes single tokens",
}


@dataclass(frozen=True)
class Adapter:
    """What merging needs of an adapter's settings.

    Attributes
    ----------
    base : str
        The model that it belongs to, as its maker called it; empty if it doesn't say.
    rank, alpha : float
        Weights become weights + alpha / rank · B A; each layer's own rank is told by its A.
    alphas : mapping
        Patterns of layers' names, and the alpha that holds there.
    root : bool
        Whether it is alpha / sqrt(rank) (rsLoRA).
    columns : bool
        Whether weights are split into a size and a direction (DoRA).
    turned : bool
        Whether weights are stored as (in, out).
    biased : bool
        Whether B has a bias.
    """

    base: str
    rank: int
    alpha: float
    alphas: Mapping[str, float] = field(default_factory=dict)
    root: bool = False
    columns: bool = False
    turned: bool = False
    biased: bool = False


def read(folder: Path, spec: str) -> Adapter:
    """Read an adapter's settings.

    Raises
    ------
    HeadscopeError
        If they are none, are not LoRA's, or ask for what can't be merged; if the weights are
        missing or pickled.
    """
    name = shown(spec)
    if not (folder / ADAPTER_WEIGHTS).is_file():
        pickled = (folder / _PICKLED).is_file()
        raise HeadscopeError(
            f"The adapter {name} has no {ADAPTER_WEIGHTS}. "
            + (f"{_PICKLED} could run code, so it is not opened." if pickled else "Copy it anew.")
        )
    found = _settings(folder, name)
    if found.get("peft_type") != "LORA":
        raise HeadscopeError(
            f"The adapter {name} is of the kind {str(found.get('peft_type'))[:40]}. Headscope "
            "opens LoRA, which can be merged into a model's weights."
        )
    for key, what in _REFUSED.items():
        if found.get(key):
            raise HeadscopeError(
                f"The adapter {name} {what} ({key}), which can't be merged into a model's weights. "
                "Merge it yourself and save the whole model."
            )
    begun = found.get("init_lora_weights")
    if isinstance(begun, str) and begun.lower().startswith(_CHANGED_BASE):
        raise HeadscopeError(
            f"The adapter {name} belongs to weights that were changed when it was begun "
            f"({begun[:40]}), which are not in its files. Merge it yourself and save the model."
        )
    return _adapter(found, name)


def _settings(folder: Path, name: str) -> dict[str, Any]:
    file = folder / ADAPTER
    try:
        sizes.check(name, {ADAPTER: file.stat().st_size})
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _broken(name) from error
    if not isinstance(found, dict):
        raise _broken(name)
    return found


def _adapter(found: dict[str, Any], name: str) -> Adapter:
    base = found.get("base_model_name_or_path")
    try:
        return Adapter(
            base.strip() if isinstance(base, str) else "",
            int(_number(found.get("r"), MOST_RANK)),
            _number(found.get("lora_alpha")),
            {k: _number(v) for k, v in _patterns(found.get("alpha_pattern") or {})},
            root=found.get("use_rslora") is True,
            columns=found.get("use_dora") is True,
            turned=found.get("fan_in_fan_out") is True,
            biased=found.get("lora_bias") is True,
        )
    except (ValueError, re.error) as error:
        raise _broken(name) from error


def _patterns(found: Any) -> list[tuple[str, Any]]:
    if not isinstance(found, dict) or len(found) > MOST_PATTERNS:
        raise ValueError("no list of layers")
    if not all(_PATTERN.fullmatch(pattern) for pattern in found):
        raise ValueError("more than names of layers")
    for pattern in found:
        re.compile(pattern)
    return list(found.items())


def _number(value: Any, most: float = 1e6) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
        raise ValueError(f"{value!r:.40} where a number is needed")
    return value


def _broken(name: str) -> HeadscopeError:
    return HeadscopeError(
        f"The {ADAPTER} of {name} is broken: it is not the settings of a LoRA adapter. Copy or "
        "download it anew."
    )
