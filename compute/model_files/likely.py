"""Which family a model without a ``model_type`` is likely to be of: old settings lack it.

What tells best comes first: a class that transformers knows, the names of the weights, a class that
is called after a family, the settings' own names.
"""

import json
import re
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from transformers.models.auto import modeling_auto
from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

from compute.model_files import folders

MOST_READ = 2**22
"""Bytes of a weight file in which names are looked for."""

_WEIGHTS = (
    (r"deberta\..*query_proj", "deberta-v2"),
    (r"encoder\.albert_layer_groups", "albert"),
    (r"embeddings_project", "electra"),
    (r"\blayers\.\d+\.attn\.Wqkv", "modernbert"),
    (r"transformer\.layer\.\d+\.attention\.q_lin", "distilbert"),
    (r"\battentions\.\d+\.q_lin", "xlm"),
    (r"tokens_embed", "openai-gpt"),
    (r"\bblocks\.\d+\.attn\.Wqkv", "mpt"),
    (r"\bh\.\d+\.attn\.c_attn", "gpt2"),
    (r"\bh\.\d+\.attn\.attention\.q_proj", "gpt_neo"),
    (r"\bh\.\d+\.attn\.q_proj", "gptj"),
    (r"\bh\.\d+\.attn\.qkv_proj", "codegen"),
    (r"word_embeddings_layernorm", "bloom"),
    (r"\bh\.\d+\.self_attention\.query_key_value", "falcon"),
    (r"layer\.\d+\.rel_attn", "xlnet"),
    (r"gpt_neox\.layers|\blayers\.\d+\.attention\.query_key_value", "gpt_neox"),
    (r"block\.\d+\.layer\.\d+\.SelfAttention", "t5"),
    (r"decoder\.layers\.\d+\.encoder_attn", "bart"),
    (r"decoder\.layers\.\d+\.self_attn\.q_proj", "opt"),
    (r"\blayers\.\d+\.self_attn\.q_norm", "qwen3"),
    (r"\blayers\.\d+\.self_attn\.q_proj\.bias", "qwen2"),
    (r"\blayers\.\d+\.self_attn\.qkv_proj", "phi3"),
    (r"\blayers\.\d+\.self_attn\.q_proj", "llama"),
)
_SETTINGS = (
    ({"token_dropout"}, "esm"),
    ({"emb_layer_norm_before"}, "esm"),
    ({"num_hidden_groups"}, "albert"),
    ({"inner_group_num"}, "albert"),
    ({"d_kv", "d_ff"}, "t5"),
    ({"n_embd", "n_head"}, "gpt2"),
    ({"n_layer", "n_head"}, "gpt2"),
    ({"dim", "n_heads"}, "distilbert"),
    ({"rotary_pct"}, "gpt_neox"),
    ({"word_embed_proj_dim"}, "opt"),
    ({"encoder_layers", "decoder_layers"}, "bart"),
    ({"rms_norm_eps"}, "llama"),
    ({"embedding_size", "hidden_size"}, "electra"),
)


def family(settings: dict[str, Any], folder: Path) -> str:
    """Return the likely ``model_type`` of a model.

    Parameters
    ----------
    settings : dict
        Its config.json.
    folder : Path
        Where its weights lie, too. They are not loaded: only names are looked for in them.
    """
    named = settings.get("architectures")
    first = str(named[0]) if isinstance(named, list) and named else ""
    return (
        _of_class(first)
        or _of_weights("\n".join(tensor_names(folder)), settings)
        or _called_after(first)
        or next((name for keys, name in _SETTINGS if keys <= settings.keys()), "")
        or _of_bert(settings)
    )


def tensor_names(folder: Path) -> list[str]:
    """Return names of tensors of a model, as far as they are found without loading any."""
    for name in folders.weights(folders.file_names(folder)):
        try:
            file = folder / name
            found = _in_torch(file) if name.endswith(".bin") else _in_safetensors(file)
        except (OSError, ValueError, RecursionError, struct.error, zipfile.BadZipFile):
            continue
        if found:
            return sorted(found)
    return []


def _in_safetensors(file: Path) -> Iterable[str]:
    with file.open("rb") as stream:
        (size,) = struct.unpack("<Q", stream.read(8))
        return list(json.loads(stream.read(size))) if size <= MOST_READ else []


def _in_torch(file: Path) -> Iterable[str]:
    """Return what looks like names in a pickle, which is never unpickled."""
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            entry = next(e for e in archive.namelist() if e.endswith("data.pkl"))
            with archive.open(entry) as stream:
                content = stream.read(MOST_READ)
    else:
        with file.open("rb") as stream:
            content = stream.read(MOST_READ)
    found = re.findall(rb"[A-Za-z_]\w*(?:\.\w+){0,12}\.(?:weight|bias|gamma|beta)", content)
    return {name.decode() for name in found}


def _of_class(name: str) -> str:
    """Return the family of a class of transformers."""
    every = (getattr(modeling_auto, each) for each in dir(modeling_auto) if each in _MAPPINGS)
    found = [family for names in every for family, known in names.items() if name and known == name]
    # several where families share a class: the one it is called after comes first
    found.sort(key=lambda family: not name.lower().startswith(_plain(family)))
    return found[0] if found else ""


_MAPPINGS = {each for each in dir(modeling_auto) if each.endswith("_MAPPING_NAMES")}


def _of_weights(names: str, settings: dict[str, Any]) -> str:
    for pattern, family in _WEIGHTS:
        if re.search(pattern, names):
            return family
    first = re.match(r"\w+", re.sub(r"(?m)^(?!\w+\.(encoder|embeddings)\.).*\n?", "", names) or "-")
    if first and (known := {_plain(each): each for each in CONFIG_MAPPING_NAMES}.get(first[0])):
        return known
    return _of_bert(settings) if re.search(r"\bencoder\.layer\.\d+\.attention", names) else ""


def _called_after(name: str) -> str:
    """Return the family whose name a class has in its own, the longest first."""
    lower = name.lower()
    fitting = [each for each in CONFIG_MAPPING_NAMES if _plain(each) in lower]
    fitting = [e for e in fitting if lower.startswith(_plain(e)) or len(_plain(e)) >= 4]
    return max(fitting, key=lambda each: len(_plain(each)), default="")


def _of_bert(settings: dict[str, Any]) -> str:
    """Tell RoBERTa, which has two positions more and one kind of segment, from BERT."""
    one = settings.get("type_vocab_size") == 1
    return "roberta" if one and settings.get("pad_token_id", 1) == 1 else "bert"


def _plain(family: str) -> str:
    return re.sub("[-_]", "", family)
