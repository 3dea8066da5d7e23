"""How a model of pictures wants them: its image processor, and what is known of the model.

The processor is read from a file that somebody else wrote: sizes in it are held to what models have
before a picture is made so large. Pillow resizes, as transformers does without torchvision.
"""

import logging
from dataclasses import dataclass
from typing import Any

import torch
import transformers
from transformers import AutoImageProcessor, BaseImageProcessor, PreTrainedModel
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

from compute.errors import HeadscopeError
from compute.model_files import files, libraries
from compute.model_files.sources import Source
from compute.models import picture_probe
from compute.models.model import Model, ModelInfo

FILE = "preprocessor_config.json"
MOST_SIDE = 2048
"""Pixels of the longest side that a model is given."""
_AS_VIT = ("DINOv3ViTImageProcessor",)
"""Kinds that transformers has for torchvision alone, and that do what ViT's does."""
_USUAL = {
    "size": {"height": 224, "width": 224},
    "image_mean": [0.485, 0.456, 0.406],
    "image_std": [0.229, 0.224, 0.225],
}
_NOTE = (
    " Its pictures are resized by Pillow, since torchvision is not asked for: a pixel may differ "
    "by a level or two of 255 from what torchvision gives."
)


@dataclass(frozen=True)
class Reader:
    """An image processor, and what there is to say of it."""

    processor: BaseImageProcessor
    note: str = ""


def reader(source: Source) -> Reader:
    """Return what makes pixels of a picture for a model.

    Raises
    ------
    HeadscopeError
        If its settings are missing or broken, ask for enormous pictures, for program code of their
        own, or for a library that is not installed.
    """
    settings = files.settings(source, FILE)
    if not settings:
        raise HeadscopeError(
            f"{source.spec} has no {FILE}, which says how it wants its pictures. Save its image "
            "processor beside it, with save_pretrained."
        )
    files.check_settings(source.spec, settings, FILE)
    _check_sizes(source, settings)
    named = str(settings.get("image_processor_type", "")).removesuffix("Fast")
    if named in _AS_VIT:
        known = ViTImageProcessorPil().to_dict().keys() & settings.keys()
        own = {name: settings[name] for name in known if not name.startswith("_")}
        return Reader(ViTImageProcessorPil(**_USUAL | own), _NOTE)
    try:
        return Reader(_processor(source))
    except HeadscopeError:
        raise
    except ImportError as error:
        lacked = libraries.lacked(error) or "a library that is not installed"
        raise HeadscopeError(f"The image processor of {source.spec} needs {lacked}.") from error
    except Exception as error:  # each checks its settings in its own way
        raise HeadscopeError(
            f"The image processor of {source.spec} can't be read: its {FILE} is broken, or is of "
            f"a kind that transformers {transformers.__version__} does not have."
        ) from error


def _processor(source: Source) -> BaseImageProcessor:
    logger = logging.getLogger("transformers")
    before = logger.level
    logger.setLevel(logging.ERROR)  # it tells of names that have changed
    try:
        return AutoImageProcessor.from_pretrained(
            source.folder, backend="pil", trust_remote_code=False, local_files_only=True
        )
    finally:
        logger.setLevel(before)


def _check_sizes(source: Source, settings: dict[str, Any]) -> None:
    for name in ("size", "crop_size", "pad_size"):
        given = settings.get(name)
        sides = given.values() if isinstance(given, dict) else [given]
        sides = given if isinstance(given, list) else sides
        for side in sides:
            if isinstance(side, int | float) and not side <= MOST_SIDE:
                raise HeadscopeError(
                    f"The {FILE} of {source.spec} asks for pictures of {side:,.0f} pixels a side, "
                    f"and at most {MOST_SIDE:,} can be read. Choose another model."
                )


def made(source: Source, net: PreTrainedModel, reader: Reader) -> Model:
    """Return a model of pictures, examined.

    Raises
    ------
    HeadscopeError
        As `picture_probe.examine`.
    """
    found = picture_probe.examine(net, reader.processor, source.name)
    facts = found.facts
    note = source.note + reader.note
    if net.dtype != torch.float32:
        computed = str(net.dtype).removeprefix("torch.")
        note += f" It computes in {computed}."
    info = ModelInfo(
        spec=source.spec,
        name=source.name,
        identity=source.identity,
        note=note,
        task="picture",
        family=net.config.model_type,
        layers=facts.layers,
        heads=facts.heads,
        kv_heads=facts.kv_heads,
        head_dim=facts.head_dim,
        causal=facts.causal,
        positions=None,
        mask_id=None,
        adds=facts.adds,
        dtype=facts.dtype,
    )
    return Model(info, net, None, processor=reader.processor, grid=found.grid)
