"""Settings that single families need besides what `shrink` gives them, and variants of families."""

from typing import Any

from reaching.shrink import HEADS, LAYERS, MASK, PAD, PER_HEAD, WIDTH, WINDOW

_STARTS = {"decoder_start_token_id": PAD, "pad_token_id": PAD}
_ROPE = {"rope_type": "default", "rope_theta": 10_000.0}
_MROPE = {"rope_parameters": {"mrope_section": [2, 1, 1]}}
_INDEXER = {"n_heads": HEADS, "kv_heads": 1, "head_dim": PER_HEAD, "budget": 8, "compress_ratio": 2}
_QWEN4 = {f"indexer_{name}": value for name, value in _INDEXER.items()}

_SMALLER = {"num_attention_heads": 2, "num_key_value_heads": 2, "qk_nope_head_dim": 2 * PER_HEAD}
_DOTS3 = {"head_dim": 3 * PER_HEAD, "per_layer_config": {2: _SMALLER}}

_SPARSE_BLOCKS = {"attention_type": "block_sparse", "block_size": 2, "num_random_blocks": 1}
_WINDOWS = {
    "layer_types": ["full_attention", "sliding_attention", "sliding_attention"],
    "use_sliding_window": True,
    "sliding_window": WINDOW,
}
_FACTORS = {"short_factor": [1.0] * 4, "long_factor": [1.0, 2.0, 3.0, 4.0]}
_LONGROPE = {
    "rope_parameters": _ROPE | _FACTORS | {"rope_type": "longrope"},
    "original_max_position_embeddings": 16,
}
_BIASED = {"use_relative_position_bias": True, "use_absolute_position_embeddings": False}
_INDEX_BLOCKS = {
    "layer_types": ["full_attention", "minimax_m3_sparse", "minimax_m3_sparse"],
    **{"index_block_size": 4, "index_topk_blocks": 2, "index_local_blocks": 1},
}
_FULL = {"multi_query": False, "num_kv_heads": HEADS}
_DISENTANGLED = {"relative_attention": True, "pos_att_type": ["c2p", "p2c"]}

