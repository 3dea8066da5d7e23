"""The set of pictures that comes with Headscope: six of each class, as PNG files."""

from pathlib import Path

import numpy as np

from training.vit import drawing
from training.vit.scenes import CLASSES, draw_scenes

EACH = 6  # pictures of a class
SEED = 24
NAMES = ("none", "row", "column", "elsewhere")  # in the order of `CLASSES`
ABOUT = """\
title: Twins
source: Drawn for Headscope: small shapes on paper, in most pictures two of them equal.
licence: Made by this project's own code (training/vit); there is nothing of others in them.
"""


def write(folder: Path) -> None:
    """Write the pictures and ``about.txt``; the same ones every time."""
    from PIL import Image

    rng = np.random.default_rng(SEED)
    scenes = draw_scenes(rng, 10 * EACH * len(CLASSES))
    pictures = drawing.as_bytes(drawing.draw(scenes.kinds, rng))
    folder.mkdir(parents=True, exist_ok=True)
    for label, name in enumerate(NAMES):
        for number, place in enumerate(np.flatnonzero(scenes.labels == label)[:EACH], start=1):
            Image.fromarray(pictures[place]).save(folder / f"{name}-{number}.png", optimize=True)
    (folder / "about.txt").write_text(ABOUT, encoding="utf-8")
