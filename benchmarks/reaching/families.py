"""A tiny random model of every family of transformers' auto classes, and a tokenizer for all."""

import inspect
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import (
    CONFIG_MAPPING,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    AutoModelForSpeechSeq2Seq,
    AutoModelForTextEncoding,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    ViTImageProcessorPil,
)
from transformers.models.auto import modeling_auto

from reaching import special
from reaching.shrink import SIDE, VOCABULARY, shrunk

TASKS: dict[str, Any] = {
    "masked": AutoModelForMaskedLM,
    "causal": AutoModelForCausalLM,
    "encoder": AutoModelForTextEncoding,
    "seq2seq": AutoModelForSeq2SeqLM,
    "speech": AutoModelForSpeechSeq2Seq,
    "picture": AutoModel,
    "plain": AutoModel,
}
TEXT = "masked", "causal", "encoder", "plain"
PICTURES = ("picture",)
"""What the product calls a task, and the class of transformers that picks the family's own."""
NAMES: dict[str, dict[str, Any]] = {
    "masked": modeling_auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    "causal": modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    "encoder": modeling_auto.MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES,
    "seq2seq": {
        family: kind
        for family, kind in modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES.items()
        if family not in special.SOUND
    },
    "speech": {"whisper": "WhisperForConditionalGeneration"},
}
"""The families of each class, without importing any."""
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = ["a", *(f"word{i}" for i in range(VOCABULARY - len(SPECIAL) - 10))]
SPREAD = 0.25
"""Standard deviation of all matrices: attention is far from flat, and no number overflows."""


@dataclass(frozen=True)
class Case:
    """A model to be built.

    Attributes
    ----------
    family : str
        ``model_type`` in transformers.
    task : str
        One of `TASKS`.
    variant : str
        One of `special.VARIANTS`, or empty: the family's usual settings.
    """

    family: str
    task: str
    variant: str = ""

    @property
    def name(self) -> str:
        """Family and variant, for people and for a folder."""
        return f"{self.family} {self.variant}".strip()


def cases(*tasks: str) -> list[Case]:
    """Return every family that transformers has for some tasks, and variants, by family."""
    found = [
        Case(family, task)
        for task in tasks
        for family in (NAMES.get(task) or READERS[task]())
        if family not in special.SAME and not ("seq2seq" in tasks and _of_pairs(family, task))
    ]
    found += [
        Case(family, task, variant)
        for family, task, variant, _ in special.VARIANTS
        if task in tasks
    ]
    order = list(TASKS).index
    return sorted(found, key=lambda case: (case.family, case.variant, order(case.task)))


def _of_pairs(family: str, task: str) -> bool:
    """Tell whether a family's class for a task is that of its encoder–decoder."""
    return task != "seq2seq" and NAMES.get(task, {}).get(family, "") == NAMES["seq2seq"].get(family)


def readers_of_pictures() -> list[str]:
    """Return the families with heads whose plain model takes pictures only: imports them all."""
    found = []
    for family in modeling_auto.MODEL_MAPPING_NAMES:
        kind = CONFIG_MAPPING[family]
        named = {field.name for field in fields(kind)} if is_dataclass(kind) else set()
        sized = {"patch_size", "image_size", "patch_sizes"} & named
        if sized and "backbone_config" not in named and any("heads" in name for name in named):
            found += [family] if _takes(AutoModel._model_mapping[kind], "pixel_values") else []
    return [family for family in found if family not in special.NOT_PLAIN]


def readers_of_text() -> list[str]:
    """Return the families of text alone that have none of the classes of `NAMES`: imports them."""
    known = {family for names in NAMES.values() for family in names}
    found = []
    for family in modeling_auto.MODEL_MAPPING_NAMES.keys() - known - special.NOT_TEXT.keys():
        kind = CONFIG_MAPPING[family]
        parts = {field.name for field in fields(kind)} if is_dataclass(kind) else set()
        if parts & {"vocab_size", "num_hash_buckets"} and not any(
            part.endswith("_config") for part in parts
        ):
            found += [family] if _takes(AutoModel._model_mapping[kind], "input_ids") else []
    return found


READERS = {"picture": readers_of_pictures, "plain": readers_of_text}
"""What finds the families of a task that transformers has no list of."""


