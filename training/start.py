"""Untrained models with the start values that let induction heads grow in a few minutes.

Everything set here is trained afterwards. Three things are set:

- the position table holds sines whose frequencies are spread evenly, so that positions are nearly
  orthogonal and a shift by one place is a rotation;
- in layer 0 the first heads look a given number of places away, by that rotation;
- in the heads called mimetic the key matrix equals the query matrix, so that a token begins by
  looking at tokens like itself (Trockman and Kolter, "Mimetic Initialization of Self-Attention
  Layers", 2023).
"""

import math
from dataclasses import dataclass

import torch
from transformers import BertConfig, BertForMaskedLM, GPT2Config, GPT2LMHeadModel

from training.vocabulary import BOS, LONGEST

Model = BertForMaskedLM | GPT2LMHeadModel

SPREAD = 0.05  # standard deviation of all other weights
MIMETIC_SPREAD = 0.088  # 1 / sqrt(width): logits of about one for equal tokens
POSITION_SIZE = 0.1  # amplitude of the position table
OFFSET_GAIN = 1.4  # sharpness of the heads that look a fixed distance away


@dataclass(frozen=True)
class Recipe:
    """What one kind of model is made of.

    Attributes
    ----------
    kind : str
        ``bert`` (masked tokens) or ``gpt`` (next token).
    steps : int
        Of the full training.
    offsets : tuple of int
        Head i of layer 0 begins by looking ``offsets[i]`` places away.
    mimetic : frozenset of (int, int)
        Layer and head of those that begin with equal queries and keys.
    """

    kind: str
    steps: int
    offsets: tuple[int, ...]
    mimetic: frozenset[tuple[int, int]]
    layers: int = 3
    heads: int = 4
    width: int = 128


RECIPES = {
    "bert": Recipe("bert", 2000, (-1, 1), frozenset({(1, 0), (1, 2), (2, 1)})),
    "gpt": Recipe(
        "gpt",
        1500,
        (-1,),
        frozenset({(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2), (2, 3)}),
    ),
}


def untrained(recipe: Recipe, vocabulary: int, seed: int) -> Model:
    """Return a model of the recipe with its start values.

    Parameters
    ----------
    vocabulary : int
        Number of tokens.
    seed : int
        Of all random weights.
    """
    torch.manual_seed(seed)
    if recipe.kind == "gpt":
        model = _gpt(recipe, vocabulary)
        table = model.transformer.wpe.weight
    else:
        model = _bert(recipe, vocabulary)
        table = model.bert.embeddings.position_embeddings.weight
    with torch.no_grad():
        table.copy_(POSITION_SIZE * position_code(*table.shape))
        for layer in range(recipe.layers):
            _set_attention(model, layer, *_start_of_layer(recipe, layer))
    return model


def frequencies(count: int) -> torch.Tensor:
    """Return `count` angular frequencies, evenly spread between 0 and pi per place."""
    return math.pi * (torch.arange(count) + 0.5) / count


def position_code(places: int, width: int) -> torch.Tensor:
    """Return sines in the even and cosines in the odd columns, (places, width)."""
    angles = torch.arange(places)[:, None] * frequencies(width // 2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).reshape(places, width)


def _start_of_layer(recipe: Recipe, layer: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return query and key weights of a layer, (width, width) each, for ``x @ weight``."""
    size = recipe.width // recipe.heads
    pairs = []
    for head in range(recipe.heads):
        if layer == 0 and head < len(recipe.offsets):
            pairs.append(offset_head(recipe.width, recipe.heads, head, recipe.offsets[head]))
        elif (layer, head) in recipe.mimetic:
            weight = torch.randn(recipe.width, size) * MIMETIC_SPREAD
            pairs.append((weight, weight))
        else:
            pairs.append(tuple(torch.randn(2, recipe.width, size) * SPREAD))
    queries, keys = zip(*pairs, strict=True)
    return torch.cat(queries, dim=1), torch.cat(keys, dim=1)


def offset_head(
    width: int, heads: int, head: int, offset: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return query and key weights of a head that looks `offset` places away, (width, size) each.

    Its keys are a part of the position code (every fourth frequency of four heads); its queries
    are the same part, turned by the offset.
    """
    size = width // heads
    query, key = torch.zeros(2, width, size)
    turns = frequencies(width // 2) * offset
    for column, wave in enumerate(range(head, width // 2, heads)):
        rows, columns = slice(2 * wave, 2 * wave + 2), slice(2 * column, 2 * column + 2)
        cos, sin = math.cos(turns[wave]), math.sin(turns[wave])
        key[rows, columns] = OFFSET_GAIN * torch.eye(2)
        query[rows, columns] = OFFSET_GAIN * torch.tensor([[cos, -sin], [sin, cos]])
    return query, key


def _set_attention(model: Model, layer: int, query: torch.Tensor, key: torch.Tensor) -> None:
    if isinstance(model, GPT2LMHeadModel):
        width = len(query)
        joint = model.transformer.h[layer].attn.c_attn.weight  # (width, 3 * width): x @ weight
        joint[:, :width] = query
        joint[:, width : 2 * width] = key
    else:
        attention = model.bert.encoder.layer[layer].attention.self
        attention.query.weight.copy_(query.T)
        attention.key.weight.copy_(key.T)


def _gpt(recipe: Recipe, vocabulary: int) -> GPT2LMHeadModel:
    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=vocabulary,
            n_positions=LONGEST,
            n_embd=recipe.width,
            n_layer=recipe.layers,
            n_head=recipe.heads,
            activation_function="gelu_pytorch_tanh",
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
            bos_token_id=BOS,
            eos_token_id=BOS,
            initializer_range=SPREAD,
            attn_implementation="eager",
        )
    )


def _bert(recipe: Recipe, vocabulary: int) -> BertForMaskedLM:
    return BertForMaskedLM(
        BertConfig(
            vocab_size=vocabulary,
            hidden_size=recipe.width,
            num_hidden_layers=recipe.layers,
            num_attention_heads=recipe.heads,
            intermediate_size=4 * recipe.width,
            max_position_embeddings=LONGEST,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            pad_token_id=0,
            initializer_range=SPREAD,
            attn_implementation="eager",
        )
    )
