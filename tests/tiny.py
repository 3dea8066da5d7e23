"""Tiny random models of many families, and a tiny tokenizer, made on the spot."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import transformers as tf
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

WORDS = ["the", "cat", "sat", "on", "a", "mat", "and", "dog", "ran", "to", "red", "house"]
WORDS += ["where", "old", "men", "sing", "of", "rain"]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_BERT = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4}
_BERT |= {"intermediate_size": 48, "vocab_size": 60, "max_position_embeddings": 64}
_LLAMA = {**_BERT, "num_key_value_heads": 2, "pad_token_id": 0}
_GPT = {"n_embd": 32, "n_layer": 3, "n_head": 4, "vocab_size": 60}
_OPT = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "ffn_dim": 48}
_OPT |= {"vocab_size": 60, "max_position_embeddings": 64, "word_embed_proj_dim": 32}
_MOE = {"num_local_experts": 2, "num_experts_per_tok": 1, "head_dim": 8}
_GEMMA4 = {"head_dim": 8, "global_head_dim": 16, "sliding_window": 5}
_GEMMA4 |= {"vocab_size_per_layer_input": 60, "hidden_size_per_layer_input": 8}
_GEMMA4 |= {"layer_types": ["sliding_attention", "full_attention", "full_attention"]}
_SPARSE = ["sliding_attention", "full_attention", "sliding_attention"]

FAMILIES: dict[str, Callable[[], tf.PreTrainedModel]] = {
    "bert": lambda: tf.BertForMaskedLM(tf.BertConfig(**_BERT)),
    "roberta": lambda: tf.RobertaForMaskedLM(tf.RobertaConfig(**_BERT)),
    "distilbert": lambda: tf.DistilBertModel(
        tf.DistilBertConfig(vocab_size=60, dim=32, n_layers=3, n_heads=4, hidden_dim=48)
    ),
    "electra": lambda: tf.ElectraModel(tf.ElectraConfig(**_BERT, embedding_size=16)),
    "albert": lambda: tf.AlbertModel(tf.AlbertConfig(**_BERT, embedding_size=16)),
    "modernbert": lambda: tf.ModernBertForMaskedLM(
        tf.ModernBertConfig(**_BERT, pad_token_id=0, local_attention=6)
    ),
    "gpt2": lambda: tf.GPT2LMHeadModel(tf.GPT2Config(**_GPT, n_positions=64)),
    "gpt_neox": lambda: tf.GPTNeoXForCausalLM(tf.GPTNeoXConfig(**_BERT)),
    "llama": lambda: tf.LlamaForCausalLM(tf.LlamaConfig(**_LLAMA)),
    "qwen3": lambda: tf.Qwen3ForCausalLM(tf.Qwen3Config(**_LLAMA, head_dim=16)),
    "mistral": lambda: tf.MistralForCausalLM(tf.MistralConfig(**_LLAMA, sliding_window=5)),
    "gemma2": lambda: tf.Gemma2ForCausalLM(
        tf.Gemma2Config(**_LLAMA, head_dim=8, sliding_window=5, attn_logit_softcapping=2.0)
    ),
    "gemma4": lambda: tf.Gemma4ForCausalLM(tf.Gemma4TextConfig(**_LLAMA, **_GEMMA4)),
    "phi3": lambda: tf.Phi3ForCausalLM(tf.Phi3Config(**_LLAMA)),
    "opt": lambda: tf.OPTForCausalLM(tf.OPTConfig(**_OPT)),
    "gpt_oss": lambda: tf.GptOssForCausalLM(
        tf.GptOssConfig(**_LLAMA, **_MOE, sliding_window=5, layer_types=_SPARSE)
    ),
    "t5": lambda: tf.T5EncoderModel(
        tf.T5Config(d_model=32, d_kv=8, d_ff=48, num_layers=3, num_heads=4, vocab_size=60)
    ),
    "gptj": lambda: tf.GPTJForCausalLM(tf.GPTJConfig(**_GPT, n_positions=64, rotary_dim=4)),
    "gpt_neo": lambda: tf.GPTNeoForCausalLM(
        tf.GPTNeoConfig(
            hidden_size=32,
            num_layers=3,
            num_heads=4,
            vocab_size=60,
            window_size=5,
            max_position_embeddings=64,
            attention_types=[[["local", "global", "local"], 1]],
        )
    ),
    "bloom": lambda: tf.BloomForCausalLM(
        tf.BloomConfig(vocab_size=60, hidden_size=32, n_layer=3, n_head=4)
    ),
    "mpt": lambda: tf.MptForCausalLM(
        tf.MptConfig(vocab_size=60, d_model=32, n_layers=3, n_heads=4, max_seq_len=64)
    ),
    "falcon": lambda: tf.FalconForCausalLM(
        tf.FalconConfig(vocab_size=60, hidden_size=32, num_hidden_layers=3, num_attention_heads=4)
    ),
    "openai-gpt": lambda: tf.OpenAIGPTLMHeadModel(tf.OpenAIGPTConfig(**_GPT, n_positions=64)),
    "deberta-v2": lambda: tf.DebertaV2ForMaskedLM(
        tf.DebertaV2Config(
            **_BERT, relative_attention=True, pos_att_type=["p2c", "c2p"], position_buckets=8
        )
    ),
    "xlnet": lambda: tf.XLNetLMHeadModel(
        tf.XLNetConfig(vocab_size=60, d_model=32, n_layer=3, n_head=4, d_inner=48)
    ),
    "xlm": lambda: tf.XLMWithLMHeadModel(
        tf.XLMConfig(
            pad_index=0, n_words=60, emb_dim=32, n_layers=3, n_heads=4, max_position_embeddings=64
        )
    ),
    "vit": lambda: tf.ViTModel(
        tf.ViTConfig(
            hidden_size=32,
            num_hidden_layers=3,
            num_attention_heads=4,
            intermediate_size=48,
            image_size=16,
            patch_size=4,
        )
    ),
}


def net(family: str, seed: int = 0) -> tf.PreTrainedModel:
    """A net whose matrices are large enough for attention far from uniform."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        made = FAMILIES[family]().eval()
        if not made._can_set_attn_implementation():
            made.config._attn_implementation = "eager"  # as `loading` has it
        with torch.no_grad():
            for parameter in made.parameters():
                if parameter.ndim >= 2:
                    parameter.normal_(0, 0.25)
    return made


