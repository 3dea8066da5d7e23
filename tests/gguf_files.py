"""Tiny models written as GGUF files, by the library that llama.cpp's own converter writes with."""

from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import torch
import transformers as tf
from transformers.convert_slow_tokenizer import bytes_to_unicode

MERGES = ["t h", "th e", "Ġ the", "c a", "ca t", "Ġ cat", "s a", "sa t", "Ġ sat", "o n"]
_ROPE = {"rope_type": "default", "rope_theta": 5_000.0}
WITH_ONE = ("gemma2", "gemma3", "nemotron")
"""Families whose norms multiply by their weight and one, which files hold as the sum."""
_SIZES = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
_SIZES |= {"intermediate_size": 96, "max_position_embeddings": 64, "num_key_value_heads": 2}


def vocabulary() -> list[str]:
    """The tokens of a byte-level vocabulary: three specials, all bytes, what merges make."""
    return [
        "<s>",
        "</s>",
        "<unk>",
        *bytes_to_unicode().values(),
        *("".join(m.split()) for m in MERGES),
    ]


def _made(config: tf.PretrainedConfig) -> tf.PreTrainedModel:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = tf.AutoModelForCausalLM.from_config(config).eval()
        with torch.no_grad():
            for parameter in net.parameters():
                if parameter.ndim >= 2:
                    parameter.normal_(0, 0.15)
                elif float(parameter.abs().sum()) == 0:
                    parameter.normal_(0, 0.1)
    return net


_COMMON = {"vocab_size": 3 + 256 + len(MERGES), "tie_word_embeddings": False}
_COMMON |= {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2}
_TIED = _COMMON | {"tie_word_embeddings": True}
_GEMMA = _SIZES | _TIED | {"head_dim": 16, "sliding_window": 4, "query_pre_attn_scalar": 16}
_EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 96}
CONFIGS: dict[str, Callable[[], tf.PretrainedConfig]] = {
    "llama": lambda: tf.LlamaConfig(**_SIZES, **_COMMON),
    "qwen2": lambda: tf.Qwen2Config(**_SIZES, **_COMMON),
    "qwen3": lambda: tf.Qwen3Config(**_SIZES, **_COMMON, head_dim=32),
    "qwen3moe": lambda: tf.Qwen3MoeConfig(
        **_SIZES, **_COMMON, **_EXPERTS, head_dim=16, norm_topk_prob=True
    ),
    "phi3": lambda: tf.Phi3Config(**_SIZES, **_COMMON),
    "gemma2": lambda: tf.Gemma2Config(**_GEMMA, attn_logit_softcapping=20.0),
    "gemma3": lambda: tf.Gemma3TextConfig(**_GEMMA),
    "starcoder2": lambda: tf.Starcoder2Config(**_SIZES, **_TIED, sliding_window=None),
    "stablelm": lambda: tf.StableLmConfig(
        **_SIZES, **_COMMON, rope_parameters={**_ROPE, "partial_rotary_factor": 0.5}
    ),
    "nemotron": lambda: tf.NemotronConfig(**_SIZES, **_COMMON, head_dim=16),
    "gpt2": lambda: tf.GPT2Config(n_embd=64, n_layer=2, n_head=4, n_positions=64, **_TIED),
    "bloom": lambda: tf.BloomConfig(hidden_size=64, n_layer=2, n_head=4, **_TIED),
}


def net(family: str, rope: dict | None = None) -> tf.PreTrainedModel:
    """A net of a family, with attention far from uniform; `rope` tells how it rotates."""
    config = CONFIGS[family]()
    if rope:
        config.rope_parameters = rope
    return _made(config)