SETTINGS: dict[str, dict[str, Any]] = {
    "big_bird": {"attention_type": "original_full"},
    "bigbird_pegasus seq2seq": {"attention_type": "original_full"},
    "encoder-decoder": _STARTS,
    "switch_transformers seq2seq": _STARTS,
    "t5 seq2seq": _STARTS,
    "beit": _BIASED,
    "bamba": {"attn_layer_indices": [1, 2]},
    "cohere_compass_text": {
        "rope_parameters": {"full_attention": _ROPE | {"mrope_section": [2, 1, 1]}},
    },
    "dbrx": {"attn_config": {"clip_qkv": 8.0, "kv_n_heads": 2, "rope_theta": 10_000.0}},
    "data2vec-vision": _BIASED,
    "dinov3_vit": {"num_register_tokens": 4},
    "dots3_note": {"text_config": _DOTS3},
    "dots3_note_text": _DOTS3,
    "deberta": _DISENTANGLED,
    "deberta-v2": _DISENTANGLED | {"position_buckets": 8, "norm_rel_ebd": "layer_norm"},
    "dots1": {"n_shared_experts": 1},
    "esm": {"mask_token_id": MASK, "pad_token_id": PAD},
    "esmc": {"num_key_value_heads": HEADS},
    "funnel": {"block_sizes": [2, 1, 1], "block_repeats": [1, 1, 1]},
    "gemma3n_text": {
        "num_hidden_layers": 4,
        "num_kv_shared_layers": 2,
        "layer_types": ["sliding_attention", "full_attention"] * 2,
        "activation_sparsity_pattern": [0.0] * 4,
        "intermediate_size": [48] * 4,
    },
    "gpt_neo": {"attention_types": [[["global", "local"], 2]], "num_layers": 4},
    **{family: _MROPE for family in ("glm4v_text", "glm_image_text", "glm_ocr_text")},
    "glm4v_moe_text": {"rope_parameters": {"mrope_section": [1, 1, 0]}},
    "glm5_next_text": {"num_key_value_heads": HEADS},
    "hunyuan_vl_text": {"rope_parameters": {"mrope_section": [1, 1, 1, 1]}},
    "granitemoehybrid": {"layer_types": ["linear_attention", "full_attention", "full_attention"]},
    "hrm_text": {"num_layers_per_stack": 1, "num_hidden_layers": 3, "H_cycles": 1, "L_cycles": 2},
    "jamba": {"attn_layer_period": 2, "attn_layer_offset": 0},
    "internvl_vision": {"patch_size": [8, 8]},
    "layoutlmv3": {"coordinate_size": 4, "shape_size": 8},
    "lfm2_moe": {"layer_types": ["conv", "full_attention", "full_attention"]},
    "mamba2": {"head_dim": 2 * PER_HEAD},
    "mlcd": {"num_key_value_groups": 1},
    "mlcd_vision_model": {"num_key_value_groups": 1},
    "nemotron_h": {
        "num_hidden_layers": 4,
        "layers_block_type": ["linear_attention", "full_attention", "mlp", "full_attention"],
    },
    "neomme": {"head_dim": 2 * PER_HEAD},
    "perceiver": {"d_latents": WIDTH, "num_latents": 8, "num_self_attends_per_block": LAYERS},
    **{family: _MROPE for family in ("qwen2_vl_text", "qwen2_5_vl_text")},
    "qwen4_exp": {"text_config": _QWEN4},
    "qwen4_exp_text": _QWEN4,
    "qianfan_ocr_vision": {"patch_size": [8, 8]},
    "recurrent_gemma": {"block_types": ["recurrent", "attention", "attention"]},
    "reformer": {"axial_pos_embds": False},
    "sapiens2": {"num_key_value_heads_per_layer": [HEADS, 2, HEADS]},
    "t5gemma encoder": {"is_encoder_decoder": False},
    "vit_mae": {"mask_ratio": 0.0},
    "xmod": {"default_language": "en_XX"},
    "zamba": {
        "num_hidden_layers": 5,
        "layers_block_type": ["linear_attention", "hybrid", "linear_attention", "hybrid", "hybrid"],
        "attention_head_dim": 2 * PER_HEAD,
        "attention_hidden_size": 2 * WIDTH,
    },
    "zaya": {"num_experts_per_tok": 1},
}
"""By family, or family and task: what is laid over its tiny settings."""

