"""The untrained ViT and its start values.

Everything set here is trained afterwards. One half of the position table says the row and the
other the column, as sines of evenly spread frequencies; in layer 0 head 0 begins by looking along
its row, and head 1 along its column. All other heads begin as random numbers.
"""

import torch
from transformers import ViTConfig, ViTForImageClassification

from training.start import SPREAD, position_code
from training.vit.drawing import CELL, GRID, SIDE
from training.vit.scenes import CLASSES

LAYERS = 4
HEADS = 4
WIDTH = 96
POSITION_SIZE = 0.5  # amplitude of the position table: about that of a cell with an object
GAIN = 2.0  # sharpness of the heads that look along a row or a column


def untrained(seed: int) -> ViTForImageClassification:
    """Return a model with its start values; the seed is that of all random weights."""
    torch.manual_seed(seed)
    model = ViTForImageClassification(_config())
    code = POSITION_SIZE * position_code(GRID, WIDTH // 2)
    row, column = torch.arange(GRID * GRID) // GRID, torch.arange(GRID * GRID) % GRID
    attention, size = model.vit.layers[0].attention, WIDTH // HEADS
    with torch.no_grad():
        table = model.vit.embeddings.position_embeddings
        table[0, 1:] = torch.cat([code[row], code[column]], dim=1)
        for head, first in enumerate((0, WIDTH // 2)):
            rows = slice(head * size, (head + 1) * size)
            attention.q_proj.weight[rows] = attention.k_proj.weight[rows] = _line_head(first)
    return model


def _line_head(first: int) -> torch.Tensor:
    """Return weights, (size, width), that read every second wave of a half of the position code.

    As queries and as keys they make a head that looks where this half is as it is here.
    """
    wave = torch.arange(first, first + WIDTH // 2, 4)
    columns = torch.stack([wave, wave + 1], dim=1).flatten()
    weight = torch.zeros(len(columns), WIDTH)
    weight[torch.arange(len(columns)), columns] = GAIN
    return weight


def _config() -> ViTConfig:
    return ViTConfig(
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=2 * WIDTH,
        image_size=SIDE,
        patch_size=CELL,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        initializer_range=SPREAD,
        id2label=dict(enumerate(CLASSES)),
        label2id={name: number for number, name in enumerate(CLASSES)},
        attn_implementation="eager",
    )
