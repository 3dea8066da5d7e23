"""Two-layer induction circuits written by hand into BERT and GPT-2: every score is known.

The residual stream has one axis per token (what stands here), one per position, and room for the
tokens that stand before and after. Equal numbers of ones everywhere make LayerNorm a constant
stretch, which the weights undo.
"""

import tiny
import torch
from patterns import info
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertForMaskedLM,
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedTokenizerFast,
)

from compute.models.model import Model

WORDS, PLACES = 40, 64  # of vocabulary and of positions
TOKEN, PLACE, BEFORE, AFTER = 0, WORDS, WORDS + PLACES, 2 * WORDS + PLACES
SHARP = 200.0
SPECIALS = ["[PAD]", "[CLS]", "[SEP]", "[MASK]"]
CLS, SEP, MASK = 1, 2, 3


def tokenizer(masked: bool) -> PreTrainedTokenizerFast:
    """Return one whose ids 4 to 39 are words; BERT's adds [CLS] and [SEP], GPT's [CLS] alone."""
    names = SPECIALS + [f"w{i}" for i in range(WORDS - len(SPECIALS))]
    raw = Tokenizer(models.WordLevel({n: i for i, n in enumerate(names)}, unk_token="[PAD]"))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    raw.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]" if masked else "[CLS] $A",
        special_tokens=[("[CLS]", CLS), ("[SEP]", SEP)],
    )
    roles = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    if masked:
        roles["mask_token"] = "[MASK]"
    return PreTrainedTokenizerFast(tokenizer_object=raw, **roles)


def stretch(width: int, ones: int) -> tuple[float, float]:
    """Return what LayerNorm makes of a zero, and the step from it to what it makes of a one."""
    mean = ones / width
    deviation = (mean * (1 - mean) + 1e-12) ** 0.5
    return -mean / deviation, 1 / deviation


def set_linear(weight, bias, rows: dict[int, dict[int, float]], low: float, step: float) -> None:
    """Let output i be the sum of factor x one-hot axis, whatever LayerNorm did to the axes.

    `weight` is (out, in).
    """
    with torch.no_grad():
        for i, sources in rows.items():
            for axis, factor in sources.items():
                weight[i, axis] = factor / step
            bias[i] = -low / step * sum(sources.values())


def shift(offset: int, places: int) -> dict[int, dict[int, float]]:
    """Return queries that ask for the place `offset` away, or for themselves at the ends."""
    asked: dict[int, dict[int, float]] = {i: {} for i in range(places)}
    for place in range(places):
        target = place + offset if 0 <= place + offset < places else place
        asked[target][PLACE + place] = SHARP
    return asked


def axes(start: int, count: int, factor: float = 1.0) -> dict[int, dict[int, float]]:
    return {i: {start + i: factor} for i in range(count)}


def causal_model(backup: bool = False) -> Model:
    """Return a GPT-2: L0H0 looks one back, L1H0 is the induction head, the rest look at [CLS].

    With a backup: L1H0 also says that it is there, by a one in room that is free, and L2H0 is an
    induction head that looks at [CLS] where it finds this.
    """
    width, heads = 2 * 92, 2
    size = width // heads
    config = GPT2Config(
        vocab_size=WORDS,
        n_positions=PLACES,
        n_embd=width,
        n_layer=3 if backup else 2,
        n_head=heads,
        layer_norm_epsilon=1e-12,
        bos_token_id=CLS,
        eos_token_id=CLS,
        tie_word_embeddings=False,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
    )
    net = blank(GPT2LMHeadModel(config))
    with torch.no_grad():
        net.transformer.wte.weight[:, TOKEN : TOKEN + WORDS] = torch.eye(WORDS)
        net.transformer.wpe.weight[:, PLACE : PLACE + PLACES] = torch.eye(PLACES)
    root = size**0.5  # undoes the scaling of logits
    first = {i: {PLACE: SHARP * root} if i == 0 else {} for i in range(size)}
    always = {0: {}}
    layers = [
        (shift(-1, PLACES), axes(PLACE, PLACES, root), 2),
        (axes(TOKEN, WORDS, SHARP), axes(BEFORE, WORDS, root), 3),
    ]
    if backup:
        queries, keys = axes(TOKEN, WORDS, SHARP), axes(BEFORE, WORDS, root)
        layers.append((queries | {WORDS: {AFTER: 4 * SHARP}}, keys | {WORDS: {PLACE: root}}, 4))
    for block, (queries, keys, ones) in zip(net.transformer.h, layers, strict=True):
        low, step = stretch(width, ones)
        weight, bias = block.attn.c_attn.weight.T, block.attn.c_attn.bias
        set_linear(weight[:size], bias[:size], queries, low, step)
        set_linear(weight[width : width + size], bias[width : width + size], keys, low, step)
        rest = slice(size, width)  # the second head
        set_linear(weight[rest], bias[rest], always, low, step)
        with torch.no_grad():
            bias[size] = 1.0
        rest = slice(width + size, 2 * width)
        set_linear(weight[rest], bias[rest], first, low, step)
    block = net.transformer.h[0]
    low, step = stretch(width, 2)
    values = slice(2 * width, 2 * width + size)
    weight, bias = block.attn.c_attn.weight.T, block.attn.c_attn.bias
    set_linear(weight[values], bias[values], axes(TOKEN, WORDS), low, step)
    with torch.no_grad():
        block.attn.c_proj.weight[:WORDS, BEFORE : BEFORE + WORDS] = torch.eye(WORDS)
        if backup:
            attention = net.transformer.h[1].attn
            attention.c_attn.bias[2 * width] = 1.0
            attention.c_proj.weight[0, AFTER] = 1.0
    changes = {"positions": PLACES, "identity": "circuit-gpt"}
    return Model(info(config.n_layer, heads, True, size, **changes), net, tokenizer(masked=False))