VARIANTS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("albert", "masked", "two inner groups", {"inner_group_num": 2}),
    ("axk2", "causal", "indexed", {"index_topk": 4}),
    ("big_bird", "masked", "sparse", _SPARSE_BLOCKS),
    ("big_bird", "masked", "sparse late", _SPARSE_BLOCKS | {"block_size": 3}),
    ("bigbird_pegasus", "causal", "sparse", _SPARSE_BLOCKS),
    ("bigbird_pegasus", "seq2seq", "sparse", _SPARSE_BLOCKS),
    ("t5", "seq2seq", "gated", _STARTS | {"feed_forward_proj": "gated-gelu"}),
    ("deberta", "masked", "absolute", {"relative_attention": False}),
    ("deberta-v2", "masked", "convolution", {"conv_kernel_size": 3, "conv_act": "gelu"}),
    ("deberta-v2", "masked", "shared keys", {"share_att_key": True}),
    ("deepseek_v32", "causal", "indexed", {"index_topk": 4}),
    ("deepseek_v32", "causal", "indexed late", {"index_topk": 20}),
    ("doge", "causal", "window late", {"keep_window_size": 20}),
    ("dots3_note_text", "causal", "indexed", {"index_topk": 4}),
    ("esm", "masked", "rotary", {"position_embedding_type": "rotary"}),
    ("falcon", "causal", "alibi", _FULL | {"alibi": True, "parallel_attn": False}),
    ("falcon", "causal", "grouped", {"new_decoder_architecture": True}),
    ("falcon", "causal", "full", _FULL),
    ("gemma3_text", "causal", "both ways", {"use_bidirectional_attention": True}),
    ("glm_moe_dsa", "causal", "indexed", {"index_topk": 4}),
    ("gpt2", "causal", "scaled by layer", {"scale_attn_by_inverse_layer_idx": True}),
    ("gpt2", "causal", "reordered", {"reorder_and_upcast_attn": True}),
    ("gpt_neo", "causal", "window late", {"window_size": 20}),
    ("gpt_bigcode", "causal", "full", {"multi_query": False}),
    ("hy_v4", "causal", "indexed", {"index_topk": 4}),
    ("minimax_m3_vl_text", "causal", "indexed", _INDEX_BLOCKS),
    ("opt", "causal", "narrow", {"word_embed_proj_dim": 16, "do_layer_norm_before": False}),
    ("phi3", "causal", "longrope", _LONGROPE),
    ("mistral", "causal", "window late", {"sliding_window": 20}),
    ("qwen4_exp_text", "causal", "indexed late", {"indexer_budget": 20}),
    ("qwen2", "causal", "windows", _WINDOWS),
    ("xlm", "masked", "causal", {"causal": True}),
)
"""Family, task, name, settings: what models of a family have in the wild besides the defaults.

*Late* is what sets in with the 21st token: after all that is read when a model is opened, and
before the longest passage ends.
"""

SPREADS: dict[str, float] = {"mobilebert": 0.15, "roformer": 0.4, "squeezebert": 0.6, "tapas": 0.35}
"""By family: the spread of its matrices where numbers explode or attention is flat."""

MIXED = {"nystromformer"}
"""Families whose output projection reads the heads' outputs with something added to them."""

SAME = {"gpt-sw3": "gpt2"}
"""Names that transformers has for a family besides its own."""

SOUND = {
    "audioflamingo3", "glmasr", "granite_speech", "granite_speech_plus", "moss_transcribe_diarize",
    "musicflamingo", "nemo_speechlm", "qwen2_audio", "qwen3_asr", "vibevoice_asr", "voxtral",
    "voxtral_realtime",
}  # fmt: skip
"""Families of the sequence-to-sequence class that hear sound and have a decoder alone."""

NOT_PLAIN = {
    "cvt": "convolutions make its queries and keys, of other sizes at each stage",
    "donut-swin": "windows and stages", "edgetam_video": "videos", "maskformer-swin": "windows",
    "hiera": "windows and stages", "levit": "stages", "sam2_hiera_det_model": "windows and stages",
    "sam2_video": "videos", "swin": "windows and stages", "swin2sr": "windows",
    "minicpm_ocr_vision": "it needs a grid", "minicpmv4_7_vision": "it needs a grid",
    "swinv2": "windows and stages", "timesformer": "videos", "videomae": "videos",
    "vivit": "videos", "dinat": "it needs the library natten",
}  # fmt: skip
"""Families of pictures that are no plain stack of layers over one grid of patches."""

NOT_TEXT: dict[str, str] = {
    "bros": "boxes on a page", "lilt": "boxes on a page", "vits": "phonemes",
    "fastspeech2_conformer": "phonemes",
    "higgs_audio_v2": "sound", "imagegpt": "colours", "layoutlmv2": "pictures of pages",
    "lxmert": "pictures", "udop": "pictures of pages", "vilt": "pictures",
    "voxtral_realtime_text": "transformers lists it and does not have it",
}  # fmt: skip
"""Families whose plain model takes ids, and that read something else than text, or nothing."""

NOT_BUILT: dict[str, str] = {
    "gemma3n": "its pictures need the library timm; the side of the text is the row gemma3n_text",
    "gemma4_assistant": "it reads the inner states of another model, not text",
    "gemma4_unified_assistant": "it reads the inner states of another model, not text",
}
"""Families that no tiny model is made of, and why."""
