"""Pictures as files for a page: as the model sees one, and attention to be laid over it."""

import base64
import io

import numpy as np
from PIL import Image

LAID = 0, 158, 142
"""The colour that attention is laid over a picture with, as assets/pictures/pictures.js has it."""
MOST_INK = 0.75
"""How strong it is where there is most attention."""


def png(pixels: np.ndarray) -> bytes:
    """Return the bytes of a PNG file of a picture, uint8 (height, width, 3 or 4)."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, format="PNG", compress_level=1)
    return file.getvalue()


def laid_over(weights: np.ndarray, most: float | None = None) -> bytes:
    """Return attention as a PNG file of one pixel a patch, to be drawn over the picture.

    The colour is as strong as the square root of a patch's share of `most`.

    Parameters
    ----------
    weights : float (rows, columns)
        Attention, at least 0.
    most : float, optional
        What has the full colour; the largest weight unless it is said.
    """
    most = float(weights.max(initial=0)) if most is None else most
    share = np.sqrt(np.clip(weights / most, 0, 1)) if most > 0 else np.zeros(weights.shape)
    pixels = np.empty((*weights.shape, 4), np.uint8)
    pixels[..., :3] = LAID
    pixels[..., 3] = np.round(255 * MOST_INK * share)
    return png(pixels)


def url(content: bytes) -> str:
    """Return a PNG file as an address that holds all of it."""
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"
