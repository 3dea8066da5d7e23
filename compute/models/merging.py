"""A LoRA adapter merged into the weights of its model, by peft.

Which layers it changes, and with which rank, is told by its weights; how strongly, by its settings
(`adapters`). Peft's own settings are made from these, none are handed over.
"""

import importlib.util
import re
import warnings
from collections.abc import Mapping

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor
from transformers import PreTrainedModel

from compute.errors import HeadscopeError
from compute.finding import adapters
from compute.finding.adapters import Adapter
from compute.machine import memory
from compute.model_files.sources import Source

INSTALL = "pip install peft"
_PREFIX = "base_model.model."
_LORA = re.compile(r"(.+)\.(lora_(?:embedding_)?[AB](?:\.weight|\.bias)?|lora_magnitude_vector.*)")
_UNDER = "base_layer."
"""Before the model's own tensors of a layer that has LoRA's too."""
_DOWN = re.compile(r"lora_(A\.weight|embedding_A)")


def merged(net: PreTrainedModel, source: Source) -> PreTrainedModel:
    """Return a model with an adapter merged into it; the one that was given is used up.

    Parameters
    ----------
    net : PreTrainedModel
        `source.base`, loaded.
    source : Source
        The adapter.

    Raises
    ------
    HeadscopeError
        If peft is missing, or the adapter is broken or does not belong to the model.
    """
    if importlib.util.find_spec("peft") is None:
        raise HeadscopeError(f"To open adapters one more library is needed. Run: {INSTALL}")
    about = adapters.read(source.folder, source.spec)
    if getattr(net.config, "quantization_config", None):
        raise HeadscopeError(
            f"{_base(source)} is stored quantised, and nothing can be merged into its weights "
            "exactly. Name the version in full precision: model + adapter."
        )
    try:
        file = source.folder / adapters.ADAPTER_WEIGHTS
        memory.allow(file.stat().st_size)  # it is mapped
        tensors = load_file(file)
    except (SafetensorError, OSError, ValueError) as error:
        raise _broken(source) from error
    lora, plain = _sorted(net, tensors, source)
    with torch.no_grad():
        for (place, own), tensor in plain.items():
            _replace(net, place, own, tensor, source)
    return _with_lora(net, about, lora, source).eval() if lora else net.eval()


def _sorted(
    net: PreTrainedModel, tensors: Mapping[str, Tensor], source: Source
) -> tuple[dict[tuple[str, str], dict[str, Tensor]], dict[tuple[str, str], Tensor]]:
    """Return LoRA's tensors by layer, then those that take the place of the model's own.

    Both are known by the name of the layer in the model, and by what follows it or by the name that
    it has in the file.
    """
    places = dict(net.named_modules())
    lora: dict[tuple[str, str], dict[str, Tensor]] = {}
    plain: dict[tuple[str, str], Tensor] = {}
    strange: list[str] = []
    for key, tensor in tensors.items():
        name = key.removeprefix(_PREFIX)
        found = _LORA.fullmatch(name)
        named, _, rest = name.rpartition(".") if not found else (found[1], "", found[2])
        if named.endswith(f".{_UNDER[:-1]}"):
            named, rest = named.removesuffix(f".{_UNDER[:-1]}"), _UNDER + rest
        place = _place(net, places, named)
        if place is None:
            strange.append(named)
        elif found:
            lora.setdefault((place, named), {})[rest] = tensor
        else:
            plain[place, rest] = tensor
    inside = [each for each in strange if each.startswith(f"{net.base_model_prefix}.")]
    if inside or not (lora or plain):
        raise HeadscopeError(
            f"The adapter {source.spec} does not belong to {_base(source)}, which has no layer "
            f"{(inside or strange or ['at all'])[0][:80]}. Name the model that it was made for: "
            "model + adapter."
        )
    return lora, plain


def _place(net: PreTrainedModel, places: Mapping[str, object], named: str) -> str | None:
    """Return what a layer is called here; with or without a head it is called otherwise."""
    core = f"{net.base_model_prefix}."
    for name in (named, named.removeprefix(core), core + named):
        if name in places:
            return name
    return None


def _replace(net: PreTrainedModel, place: str, own: str, tensor: Tensor, source: Source) -> None:
    """Put a tensor in the model's place; one under LoRA's reaches all layers that share it."""
    layer, name = net.get_submodule(place), own.removeprefix(_UNDER)
    before = getattr(layer, name, None)
    if not isinstance(before, torch.nn.Parameter) or before.shape != tensor.shape:
        raise HeadscopeError(
            f"The adapter {source.spec} does not fit {_base(source)}: its {place}.{name} is of "
            "another size, as after tokens were added. Merge it yourself and save the whole model."
        )
    if own != name:
        before.copy_(tensor)
    else:
        setattr(layer, name, torch.nn.Parameter(tensor.to(before.dtype)))


def _with_lora(
    net: PreTrainedModel,
    about: Adapter,
    lora: Mapping[tuple[str, str], Mapping[str, Tensor]],
    source: Source,
) -> PreTrainedModel:
    import peft
    from peft.utils.other import get_pattern_key

    ranks, alphas, tensors = {}, {}, {}
    for (place, named), parts in lora.items():
        down = next((part for rest, part in parts.items() if _DOWN.fullmatch(rest)), None)
        if down is None or down.ndim != 2:
            raise _broken(source)
        ranks[f"^{re.escape(place)}"] = len(down)
        alphas[f"^{re.escape(place)}"] = about.alphas.get(
            get_pattern_key(about.alphas, named), about.alpha
        )
        tensors |= {f"{_PREFIX}{place}.{rest}": part for rest, part in parts.items()}
    config = peft.LoraConfig(
        r=about.rank,
        lora_alpha=about.alpha,
        rank_pattern=ranks,
        alpha_pattern=alphas,
        target_modules=[place for place, _ in lora],
        use_rslora=about.root,
        use_dora=about.columns,
        fan_in_fan_out=about.turned,
        lora_bias=about.biased,
        inference_mode=True,
    )
    try:
        with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
            warnings.simplefilter("ignore")
            model = peft.get_peft_model(net, config)
            loaded = peft.set_peft_model_state_dict(model, tensors)
            lacking = [key for key in loaded.missing_keys if "lora_" in key]
            if lacking or loaded.unexpected_keys:
                raise _broken(source)
            return model.merge_and_unload()
    except HeadscopeError:
        raise
    except Exception as error:  # peft raises any kind
        if memory.lacked(error):
            raise HeadscopeError(
                f"{source.spec} does not fit into memory. Choose a smaller model."
            ) from error
        raise HeadscopeError(
            f"The adapter {source.spec} does not fit {_base(source)}: layers that it changes have "
            "another size or kind. Name the model that it was made for: model + adapter."
        ) from error


def _base(source: Source) -> str:
    return source.base.spec if source.base else source.spec


def _broken(source: Source) -> HeadscopeError:
    return HeadscopeError(
        f"The weights of the adapter {source.spec} are broken or incomplete. Copy or download it "
        "anew."
    )
