"""Pictures drawn by the tests: noise, stripes, and the bytes of files of many formats."""

import io
from pathlib import Path

import numpy as np
from PIL import Image


def noise(height: int = 40, width: int = 40, seed: int = 0) -> np.ndarray:
    """Smooth noise, uint8 (height, width, 3)."""
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 6, 3), dtype=np.uint8)
    return np.array(Image.fromarray(coarse).resize((width, height), Image.Resampling.BILINEAR))


def encoded(pixels: np.ndarray | Image.Image, format: str = "PNG", **options: object) -> bytes:
    """The bytes of a file."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = io.BytesIO()
    image.save(file, format=format, **options)
    return file.getvalue()


def folder(place: Path, count: int = 3) -> Path:
    """A folder with so many PNG files of noise."""
    place.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (place / f"noise-{number}.png").write_bytes(encoded(noise(seed=number)))
    return place
