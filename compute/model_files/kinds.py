"""What kind of model settings describe: what it was saved for, and the class that loads it."""

from collections.abc import Iterator
from typing import Any

from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    AutoModelForTextEncoding,
    AutoModelForZeroShotImageClassification,
    PretrainedConfig,
)

from compute.errors import HeadscopeError

PICTURE = "picture"
PIXELS = "pixel_values"
_HEADS = {
    "masked": AutoModelForMaskedLM,
    "causal": AutoModelForCausalLM,
    "pairs": AutoModelForSeq2SeqLM,
}


def parts(config: PretrainedConfig) -> Iterator[PretrainedConfig]:
    """Yield a model's settings and those of its parts, such as the text side of a larger model."""
    yield config
    for value in vars(config).values():
        if isinstance(value, PretrainedConfig):
            yield from parts(value)


def architecture(config: PretrainedConfig) -> str:
    """Return the class that settings name; empty if they name none."""
    named = config.architectures
    first = named[0] if isinstance(named, list) and named else ""
    return first if isinstance(first, str) else ""


def seeing_part(config: PretrainedConfig) -> PretrainedConfig:
    """Return the settings of the tower that sees, of a model that compares pictures with texts."""
    if type(config) in AutoModelForZeroShotImageClassification._model_mapping:
        part = getattr(config, "vision_config", None)
        if isinstance(part, PretrainedConfig) and _main_input(part) == PIXELS:
            return part
    return config


def _main_input(config: PretrainedConfig) -> str:
    """Return what the plain model of some settings reads; empty if transformers has none."""
    return getattr(AutoModel._model_mapping.get(type(config), None), "main_input_name", "")


def task(config: PretrainedConfig) -> str:
    """Return what the architecture was saved for: ``masked``, ``causal``, ``encoder``, ``pairs``.

    ``pairs`` are an encoder and a decoder, of the families that read text. What reads pictures is
    for ``picture``, whatever it was saved for.
    """
    named = architecture(config)
    if _main_input(config) == PIXELS:
        return PICTURE
    if config.is_encoder_decoder and not is_encoder_half(config):
        return "pairs"
    if "MaskedLM" in named or named == "BertForPreTraining":
        tasks = ["masked"]
    elif "CausalLM" in named or "LMHead" in named:
        tasks = ["causal"]
    else:  # old files name none: then the weights tell whether there is such a head
        tasks = [] if named else ["masked", "causal"]
    fitting = [each for each in tasks if type(config) in _HEADS[each]._model_mapping]
    return fitting[0] if fitting else "encoder"


def auto_class(config: PretrainedConfig, task: str) -> Any:
    """Return the transformers class that picks the model's own."""
    if task == PICTURE:
        return AutoModel
    if task != "encoder":
        return _HEADS[task]
    return AutoModelForTextEncoding if is_encoder_half(config) else AutoModel


def is_encoder_half(config: PretrainedConfig) -> bool:
    """Tell whether this is the encoder alone of an encoder-decoder family, such as T5's."""
    fits = type(config) in AutoModelForTextEncoding._model_mapping
    return fits and architecture(config).endswith("EncoderModel")


def check(config: PretrainedConfig, task: str, name: str) -> None:
    """Refuse families that Headscope can't show.

    Raises
    ------
    HeadscopeError
        For what reads no text.
    """
    family = config.model_type
    mapping = auto_class(config, task)._model_mapping
    if type(config) not in mapping:
        raise HeadscopeError(f"{name} ({family}) is not a model of text.")
    reads = mapping[type(config)].main_input_name
    if reads not in ("input_ids", PIXELS):
        raise HeadscopeError(
            f"{name} ({family}) reads {reads.replace('_', ' ')}. Headscope reads texts and "
            "pictures; choose a model of one of them."
        )