def write(
    path: Path, family: str, kind: str = "F32", rope: dict | None = None, **changes: object
) -> tf.PreTrainedModel:
    """Write a tiny model to a GGUF file, and return it with the numbers that the file holds.

    Parameters
    ----------
    kind : str
        How matrices are stored, as ggml calls it.
    rope : dict, optional
        How a Llama 3 rotates.
    changes : dict
        Settings to put in or (None) to leave out; ``__`` is ``.``, ``arch`` the family.
    """
    made = net(family, rope)
    writer = gguf.GGUFWriter(path, family)
    for name, value in (_settings(made.config) | _tokenizer(family) | _named(changes)).items():
        if value is not None:
            _add(writer, name.replace("arch.", f"{family}."), value)
    names = gguf.get_tensor_name_map(_architecture(family), made.config.num_hidden_layers)
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            stem, _, suffix = name.rpartition(".")
            numbers = _turned(made, family, name, parameter.numpy())
            stored = gguf.GGMLQuantizationType[kind if parameter.ndim > 1 else "F32"]
            packed = gguf.quantize(np.ascontiguousarray(numbers), stored)
            kept = gguf.dequantize(packed, stored).reshape(numbers.shape)
            parameter.copy_(torch.from_numpy(_turned(made, family, name, kept, back=True).copy()))
            for own, part in _parts(name, _named_there(names, stem), suffix, packed):
                writer.add_tensor(own, part, raw_dtype=stored)
    if rope:
        divided = made.model.rotary_emb.inv_freq.numpy()
        plain = rope["rope_theta"] ** -(np.arange(len(divided)) / len(divided))
        writer.add_tensor("rope_freqs.weight", (plain / divided).astype("float32"))
    _close(writer)
    return made


def write_t5(path: Path) -> tf.PreTrainedModel:
    """Write the encoder of a tiny T5 with gates, as FLAN's, and return it."""
    words = [f"▁{word}" for word in ["the", "cat", "sat", "on", "a"]]
    tokens = ["<pad>", "</s>", "<unk>", *words, *"▁abcdefghijklmnopqrstuvwxyz,"]
    sizes = {"d_model": 64, "d_kv": 16, "d_ff": 96, "num_layers": 2, "num_heads": 4}
    config = tf.T5Config(**sizes, vocab_size=len(tokens), feed_forward_proj="gated-gelu")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = tf.T5EncoderModel(config).eval()
    settings = {
        "t5encoder.block_count": 2,
        "t5encoder.context_length": 512,
        "t5encoder.embedding_length": 64,
        "t5encoder.feed_forward_length": 96,
        "t5encoder.attention.head_count": 4,
        "t5encoder.attention.key_length": 16,
        "t5encoder.attention.relative_buckets_count": 32,
        "t5encoder.attention.layer_norm_epsilon": 1e-6,
        "tokenizer.ggml.model": "t5",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.scores": [-float(i) for i in range(len(tokens))],
        "tokenizer.ggml.eos_token_id": 1,
        "tokenizer.ggml.unknown_token_id": 2,
        "tokenizer.ggml.padding_token_id": 0,
    }
    writer = gguf.GGUFWriter(path, "t5encoder")
    for name, value in settings.items():
        _add(writer, name, value)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.T5ENCODER, 2)
    for name, parameter in made.named_parameters():
        stem, _, suffix = name.rpartition(".")
        if stem != "encoder.embed_tokens":  # the same as `shared`
            writer.add_tensor(f"{names.get_name(stem)}.{suffix}", parameter.detach().numpy())
    _close(writer)
    return made


def _close(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _architecture(family: str) -> gguf.MODEL_ARCH:
    return next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == family)


def _settings(config: tf.PretrainedConfig) -> dict[str, object]:
    rope = getattr(config, "rope_parameters", None) or {}
    rope = rope.get("full_attention", rope)
    heads = config.num_attention_heads
    found = {
        "arch.block_count": config.num_hidden_layers,
        "arch.context_length": getattr(config, "max_position_embeddings", 64),
        "arch.embedding_length": config.hidden_size,
        "arch.feed_forward_length": getattr(config, "intermediate_size", None),
        "arch.attention.head_count": heads,
        "arch.attention.head_count_kv": getattr(config, "num_key_value_heads", None),
        "arch.attention.key_length": getattr(config, "head_dim", None),
        "arch.rope.freq_base": rope.get("rope_theta"),
        "arch.attention.layer_norm_rms_epsilon": getattr(config, "rms_norm_eps", None),
        "arch.attention.layer_norm_epsilon": getattr(config, "layer_norm_epsilon", None),
        "arch.attn_logit_softcapping": getattr(config, "attn_logit_softcapping", None),
        "arch.attention.sliding_window": getattr(config, "sliding_window", None),
    }
    if rope and config.model_type != "qwen3_moe":
        width = getattr(config, "head_dim", None) or config.hidden_size // heads
        found["arch.rope.dimension_count"] = int(width * rope.get("partial_rotary_factor", 1))
    if hasattr(config, "moe_intermediate_size"):
        found["arch.expert_count"] = config.num_experts
        found["arch.expert_used_count"] = config.num_experts_per_tok
        found["arch.expert_feed_forward_length"] = config.moe_intermediate_size
    return found


