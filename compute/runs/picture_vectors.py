"""Pictures as a model reads them: its patches are the tokens, and a picture is a passage."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from compute.capture import passes
from compute.errors import HeadscopeError
from compute.models import picture_probe
from compute.models.model import Model
from compute.pictures import reading
from compute.pictures.grid import Grid
from compute.progress import Progress
from compute.runs import Run, cost, pace, vectors
from compute.runs.run import note_of
from compute.texts.tokens import Tokens

if TYPE_CHECKING:
    from compute.pictures import Pictures

SAID_EVERY = 10
"""After so many pictures it is said how many are read."""


def extract(
    model: Model,
    pictures: "Pictures",
    key: str,
    progress: Progress,
    ablate: passes.Ablate | None = None,
    announce: Callable[[str], None] | None = None,
    layers: str = "",
) -> Run:
    """Compute the vectors of pictures in a model and store them; see `vectors.extract`.

    Raises
    ------
    HeadscopeError
        As `vectors.extract`; if a picture can't be read, or the model's own processor makes
        pictures of another size of it than of those that the model was examined with.
    """
    name, grid = model.info.name, model.grid
    tokens = tokens_of(grid, len(pictures.files))
    held, notes = vectors.held_of(model, layers), ()
    read = cost.Read(model.info, tokens, tokens, held, grid.length)
    cost.check([read])  # before a thousand pictures are read
    if announce:
        seconds = pace.guessed(model, np.diff(tokens.starts), read.passed)
        announce(f"Reading {cost.estimate([read], seconds)} …")
    if held is not None:
        notes = (note_of(held, model.info.layers),)
    resized = _resized(model, pictures, announce)

    def inputs(batch: np.ndarray) -> dict[str, Any]:
        shown = picture_probe.pixels(model.processor, resized[batch], name)
        return picture_probe.inputs_of(model.net, shown)

    more = {"grid": grid, "pictures": resized, "labels": pictures.labels}
    more["pictures_digest"] = pictures.digest
    return vectors.keep(
        model, tokens, pictures.title, notes, key, progress, ablate, held, inputs=inputs, **more
    )


def tokens_of(grid: Grid, pictures: int) -> Tokens:
    """Return the tokens of so many pictures; an id is the place in the picture."""
    place = np.tile(np.arange(grid.length, dtype=np.int32), pictures)
    passage = np.repeat(np.arange(pictures, dtype=np.int32), grid.length)
    return Tokens(grid.strings * pictures, place, passage, place, place < len(grid.before))


def _resized(
    model: Model, pictures: "Pictures", announce: Callable[[str], None] | None
) -> np.ndarray:
    """Return what the model sees, uint8 (pictures, height, width, 3)."""
    name, grid, count = model.info.name, model.grid, len(pictures.files)
    found = np.empty(0)
    contents = zip(pictures.labels, pictures.contents(), strict=True)
    for number, (label, content) in enumerate(contents):
        if announce and number and number % SAID_EVERY == 0:
            announce(f"Reading the pictures: {number:,} of {count:,} …")
        read = reading.picture(content, label)
        (shown,) = picture_probe.processed(model.processor, [read], name)
        if number == 0:  # all at once: of a thousand there must not be two copies
            found = np.empty((count, *shown.shape), np.uint8)
        cut = picture_probe.cut(model.net, *shown.shape[:2])
        if cut != (grid.rows, grid.columns):
            raise HeadscopeError(
                f"{name} cuts “{label}” into {cut[0]} × {cut[1]} patches, and other pictures into "
                f"{grid.rows} × {grid.columns}: its image processor keeps their proportions. Cut "
                "all pictures to the proportions 4 : 3, or choose another model."
            )
        if shown.shape != found.shape[1:]:
            raise HeadscopeError(
                f"{name} reads pictures of different sizes in different ways, which Headscope "
                "can't show yet. Cut all pictures to one size, or choose another model."
            )
        found[number] = shown
    return found
