"""Settings of any family made tiny, by the names of the fields: no family is named here."""

import re
from typing import Any

WIDTH, LAYERS, HEADS, GROUPS, PER_HEAD, INNER = 32, 3, 4, 2, 8, 48
VOCABULARY, POSITIONS, WINDOW = 160, 128, 6
SIDE, PATCH = 32, 8
PAD, UNKNOWN, BEGIN, END, MASK = range(5)
"""The special tokens of `families.tokenizer`."""
MOST_LAYERS = 5
"""So many layers, where more kinds than `LAYERS` of them follow each other."""

_RULES: tuple[tuple[str, int], ...] = (
    (r"pad_(token_id|index)", PAD),
    (r"unk_(token_id|index)", UNKNOWN),
    (r"(bos|cls|decoder_start|forced_bos)_(token_id|index)", BEGIN),
    (r"(eos|sep|forced_eos)_(token_id|index)", END),
    (r"mask_(token_id|index)", MASK),
    (r".*_token_(id|index)|hash_seed", VOCABULARY - 1),
    (r"encoder_layers|num_encoder_layers|num_decoder_layers", LAYERS - 1),
    (r"(num_hidden|num|n|decoder)_layers?", LAYERS),
    (r"encoder_attention_heads|num_encoder_attention_heads", HEADS // 2),
    (r"(encoder|decoder)_layerdrop", 0),
    (r".*(key_value|kv|swa_num_key_value)_heads|num_kv_heads|kv_n_heads|num_query_groups", GROUPS),
    (r"num_key_value_groups", HEADS // GROUPS),
    (r"linear_num_(key|value)_heads|linear_num_heads|index_n_heads", HEADS),
    (r"(.*_)?(attention_)?heads|n_head|n_heads|(.*_)?num_attention_heads(_per_layer)?", HEADS),
    (r"rotary_dim", PER_HEAD // 2),
    (r"qk_head_dim|mamba_d_head", 2 * PER_HEAD),
    (r"(.*_)?(head_dim|head_size|d_kv|d_head|dim_head|kv_channels|headdim)", PER_HEAD),
    (r"(q|kv|o)_lora_rank|laurel_rank|adapter_rank|embedding_rank|hc_lowrank", 16),
    (r"(.*_)?vocab_size|.*_vocab|vocab_size_.*", VOCABULARY),
    (r"(n|max|num)_(seq_len|.*positions?(_embeddings)?)|model_max_length|n_ctx", POSITIONS),
    (r"(max_)?(original_)?max_position_embeddings|context_length|prompt_max", POSITIONS),
    (r"(num_|n_|zero_|moe_num_)?(local_|routed_)?(experts|expert_num)", 4),
    (r"(num_)?experts_per_tok(en)?|moe_top_?k|top_?k|moe_k|num_selected_experts", 2),
    (r"n_group|topk_group|num_expert_group|mamba_n_?groups|n_groups", 1),
    (r"(.*_)?sliding_window(_size)?|window_size|local_attention|attention_window(_size)?", WINDOW),
    (r"attention_chunk_size|local_attention_window_len", WINDOW + 2),
    (r"(.*_)?(intermediate|inner|ffn|ff|feed_forward|mlp)(_hidden)?_?(size|dim)(_mlp)?", INNER),
    (r".*_bottleneck_size", WIDTH),
    (r"d_ff|dff|dim_ff|n_inner|d_inner|ffn_hidden_size|hidden_dim", INNER),
    (r"(.*_)?(hidden|embedding|embed|emb|width|projection|proj)_(size|dim)(_.*)?", WIDTH),
    (r"adapter_(in|out)_dim|adapter_input_size", WIDTH),
    (r"image_size|input_size|resolution|crop_size", SIDE),
    (r"patch_size", PATCH),
    (r"d_model|n_embd|dim|(.*_)?hidden_size_per_.*|pooler_hidden_size|lru_width", WIDTH),
    (r"mamba_d_ssm", 2 * WIDTH),
    (r"(mamba_)?(d_state|state_size)|ssm_state_size|(mamba_)?chunk_size", 8),
)
_LISTS: tuple[tuple[str, int], ...] = (
    (r"depths|num_encoder_blocks|depth|stage_blocks|num_blocks", 1),
    (r"(num_)?(attention_)?heads|num_heads", HEADS),
    (r"hidden_sizes|embed_dims?|dims|embedding_dims", WIDTH),
    (r"image_size|input_size|resolution", SIDE),
)
LISTS = tuple((re.compile(pattern), value) for pattern, value in _LISTS)
RULES = tuple((re.compile(pattern), value) for pattern, value in _RULES)
_NEEDED = re.compile(
    r"head_dim|vocab_size|n_routed_experts|num_experts_per_tok|num_key_value_heads"
)
"""Fields that some families leave open and cannot do without."""
_ATTENDING = re.compile("full_attention|indexed_attention|hybrid")
"""Kinds of layers with attention: two of them stay, so that one can be seen after the other."""
_LAYER_COUNTS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers", "decoder_layers")


def shrunk(values: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a tiny model.

    Parameters
    ----------
    values : dict
        `PretrainedConfig.to_dict` of the family's defaults.

    Returns
    -------
    dict
        The same fields: sizes, counts and ids small, and lists with an entry a layer cut to the
        layers that are kept, so that each kind of layer is there.
    """
    count = _layers(values)
    kept = _kept(values, count)
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict) and name.startswith("rope"):
            found[name] = _rope(value)
        elif name == "per_layer_config" and isinstance(value, dict):
            found[name] = _overrides(value, kept, values)
        elif isinstance(value, dict):
            found[name] = shrunk(value)
        elif _per_layer(name, value, count):
            found[name] = [_small(name, value[i]) for i in kept]
        elif name in _LAYER_COUNTS:
            found[name] = len(kept)
        else:
            found[name] = _small(name, value)
    if "kv_lora_rank" in found:  # latent attention: every head gets its own keys
        found["num_key_value_heads"] = found["num_attention_heads"]
    return found


def _small(name: str, value: Any) -> Any:
    if name == "attention_multiplier":  # the default is 1, and no model has it
        return PER_HEAD**-0.5
    if isinstance(value, list | tuple) and all(type(one) is int for one in value):
        size = next((size for pattern, size in LISTS if pattern.fullmatch(name)), None)
        return value if size is None else [size] * len(value)
    needed = value is None and _NEEDED.fullmatch(name)
    if isinstance(value, bool) or not (isinstance(value, int) or needed):
        return value
    if value == 0 and not name.endswith(("_id", "_index")):  # what a family does without
        return 0
    for pattern, small in RULES:
        if pattern.fullmatch(name):
            return small if needed or value >= 0 else value
    return value


def _layers(values: dict[str, Any]) -> int:
    return next((values[n] for n in _LAYER_COUNTS if isinstance(values.get(n), int)), 0)


def _per_layer(name: str, value: Any, count: int) -> bool:
    return isinstance(value, list | tuple) and len(value) == count > LAYERS and "multi" not in name


def _kept(values: dict[str, Any], count: int) -> list[int]:
    """Return which layers stay: the first of each kind, and others where these are few."""
    lists = [value for name, value in values.items() if _per_layer(name, value, count)]
    if own := values.get("per_layer_config"):
        by_layer = {int(layer): own[layer] for layer in own}
        lists.append([by_layer.get(layer) for layer in range(count)])
    kinds: dict[str, int] = {}
    for layer in range(count if lists else 0):
        kinds.setdefault(repr([value[layer] for value in lists]), layer)
    chosen = list(kinds.values())[:MOST_LAYERS]
    attending = [at for kind, at in kinds.items() if _ATTENDING.search(kind)]
    left = [layer for layer in range(count or LAYERS) if layer not in chosen]
    if lists:
        left.sort(key=lambda at: not _ATTENDING.search(repr([value[at] for value in lists])))
    wanted = max(LAYERS - len(chosen), 2 - len(attending) if attending else 0)
    return sorted([*chosen, *left[: max(0, wanted)]])


def _overrides(
    layers: dict[Any, dict[str, Any]], kept: list[int], usual: dict[str, Any]
) -> dict[int, dict[str, Any]]:
    """Return what single layers have of their own: twice the usual where it was more than that."""
    by_layer = {int(layer): own for layer, own in layers.items()}
    return {
        new: {name: _own(name, value, usual.get(name)) for name, value in by_layer[old].items()}
        for new, old in enumerate(kept)
        if old in by_layer
    }


def _own(name: str, value: Any, usual: Any) -> Any:
    small = _small(name, value)
    both = isinstance(value, int) and isinstance(usual, int) and not isinstance(value, bool)
    return small if not both or value == usual else small * 2 if value > usual else small // 2


def _rope(values: dict[str, Any]) -> dict[str, Any]:
    """Return settings of rotary positions whose sections fit heads of `PER_HEAD` numbers."""
    found = {}
    for name, value in values.items():
        if isinstance(value, dict):
            found[name] = _rope(value)
        elif name == "mrope_section":
            found[name] = [PER_HEAD // 2 - 2, 1, 1]
        elif name == "original_max_position_embeddings":
            found[name] = POSITIONS // 4
        else:
            found[name] = value
    return found
