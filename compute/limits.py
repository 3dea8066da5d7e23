"""How much a person may ask for: the page's fields, the checks of requests and the command line.

All read these numbers here, so that what a field lets through is what the server takes.
"""

from typing import NamedTuple


class Range(NamedTuple):
    """Whole numbers from `low` to `high`, both included."""

    low: int
    high: int


TRIALS = Range(1, 500)
LENGTH = Range(4, 1000)
"""Random tokens per copy."""
SEED = Range(0, 2**31 - 1)
STEPS = Range(1, 10_000)
"""Of the fit of a map."""
STRONGEST = Range(1, 64)
"""How many heads are switched off at once by strength."""
LAYER = Range(0, 9_999)
"""Of a layer or head; which ones a model has is another question."""
LAYERS = 1_000
"""Characters that name some layers."""
OFFSET = Range(-500, 500)
PASSAGE = Range(1, 100_000)
"""A passage as the page counts them."""

MODEL = 1_000
"""Characters in what names a model or a text."""
SENTENCE = 2_000
"""Characters in a sentence that is added to a map."""
PROPERTY = 1_000
"""Characters in what names a property of tokens."""
NOTE = 2_000
"""Characters in a note on a head."""
SHORTLIST = 40
"""Heads whose pictures go into one HTML file."""
MODELS = 12
"""Models side by side."""
HEADS = 4_096
"""Heads switched off at once."""
RULES = 20_000
"""Characters in the user's own patterns for classes of tokens."""
CELLS = 20_000
"""Cells painted in a heatmap."""
POINTS = 500_000
"""Queries, and as many keys, selected with the lasso."""
SELECTION_NAME = 60
"""Characters in the name of a selection that is kept."""
SELECTIONS = 100
"""Selections that are kept of one text."""
FIELD = 60
"""Characters in the name of a field of a corpus."""
CORPUS_FILES = 100
"""Files that are dropped at once for a corpus."""
LABELS_FILE = 4_000_000
"""Bytes in a file of labels."""
PICTURE_BYTES = 20 * 2**20
"""In the file of a picture."""
PICTURE_PIXELS = 40_000_000
"""Of a picture, decoded."""


def encoded(size: int) -> int:
    """Return the most characters that a file of `size` bytes takes as the page sends it."""
    return size * 4 // 3 + 300  # base64, and the header with the file's type
