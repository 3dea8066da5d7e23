"""What a small vision transformer is asked in training, and saving what came of it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from transformers import ViTForImageClassification

from training.train import fit
from training.vit import drawing, measure, scenes, start
from training.vit.scenes import EMPTY, Scenes

STEPS = 4500
PICTURES = 32  # in one batch
REPORT_EVERY = 200  # steps
ANSWERS = drawing.GRID + 1  # of each question about a patch: a number from 0 to 8


class Questions(torch.nn.Module):
    """What every patch is asked in training: a linear layer on its last vector, thrown away later.

    How many objects are in my row, and in my column? In which row, and in which column, is my
    twin? (The last two of patches with an object.)
    """

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(start.WIDTH, 4 * ANSWERS)

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        """Return logits (pictures, patches, 4, answers)."""
        return self.layer(patches).unflatten(-1, (4, ANSWERS))


def train(
    *, steps: int = STEPS, seed: int = 0, report: Callable[[str], None] = print
) -> ViTForImageClassification:
    """Return a trained model.

    The same arguments give the same weights on the same machine; a single thread is used.

    Parameters
    ----------
    steps : int
        The learning rate falls to a twentieth over this many.
    report : callable
        Is given a line of progress now and then.
    """
    torch.set_num_threads(1)
    model, questions = start.untrained(seed).train(), Questions()
    rng = np.random.default_rng(seed)

    def losses_of(step: int) -> torch.Tensor:
        drawn = scenes.draw_scenes(rng, PICTURES)
        return batch_losses(model, questions, drawn, drawing.draw(drawn.kinds, rng))

    both = torch.nn.ModuleList([model, questions])
    fit(both, steps, losses_of, report, lambda: _on_scenes(model), REPORT_EVERY)
    return model.eval()


def save(model: ViTForImageClassification, folder: Path) -> None:
    """Write weights (float16 safetensors), settings and preprocessing, as transformers reads."""
    model.half().save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(PREPROCESSING, encoding="utf-8")


def batch_losses(
    model: ViTForImageClassification,
    questions: Questions,
    drawn: Scenes,
    pictures: np.ndarray,
) -> torch.Tensor:
    """Return mean cross-entropies (3,), in nats: of the class, the counts, the twins' places."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model.vit(pixel_values=measure.as_input(pictures)).last_hidden_state
        label = model.classifier(hidden[:, 0]).float()
        answers = questions(hidden[:, 1:]).float()
    counts, places = (
        torch.from_numpy(np.stack(part, axis=-1))
        for part in (scenes.counts(drawn), scenes.twin_places(drawn))
    )
    there = torch.from_numpy(drawn.kinds != EMPTY)
    parts = [
        _loss(label, torch.from_numpy(drawn.labels)),
        _loss(answers[:, :, :2], counts),
        _loss(answers[there][:, 2:], places[there]),
    ]
    return torch.stack(parts)


def _loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.cross_entropy(logits.flatten(0, -2), targets.flatten())


def _on_scenes(model: ViTForImageClassification) -> str:
    scores = measure.on_scenes(model)
    found = ", ".join(f"{name} {_best(grid)}" for name, grid in scores.shares.items())
    return f"right {scores.right:.3f}, {found}"


def _best(grid: np.ndarray) -> str:
    layer, head = np.unravel_index(grid.argmax(), grid.shape)
    return f"L{layer}H{head} {grid[layer, head]:.2f}"


PREPROCESSING = """\
{
  "do_normalize": true,
  "do_rescale": true,
  "do_resize": true,
  "image_mean": [0.94, 0.94, 0.94],
  "image_processor_type": "ViTImageProcessor",
  "image_std": [0.25, 0.25, 0.25],
  "resample": 2,
  "rescale_factor": 0.00392156862745098,
  "size": {"height": 64, "width": 64}
}
"""
