"""The tokens of a picture: some of a model's own, then the patches of a grid, row by row."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

PLACES = (
    "Places go through a picture row by row, a model's own tokens first: an offset of −1 is the "
    "patch to the left, or from a row's first patch the last of the row above."
)
"""What places and offsets are, where others are told by them."""


@dataclass(frozen=True)
class Grid:
    """What the tokens of each picture of a run are.

    Attributes
    ----------
    rows, columns : int
        Of patches.
    before : tuple of str
        Names of the tokens before them, such as ``[CLS]``.
    """

    rows: int
    columns: int
    before: tuple[str, ...] = ()

    @property
    def length(self) -> int:
        """Tokens of a picture."""
        return len(self.before) + self.rows * self.columns

    @cached_property
    def strings(self) -> tuple[str, ...]:
        """The tokens of a picture as the page shows them; rows and columns count from 1."""
        places = ((row, column) for row in range(self.rows) for column in range(self.columns))
        return (*self.before, *(f"r{row + 1} c{column + 1}" for row, column in places))

    @cached_property
    def row(self) -> np.ndarray:
        """Row of each token of a picture, int32 (length,), from 0; -1 for those before."""
        return self._of_patches(np.arange(self.rows * self.columns) // self.columns)

    @cached_property
    def column(self) -> np.ndarray:
        """Column of each token of a picture, int32 (length,), from 0; -1 for those before."""
        return self._of_patches(np.arange(self.rows * self.columns) % self.columns)

    def boxes(self, height: int, width: int) -> np.ndarray:
        """Return what each patch covers of a picture of so many pixels, int (patches, 4).

        Top, left, bottom, right; the last two are not part of it.
        """
        tall, wide = height // self.rows, width // self.columns
        row, column = (each[len(self.before) :] for each in (self.row, self.column))
        corner = np.stack([row * tall, column * wide], axis=1)
        return np.concatenate([corner, corner + np.array([tall, wide])], axis=1)

    def _of_patches(self, values: np.ndarray) -> np.ndarray:
        return np.concatenate([np.full(len(self.before), -1), values]).astype(np.int32)