def tokenizer() -> tf.PreTrainedTokenizerFast:
    """Whole words, [CLS] before and [SEP] after."""
    vocabulary = {word: i for i, word in enumerate(SPECIAL + WORDS)}
    inner = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    inner.pre_tokenizer = Whitespace()
    ends = [(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
    inner.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    names = zip(("pad", "unk", "cls", "sep", "mask"), SPECIAL, strict=True)
    return tf.PreTrainedTokenizerFast(
        tokenizer_object=inner, **{f"{name}_token": token for name, token in names}
    )


def save(folder: Path, family: str, seed: int = 0) -> Path:
    """Write a model and its tokenizer as `from_pretrained` reads them."""
    net(family, seed).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


def save_deep(folder: Path, layers: int = 24, heads: int = 16) -> Path:
    """Write a causal model of many small heads, with the tokenizer of `save`."""
    sizes = {"n_embd": 4 * heads, "n_layer": layers, "n_head": heads}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = tf.GPT2LMHeadModel(tf.GPT2Config(**sizes, vocab_size=60, n_positions=64))
    made.save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


def change_config(folder: Path, **changes: object) -> None:
    """Change the saved settings; None takes one away."""
    file = folder / "config.json"
    values = json.loads(file.read_text()) | changes
    file.write_text(json.dumps({k: v for k, v in values.items() if v is not None}))


PASSAGES = (
    "the cat sat on a mat",
    "the old men sing of rain and the red dog ran to a house where the cat sat",
    "red rain",
    "where old men sing the cat and the dog sat on a red mat of rain",
    "the",
)


@dataclass(frozen=True)
class Text:
    """What extraction needs of a text."""

    passages: tuple[str, ...] = PASSAGES
    title: str = "Cats"
    digest: str = "0"
    targets: tuple[str, ...] = ()
