"""Tiny random models of pictures, with their image processors, and one whose attention is known."""

from collections.abc import Callable
from pathlib import Path

import tiny
import torch
import transformers as tf
from transformers import BaseImageProcessor, ViTImageProcessorPil

SIDE, PATCH = 32, 8
ROWS = SIDE // PATCH
_SIZES = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "image_size": SIDE,
    "patch_size": PATCH,
}
_WORDS = {**_SIZES, "vocab_size": 60, "max_position_embeddings": 16}
_BIASED = {"use_relative_position_bias": True, "use_absolute_position_embeddings": False}


def _towers(kind: type, model: type) -> tf.PreTrainedModel:
    """A model that compares pictures with texts, as it is published."""
    return model(kind(vision_config=dict(_SIZES), text_config=dict(_WORDS)))


FAMILIES: dict[str, Callable[[], tf.PreTrainedModel]] = {
    "vit": lambda: tf.ViTForImageClassification(tf.ViTConfig(**_SIZES)),
    "deit": lambda: tf.DeiTModel(tf.DeiTConfig(**_SIZES)),
    "dinov2": lambda: tf.Dinov2Model(tf.Dinov2Config(**_SIZES)),
    "dinov2_with_registers": lambda: tf.Dinov2WithRegistersModel(
        tf.Dinov2WithRegistersConfig(**_SIZES, num_register_tokens=4)
    ),
    "dinov3_vit": lambda: tf.DINOv3ViTModel(tf.DINOv3ViTConfig(**_SIZES, num_register_tokens=4)),
    "beit": lambda: tf.BeitModel(tf.BeitConfig(**_SIZES, **_BIASED, vocab_size=60)),
    "clip": lambda: _towers(tf.CLIPConfig, tf.CLIPModel),
    "clip_vision_model": lambda: tf.CLIPVisionModel(tf.CLIPVisionConfig(**_SIZES)),
    "siglip": lambda: _towers(tf.SiglipConfig, tf.SiglipModel),
    "siglip_vision_model": lambda: tf.SiglipVisionModel(tf.SiglipVisionConfig(**_SIZES)),
    "vit_mae": lambda: tf.ViTMAEForPreTraining(
        tf.ViTMAEConfig(
            **_SIZES,
            decoder_hidden_size=16,
            decoder_num_hidden_layers=1,
            decoder_num_attention_heads=2,
            decoder_intermediate_size=16,
        )
    ),
    "ijepa": lambda: tf.IJepaModel(tf.IJepaConfig(**_SIZES)),
    "swin": lambda: tf.SwinModel(
        tf.SwinConfig(image_size=SIDE, patch_size=4, embed_dim=16, depths=[1, 1], num_heads=[2, 4],
                      window_size=4)
    ),
}  # fmt: skip


def net(family: str, seed: int = 0) -> tf.PreTrainedModel:
    """A net whose attention is far from uniform."""
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(seed)
        made = FAMILIES[family]().eval()
        for parameter in made.parameters():
            if parameter.ndim >= 2:
                parameter.normal_(0, 0.3)
    return made


def processor() -> BaseImageProcessor:
    """What resizes to the size of `net`."""
    return ViTImageProcessorPil(size={"height": SIDE, "width": SIDE})


def save(folder: Path, family: str, seed: int = 0) -> Path:
    """Write a model as `from_pretrained` reads it; one of texts too with its tokenizer."""
    net(family, seed).save_pretrained(folder)
    processor().save_pretrained(folder)
    if family in ("clip", "siglip"):
        tiny.tokenizer().save_pretrained(folder)
    return folder


def known(folder: Path, strength: float = 40.0) -> Path:
    """Write a ViT of one layer whose heads are known: patches look at their row, at their column.

    Each patch's position says its row in the first numbers and its column in the next; [CLS] has
    none, looks at all tokens alike and is looked at by no patch. What a patch shows hardly counts.
    """
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    made = tf.ViTModel(tf.ViTConfig(**_SIZES | sizes), add_pooling_layer=False).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            if parameter.ndim >= 2:
                parameter.zero_()
        made.embeddings.patch_embeddings.projection.weight[2 * ROWS] = 1e-5  # a patch's brightness
        places = made.embeddings.position_embeddings[0, 1:].unflatten(0, (ROWS, ROWS))
        for at in range(ROWS):
            places[at, :, at] = 1
            places[:, at, ROWS + at] = 1
        own = made.layers[0].attention if hasattr(made, "layers") else None
        attention = own or made.encoder.layer[0].attention.attention
        for name, module in attention.named_modules():
            if name in ("query", "key", "q_proj", "k_proj"):
                for head in range(2):
                    for at in range(ROWS):
                        module.weight[8 * head + at, ROWS * head + at] = strength**0.5
    made.save_pretrained(folder)
    processor().save_pretrained(folder)
    return folder