def _tokenizer(family: str) -> dict[str, object]:
    tokens = vocabulary()
    if family.startswith("gemma"):
        spelled = [token.replace("Ġ", "▁") for token in tokens]
        return _tokenizer("") | {
            "tokenizer.ggml.model": "llama",
            "tokenizer.ggml.tokens": spelled,
            "tokenizer.ggml.scores": [-float(i) for i in range(len(tokens))],
            "tokenizer.ggml.merges": None,
        }
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [3] * 3 + [1] * (len(tokens) - 3),
        "tokenizer.ggml.merges": MERGES,
        "tokenizer.ggml.bos_token_id": 0,
        "tokenizer.ggml.eos_token_id": 1,
        "tokenizer.ggml.unknown_token_id": 2,
        "tokenizer.ggml.padding_token_id": 2,
    }


def _named(changes: dict[str, object]) -> dict[str, object]:
    return {name.replace("__", "."): value for name, value in changes.items()}


def _add(writer: gguf.GGUFWriter, name: str, value: object) -> None:
    if isinstance(value, list):
        writer.add_array(name, value)
    elif isinstance(value, str):
        writer.add_string(name, value)
    elif isinstance(value, float):
        writer.add_float32(name, value)
    else:
        writer.add_uint32(name, value)


def _named_there(names: gguf.TensorNameMap, stem: str) -> str | None:
    return names.get_name(stem) or names.get_name(stem.removeprefix("transformer."))


def _parts(
    name: str, known_as: str | None, suffix: str, packed: np.ndarray
) -> list[tuple[str, np.ndarray]]:
    """Names and numbers of a tensor in the file: all experts of a layer are one, or two, there."""
    if ".experts." not in name:
        return [(f"{known_as}.{suffix}", packed)]
    block = f"blk.{name.split('.')[2]}"
    if suffix == "down_proj":
        return [(f"{block}.ffn_down_exps.weight", packed)]
    gate, up = (np.ascontiguousarray(part) for part in np.split(packed, 2, axis=1))
    return [(f"{block}.ffn_gate_exps.weight", gate), (f"{block}.ffn_up_exps.weight", up)]


def _turned(
    made: tf.PreTrainedModel, family: str, name: str, numbers: np.ndarray, back: bool = False
) -> np.ndarray:
    """Numbers as llama.cpp's converter lays them out, or back."""
    if family == "gpt2" and numbers.ndim == 2 and ".h." in name:
        return numbers.T
    if family == "bloom" and ".query_key_value." in name:
        heads = made.config.n_head
        apart = (3, heads, -1) if back else (heads, 3, -1)
        whole = numbers.reshape(*apart, *numbers.shape[1:]) if numbers.ndim > 1 else None
        whole = numbers.reshape(apart) if whole is None else whole
        return whole.swapaxes(0, 1).reshape(numbers.shape)
    if family in WITH_ONE and "norm" in name and name.endswith("weight"):
        return numbers - 1 if back else numbers + 1
    if family == "llama" and name.endswith(("q_proj.weight", "k_proj.weight")):
        key = "num_attention_heads" if "q_proj" in name else "num_key_value_heads"
        pairs = (getattr(made.config, key), 2, made.config.head_dim // 2)
        pairs = (pairs[0], pairs[2], pairs[1]) if back else pairs
        return numbers.reshape(*pairs, -1).swapaxes(1, 2).reshape(numbers.shape)
    return numbers
