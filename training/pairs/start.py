"""The untrained encoder–decoder, a small BART, and its start values.

Set, and trained afterwards, are the position tables and two heads of the encoder's layer 0, which
begin by looking at the word before and the word after. All of the decoder and its cross attention
begin as random numbers.
"""

import torch
from transformers import BartConfig, BartForConditionalGeneration

from training.pairs.vocabulary import END, LONGEST, PAD, START
from training.start import POSITION_SIZE, SPREAD, offset_head, position_code

LAYERS = 3  # of the encoder, and of the decoder
HEADS = 4
WIDTH = 128
OFFSETS = (-1, 1)
"""Head i of the encoder's layer 0 begins by looking so many places away."""


def untrained(vocabulary: int, seed: int) -> BartForConditionalGeneration:
    """Return a model with its start values.

    Parameters
    ----------
    vocabulary : int
        Number of tokens.
    seed : int
        Of all random weights.
    """
    torch.manual_seed(seed)
    model = BartForConditionalGeneration(_config(vocabulary))
    code = POSITION_SIZE * position_code(LONGEST, WIDTH)
    with torch.no_grad():
        for half in (model.model.encoder, model.model.decoder):
            table = half.embed_positions
            table.weight[table.offset :] = code
        attention = model.model.encoder.layers[0].self_attn
        for head, offset in enumerate(OFFSETS):
            query, key = offset_head(WIDTH, HEADS, head, offset)
            rows = slice(head * WIDTH // HEADS, (head + 1) * WIDTH // HEADS)
            attention.q_proj.weight[rows] = query.T
            attention.k_proj.weight[rows] = key.T
    return model


def _config(vocabulary: int) -> BartConfig:
    return BartConfig(
        vocab_size=vocabulary,
        d_model=WIDTH,
        max_position_embeddings=LONGEST,
        encoder_layers=LAYERS,
        decoder_layers=LAYERS,
        encoder_attention_heads=HEADS,
        decoder_attention_heads=HEADS,
        encoder_ffn_dim=2 * WIDTH,
        decoder_ffn_dim=2 * WIDTH,
        dropout=0.0,
        attention_dropout=0.0,
        activation_dropout=0.0,
        init_std=SPREAD,
        pad_token_id=PAD,
        bos_token_id=START,
        eos_token_id=END,
        decoder_start_token_id=START,
        forced_eos_token_id=None,
        attn_implementation="eager",
    )
