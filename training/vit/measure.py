"""Whether it works: classes, and where the heads look."""

from dataclasses import dataclass

import numpy as np
import torch
from transformers import ViTForImageClassification

from training.vit import drawing
from training.vit.drawing import GRID
from training.vit.scenes import EMPTY, NONE, Scenes, draw_scenes

MEAN, DEVIATION = 0.94, 0.25  # of all three colours: the paper is hardly seen
PICTURES = 200
SEED = 1234
NEIGHBOURS = {"left": (0, -1), "right": (0, 1), "above": (-1, 0), "below": (1, 0)}


@dataclass(frozen=True)
class Scores:
    """How a model does.

    Attributes
    ----------
    right : float
        Share of pictures whose class is the one with the highest logit.
    shares : dict of str to float64 (layers, heads)
        Attention, a mean over patches and pictures: ``row`` and ``column`` to all other patches of
        one's row or column; ``left``, ``right``, ``above``, ``below`` to the neighbour, where there
        is one; ``twin`` from one twin to the other; ``objects`` and ``twins`` from [CLS] to all
        objects, or to both twins.
    even : dict of str to float
        The same of attention that is equal everywhere.
    """

    right: float
    shares: dict[str, np.ndarray]
    even: dict[str, float]


def on_scenes(model: ViTForImageClassification) -> Scores:
    """Return how a model does on 200 new pictures."""
    rng = np.random.default_rng(SEED)
    scenes = draw_scenes(rng, PICTURES)
    labels, attention = look(model, drawing.draw(scenes.kinds, rng))
    pairs = wanted(scenes)
    return Scores(
        float((labels == scenes.labels).mean()),
        {name: share(attention, mask) for name, mask in pairs.items()},
        {
            name: float(share(np.full((1, 1, *mask.shape), 1 / mask.shape[-1]), mask)[0, 0])
            for name, mask in pairs.items()
        },
    )


@torch.no_grad()
def look(model: ViTForImageClassification, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the classes and the attention, (layers, heads, pictures, 65, 65), of pictures."""
    was_training = model.training
    model.eval()
    reply = model(pixel_values=as_input(pictures), output_attentions=True)
    model.train(was_training)
    attention = torch.stack(reply.attentions).transpose(1, 2)
    return reply.logits.argmax(-1).numpy(), attention.numpy()


def as_input(pictures: np.ndarray) -> torch.Tensor:
    """Return pictures as the model reads them: channels first, paper about 0, ink about -3."""
    return torch.from_numpy((pictures.transpose(0, 3, 1, 2) - MEAN) / DEVIATION)


def wanted(scenes: Scenes) -> dict[str, np.ndarray]:
    """Return for each score which keys count for which query; bool (pictures, 65, 65).

    A query for which none counts is left out of the mean.
    """
    row, column = np.divmod(np.arange(GRID * GRID), GRID)
    other = ~np.eye(GRID * GRID, dtype=bool)
    grid = {
        "row": (row[:, None] == row) & other,
        "column": (column[:, None] == column) & other,
    }
    for name, (down, right) in NEIGHBOURS.items():
        grid[name] = (row == row[:, None] + down) & (column == column[:, None] + right)
    count = len(scenes.labels)
    result = {name: np.zeros((count, 1 + GRID * GRID, 1 + GRID * GRID), bool) for name in grid}
    for name, mask in grid.items():
        result[name][:, 1:, 1:] = mask
    shape = next(iter(result.values())).shape
    objects, twins, twin = (np.zeros(shape, bool) for _ in range(3))
    objects[:, 0, 1:] = scenes.kinds != EMPTY
    board = np.flatnonzero(scenes.labels != NONE)
    one, two = scenes.twins[board].T + 1
    twin[board, one, two] = twin[board, two, one] = True
    twins[board, 0, one] = twins[board, 0, two] = True
    return result | {"twin": twin, "objects": objects, "twins": twins}


def share(attention: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the attention to what counts, a mean over the queries that have any.

    Parameters
    ----------
    attention : float (layers, heads, n, queries, keys)
    mask : bool (n, queries, keys)
    """
    queries = mask.any(-1)
    counted = np.einsum("lhnqk,nqk->lh", attention, mask, dtype=np.float64)
    return counted / queries.sum()