def copier(sign: float) -> Model:
    """Return the causal circuit, its induction head writing what it reads to the token's axis."""
    model = causal_model()
    width, eye = model.net.config.n_embd, torch.eye(WORDS)
    block = model.net.transformer.h[1]
    with torch.no_grad():
        values = slice(2 * width, 2 * width + WORDS)
        low, step = stretch(width, 3)
        rows = axes(TOKEN, WORDS)
        weight, bias = block.attn.c_attn.weight.T, block.attn.c_attn.bias
        set_linear(weight[values], bias[values], rows, low, step)
        block.attn.c_proj.weight[:WORDS, :WORDS] = sign * eye
        model.net.lm_head.weight[:, :WORDS] = eye
    return model


def masked_model() -> Model:
    """Return a BERT: L0H0 looks one back, L0H1 one ahead, L1H0 retrieves, L1H1 looks at [CLS].

    The retrieval head compares the neighbours of the query with those of every ordinary key.
    """
    width, heads = 2 * 92, 2
    size = width // heads
    config = BertConfig(
        vocab_size=WORDS,
        hidden_size=width,
        num_hidden_layers=2,
        num_attention_heads=heads,
        intermediate_size=8,
        max_position_embeddings=PLACES,
        layer_norm_eps=1e-12,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        tie_word_embeddings=False,
    )
    net = blank(BertForMaskedLM(config))
    embeddings = net.bert.embeddings
    with torch.no_grad():
        embeddings.word_embeddings.weight[:, TOKEN : TOKEN + WORDS] = torch.eye(WORDS)
        embeddings.position_embeddings.weight[:, PLACE : PLACE + PLACES] = torch.eye(PLACES)
    root = size**0.5
    first, second = net.bert.encoder.layer
    low, step = stretch(width, 2)
    attention = first.attention.self
    for head, offset, room in ((0, -1, BEFORE), (1, 1, AFTER)):
        own = slice(head * size, (head + 1) * size)
        for linear, rows in (
            (attention.query, shift(offset, PLACES)),
            (attention.key, axes(PLACE, PLACES, root)),
            (attention.value, axes(TOKEN, WORDS)),
        ):
            set_linear(linear.weight[own], linear.bias[own], rows, low, step)
        with torch.no_grad():
            for i in range(WORDS):
                first.attention.output.dense.weight[room + i, head * size + i] = step
    low, step = stretch(width, 4)
    attention = second.attention.self
    neighbours = axes(BEFORE, 2 * WORDS)
    queries = {i: {axis: SHARP for axis in row} for i, row in neighbours.items()}
    keys = {i: {axis: root for axis in row} for i, row in neighbours.items()}
    keys[2 * WORDS] = {TOKEN + token: -4 * SHARP * root for token in (MASK, SEP)}
    set_linear(attention.query.weight[:size], attention.query.bias[:size], queries, low, step)
    set_linear(attention.key.weight[:size], attention.key.bias[:size], keys, low, step)
    set_linear(
        attention.key.weight[size:],
        attention.key.bias[size:],
        {0: {PLACE: SHARP * root}},
        low,
        step,
    )
    with torch.no_grad():
        attention.query.bias[2 * WORDS] = 1.0
        attention.query.bias[size] = 1.0
    changes = {"positions": PLACES, "identity": "circuit-bert", "mask_id": MASK}
    return Model(info(2, heads, False, size, **changes), net, tokenizer(masked=True))


def blank(net):
    """Set every weight to zero and every LayerNorm to plain."""
    with torch.no_grad():
        for module in net.modules():
            for parameter in module.parameters(recurse=False):
                parameter.zero_()
            if isinstance(module, torch.nn.LayerNorm):
                module.weight.fill_(1.0)
    return net.float().eval()


def tiny_llama() -> Model:
    """Four query heads on two key-value heads, rotary positions, random weights."""
    known = info(3, 4, True, 8, kv_heads=2, positions=64, identity="tiny-llama")
    return Model(known, tiny.net("llama"), tokenizer(masked=False))


def masked_copier() -> Model:
    """Return the masked circuit, its retrieval head writing what it reads to the token's axis.

    The prediction head is BERT's, with a matrix of ones on its diagonal: an activation and a norm
    stand before the logits.
    """
    model = masked_model()
    second, head = model.net.bert.encoder.layer[1], model.net.cls.predictions
    low, step = stretch(model.net.config.hidden_size, 4)
    values = second.attention.self.value
    set_linear(values.weight, values.bias, axes(TOKEN, WORDS), low, step)
    with torch.no_grad():
        second.attention.output.dense.weight[:WORDS, :WORDS] = 2 * torch.eye(WORDS)
        head.transform.dense.weight.fill_diagonal_(1.0)
        head.decoder.weight[:, :WORDS] = torch.eye(WORDS)
    return model
