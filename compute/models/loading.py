"""Loads models with transformers, says what they have, and refuses what can't be shown rightly."""

import contextlib
import copy
import logging
import math
import pickle
from dataclasses import replace
from functools import lru_cache
from typing import Any

import torch
import transformers
from transformers import (
    AutoConfig,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from compute.errors import HeadscopeError
from compute.finding import catalog, known
from compute.machine import memory
from compute.model_files import files, folders, kinds, libraries, skeleton
from compute.model_files.sources import Source
from compute.models import pair_probe, picture_loading, placing, probe, quantised
from compute.models.model import Model, ModelInfo, rotations


@lru_cache(maxsize=1)
def load(source: Source) -> Model:
    """Load a model, downloading it first if need be. The last one is remembered.

    Parameters
    ----------
    source : Source
        From `catalog.find`.

    Raises
    ------
    HeadscopeError
        In one or two sentences: a model that needs code of its own, that is no transformer, whose
        attention can't be seen, with an encoder and a decoder, without tokenizer, with broken or
        missing weights, or too big for the memory.
    """
    _quiet()
    catalog.fetch(source)
    net, reader, task = _opened(source.base or source)
    if source.base is not None:
        from compute.models import merging  # peft only when it is needed

        net = merging.merged(net, source)
    if task == kinds.PICTURE:
        model = picture_loading.made(source, net, reader)
        known.note(source)
        return model
    tokenizer = reader
    if task == "pairs":
        return _of_pairs(source, net, tokenizer)
    facts = probe.examine(net, tokenizer, source.name)
    known.note(source)
    info = _info(source, net, tokenizer, task, facts)
    return Model(_with_drift(info, net, tokenizer), net, tokenizer)


def _of_pairs(source: Source, net: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> Model:
    """Return an encoder–decoder, with what is known of each of its parts."""
    found = pair_probe.examine(net, tokenizer, source.name)
    known.note(source)
    parts = {
        part: replace(_info(source, net, tokenizer, "pairs", facts), part=part)
        for part, facts in found.facts.items()
    }
    return Model(parts["encoder"], net, tokenizer, parts, found.order)


def _opened(
    source: Source,
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase | picture_loading.Reader, str]:
    """Return net, what reads for it, and task, of files that are here, checked before."""
    files.check(source)
    config = kinds.seeing_part(_config(source))
    task = kinds.task(config)
    kinds.check(config, task, source.spec)
    stored = quantised.settle(config, source.spec)
    weights = files.weights(source, _itemsize(config))
    if stored is not None:
        weights = replace(weights, numbers=weights.numbers * stored.packed)
    as_they_are = stored is not None and not stored.dense
    dtype = getattr(torch, source.dtype)
    size = weights.size if as_they_are else dtype.itemsize * weights.numbers
    where = _placed(source, size, movable=stored is None)
    memory.allow(weights.size)  # the files are mapped
    of_pictures = task == kinds.PICTURE
    reader = picture_loading.reader(source) if of_pictures else _tokenizer(source)
    options = {"config": config, "dtype": "auto" if as_they_are else dtype, **where}
    with skeleton.held_against(weights, source.name):
        net, task = _net(source, options, task)
    return net, reader, task


def fresh(model: Model, seed: int) -> Model:
    """Return a model of the same architecture with new random weights, as a null to compare with.

    Parameters
    ----------
    seed : int
        Equal seeds give equal weights; the state of torch's random numbers stays as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = type(model.net)(copy.deepcopy(model.net.config))
    info = replace(
        model.info,
        name=f"{model.info.name}, random weights",
        identity=f"{model.info.identity}-random-{seed}",
        note=f"The architecture of {model.info.name} with untrained random weights (seed {seed}).",
    )
    where = "cpu" if model.net.device.type == "meta" else model.net.device  # left on the disk
    return replace(model, info=info, net=net.to(where, model.net.dtype).eval())


def _quiet() -> None:
    """Keep transformers' bars and load reports off the terminal: what matters is raised here."""
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity(logging.ERROR)


def _config(source: Source) -> PretrainedConfig:
    try:
        config = AutoConfig.from_pretrained(
            source.folder, trust_remote_code=False, local_files_only=True
        )
    except Exception as error:  # each family checks its settings in its own way
        if "trust_remote_code" in str(error):
            raise HeadscopeError(
                f"{source.spec} comes with program code of its own, which Headscope never runs. "
                "Choose a model whose architecture is part of transformers."
            ) from error
        raise HeadscopeError(
            f"{source.spec} is not a model that transformers {transformers.__version__} knows: "
            "its config.json names no known architecture or is broken."
        ) from error
    parts = list(kinds.parts(config))
    for part in parts:
        _forget_orders(part)
    return config


def _forget_orders(config: PretrainedConfig) -> None:
    """Take out of settings what would have transformers fetch code or read other files.

    An attention or experts implementation may name a repository of the hub, whose program code
    would be downloaded and run; which implementation computes is no property of a model.
    """
    config._attn_implementation_internal = config._experts_implementation_internal = None
    for name in ("auto_map", "transformers_weights", "fusion_config", "kernel_config"):
        with contextlib.suppress(AttributeError):
            delattr(config, name)


def _itemsize(config: PretrainedConfig) -> int:
    return (config.dtype if isinstance(config.dtype, torch.dtype) else torch.float32).itemsize


def _placed(source: Source, size: int, movable: bool) -> dict[str, Any]:
    """Return where weights of so many bytes go; see `placing.options`.

    Weights that don't fit are left on the disk, layer by layer, where their files allow it.
    """
    where = placing.options(size)
    names = folders.weights(folders.file_names(source.folder))
    in_parts = "max_memory" in where
    if in_parts and not (movable and all(name.endswith(".safetensors") for name in names)):
        free = placing.free(placing.device())
        raise HeadscopeError(
            f"{source.spec} needs about {placing.ROOM * size / 2**30:.1f} GiB of memory and "
            f"{free / 2**30:.1f} GiB are free. Choose a smaller model, close other programs, or "
            "start with --dtype bfloat16."
        )
    return where


def _tokenizer(source: Source) -> PreTrainedTokenizerBase:
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            source.folder, trust_remote_code=False, local_files_only=True
        )
        tokenizer(probe.TEXT)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # tokenizers raise any kind; a panic of theirs is no Exception
        if memory.lacked(error):
            raise _too_big(source) from error
        lacked = libraries.lacked(error) or "a library that is not installed"
        raise HeadscopeError(
            f"The tokenizer of {source.spec} can't be read: its files are missing, broken, or need "
            f"{lacked}."
        ) from error
    if len(tokenizer) <= len(tokenizer.all_special_ids):
        raise HeadscopeError(f"{source.spec} has no tokenizer with a vocabulary, so it can't read.")
    return tokenizer


def _net(source: Source, options: dict[str, Any], task: str) -> tuple[PreTrainedModel, str]:
    """Load the weights; without those of the token-predicting head, the encoder alone."""
    config = options["config"]
    net, report = _from_files(source, options, kinds.auto_class(config, task))
    missing = {key for key in report["missing_keys"] if "pooler" not in key}
    core = f"{net.base_model_prefix}."
    headless = missing and not any(key.startswith(core) for key in missing)
    if task in ("masked", "causal") and headless:
        task = "encoder"
        net, report = _from_files(source, options, kinds.auto_class(config, task))
        missing = {key for key in report["missing_keys"] if "pooler" not in key}
    if missing:
        some = ", ".join(sorted(missing)[:2])
        raise HeadscopeError(
            f"The weights of {source.spec} are not complete: {len(missing)} tensors are missing "
            f"({some}{', …' if len(missing) > 2 else ''}). Copy or download the model anew."
        )
    return net, task


def _from_files(
    source: Source, options: dict[str, Any], auto_class: Any
) -> tuple[PreTrainedModel, dict[str, Any]]:
    try:
        net, report = auto_class.from_pretrained(
            source.folder,
            **options,
            trust_remote_code=False,
            local_files_only=True,
            weights_only=True,
            output_loading_info=True,
        )
    except HeadscopeError:
        raise
    except ImportError as error:
        lacked = libraries.lacked(error) or "a library that is not installed"
        raise HeadscopeError(f"{source.spec} needs {lacked}.") from error
    except MemoryError as error:
        raise _too_big(source) from error
    except pickle.UnpicklingError as error:
        raise HeadscopeError(
            f"The weight file of {source.spec} holds more than tensors and could run code, so it "
            "was not opened. Choose a version with safetensors."
        ) from error
    except Exception as error:  # each family checks its settings in its own way
        if memory.lacked(error):
            raise _too_big(source) from error
        raise files.broken(source) from error
    net.config.use_cache = False  # keys of one pass are all that is ever needed
    return net.eval(), report


def _with_drift(
    info: ModelInfo, net: PreTrainedModel, tokenizer: PreTrainedTokenizerBase
) -> ModelInfo:
    """Say of a model in half precision how far its attention is from that in single precision."""
    if net.dtype == torch.float32:
        return info
    found = probe.drift(net, tokenizer)
    told = "how far that is from single precision was not measured: no such copy can be made here"
    if found is not None:
        told = (
            f"on one line, attention differs from that in single precision by at most "
            f"{found.most:.2g}, {found.mean:.1g} on average, and {100 * found.moved:.1f} % of it "
            "lies on other tokens"
        )
    computed = str(net.dtype).removeprefix("torch.")
    return replace(info, note=f"{info.note} It computes in {computed}: {told}.")


def _too_big(source: Source) -> HeadscopeError:
    return HeadscopeError(f"{source.spec} does not fit into memory. Choose a smaller model.")


def _info(
    source: Source,
    net: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    task: str,
    facts: probe.Facts,
) -> ModelInfo:
    note = source.note
    blocks = _number(getattr(net.config.get_text_config(), "num_hidden_layers", facts.layers))
    if facts.layers < blocks:
        note += (
            f" Only {facts.layers} of its {blocks} layers have attention among all tokens; layers "
            "are counted among those."
        )
    return ModelInfo(
        spec=source.spec,
        name=source.name,
        identity=source.identity,
        note=note,
        task=task,
        family=net.config.model_type,
        layers=facts.layers,
        heads=facts.heads,
        kv_heads=facts.kv_heads,
        head_dim=facts.head_dim,
        causal=facts.causal,
        positions=_positions(net, tokenizer),
        mask_id=tokenizer.mask_token_id,
        rotary=task != "pairs" and bool(rotations(net)),
        base=source.base.spec if source.base else "",
        adds=facts.adds,
        pads=facts.pads,
        dtype=facts.dtype,
    )


def _positions(net: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> int | None:
    """Return the longest input: what config and tokenizer allow, less RoBERTa's offset."""
    limits = [_number(getattr(net.config.get_text_config(), "max_position_embeddings", None))]
    if limits[0] > 0:
        for name, module in net.named_modules():
            if name.endswith("position_embeddings") and (
                getattr(module, "padding_idx", None) is not None
            ):
                limits[0] = len(module.weight) - module.padding_idx - 1
    limits.append(_number(tokenizer.model_max_length))
    if getattr(net.config, "attention_type", None) and hasattr(net.config, "num_random_blocks"):
        # BigBird looks at all tokens of passages up to this length, and at some blocks of longer
        # ones; once it has read a short passage, it stays with all.
        limits.append((5 + 2 * net.config.num_random_blocks) * net.config.block_size)
    known = [int(limit) for limit in limits if 1 <= limit < 10**9]
    return min(known) if known else None


def _number(value: Any) -> float:
    """Return a number from settings; NaN for what is none."""
    return value if isinstance(value, int | float) else math.nan
