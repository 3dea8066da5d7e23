"""A picture as the model sees it, as a file for the page."""

import io

import numpy as np
from PIL import Image


def png(pixels: np.ndarray) -> bytes:
    """Return the bytes of a PNG file of a picture, uint8 (height, width, 3)."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, format="PNG", compress_level=1)
    return file.getvalue()