def _takes(kind: type[PreTrainedModel], name: str) -> bool:
    """Tell whether a model's main input has a name, and is all that it needs."""
    _, *taken = inspect.signature(kind.forward).parameters.values()
    rest = inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL
    needed = {one.name for one in taken if one.default is one.empty and one.kind not in rest}
    return kind.main_input_name == name and needed <= {name}


def settings(case: Case) -> PretrainedConfig:
    """Return the tiny settings of a family for a task."""
    kind = CONFIG_MAPPING[case.family]
    values = shrunk(stated(kind()))
    if case.task == "causal" and "is_decoder" in values:
        values["is_decoder"] = True
    for name in (case.family, f"{case.family} {case.task}"):
        values = laid_over(values, special.SETTINGS.get(name, {}))
    for family, _, variant, more in special.VARIANTS:
        if (family, variant) == (case.family, case.variant):
            values = laid_over(values, more)
    return kind(**values)


def stated(config: PretrainedConfig) -> dict[str, Any]:
    """Return the settings that a family takes, without what it works out from them."""
    known = {field.name for field in fields(config)} | {"per_layer_config"}
    known |= {other for other, name in config.attribute_map.items() if name in known}
    known |= {name for other, name in config.attribute_map.items() if other in known}
    values = {name: value for name, value in config.to_dict().items() if name in known}
    parts = {n: v for n, v in vars(config).items() if isinstance(v, PretrainedConfig)}
    return values | {name: stated(part) for name, part in parts.items() if name in known}


def laid_over(values: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return settings with others in their place, inside of parts too."""
    deep = {
        name: laid_over(values[name], value)
        for name, value in more.items()
        if isinstance(value, dict) and isinstance(values.get(name), dict)
    }
    return values | more | deep


def net(case: Case, seed: int = 0) -> PreTrainedModel:
    """Return a tiny model whose attention is far from flat."""
    config = settings(case)
    kind = model_class(case)
    config = _own_part(config, kind.config_class)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = kind(config).float().eval()
        scatter(made, special.SPREADS.get(case.family, SPREAD))
    return made


def model_class(case: Case) -> type[PreTrainedModel]:
    """Return the class that transformers has for a family and a task."""
    return TASKS[case.task]._model_mapping[CONFIG_MAPPING[case.family]]


def _own_part(config: PretrainedConfig, wanted: type[PretrainedConfig]) -> PretrainedConfig:
    """Return the part of the settings that a class takes: of many, the side of the text alone."""
    if isinstance(config, wanted):
        return config
    parts = [value for value in vars(config).values() if isinstance(value, wanted)]
    return parts[0] if parts else config


@torch.no_grad()
def scatter(made: PreTrainedModel, spread: float) -> None:
    """Give all matrices weights of a spread, and all that is added a little."""
    for name, parameter in made.named_parameters():
        if parameter.ndim >= 2:
            parameter.normal_(0, spread)
        elif name.endswith(("bias", "sinks")):
            parameter.normal_(0, 0.1)
        elif not parameter.any():  # a factor that training moves away from zero
            parameter.normal_(0.5, 0.1)
    for module in made.modules():
        if isinstance(module, torch.nn.Embedding) and module.padding_idx is not None:
            module.weight[module.padding_idx] = 0  # as it stays in training


def tokenizer() -> PreTrainedTokenizerFast:
    """Return a tokenizer of whole words, with [CLS] before and [SEP] after a text."""
    vocabulary = {word: i for i, word in enumerate(SPECIAL + WORDS)}
    inner = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    inner.pre_tokenizer = Whitespace()
    ends = [(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
    inner.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    names = zip(("pad", "unk", "cls", "sep", "mask"), SPECIAL, strict=True)
    return PreTrainedTokenizerFast(
        tokenizer_object=inner, **{f"{name}_token": token for name, token in names}
    )


def save(folder: Path, case: Case, seed: int = 0) -> Path:
    """Write a tiny model and its tokenizer, or image processor, as `from_pretrained` reads them."""
    net(case, seed).save_pretrained(folder)
    reader = ViTImageProcessorPil(size={"height": SIDE, "width": SIDE})
    (reader if case.task == "picture" else tokenizer()).save_pretrained(folder)
    return folder
