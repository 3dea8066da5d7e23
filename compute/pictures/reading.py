"""One picture from a file's bytes: checked before it is decoded, turned upright, as numbers.

Files come from anywhere. The format is told from the bytes, of a few that Pillow reads safely; the
header tells the size, so that a small file that would fill the memory is refused before.
"""

import io
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from PIL import Image, ImageOps

from compute.errors import HeadscopeError

Read = TypeVar("Read")
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
MOST_BYTES = 20 * 2**20
MOST_PIXELS = 40_000_000
NARROWEST = 20
"""A picture may be so many times as long as wide: models cut a square out of it."""


def picture(content: bytes, name: str) -> np.ndarray:
    """Return a picture, uint8 (height, width, 3): red, green, blue.

    Of several frames the first; turned as its EXIF data say; what is transparent becomes white.

    Parameters
    ----------
    name : str
        Of the file, for errors.

    Raises
    ------
    HeadscopeError
        If it is none of `FORMATS`, is broken, or too large or too narrow to be shown.
    """
    return _read(content, name, lambda opened: _numbers(ImageOps.exif_transpose(opened)))


def check(content: bytes, name: str) -> None:
    """Decode a picture only to see that it can be read; a JPEG an eighth as large, and faster.

    Raises
    ------
    HeadscopeError
        As `picture`.
    """

    def decode(opened: Image.Image) -> None:
        opened.draft(None, (1, 1))
        opened.load()

    _read(content, name, decode)


def _read(content: bytes, name: str, use: Callable[[Image.Image], Read]) -> Read:
    """Return what is made of a picture's first frame, if there is nothing against it."""
    if len(content) > MOST_BYTES:
        raise HeadscopeError(
            f"{name} is larger than {MOST_BYTES / 2**20:.0f} MiB. Make it smaller and try again."
        )
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            _check_size(opened.size, name)
            opened.seek(0)
            return use(opened)
    except HeadscopeError:
        raise
    except Exception as error:  # decoders raise any kind on broken bytes
        raise HeadscopeError(
            f"{name} is no picture that can be read. Choose PNG, JPEG, WebP, BMP or GIF files."
        ) from error


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise HeadscopeError(
            f"{name} has {width:,} × {height:,} pixels, and at most {MOST_PIXELS // 10**6} million "
            "can be read. Make it smaller and try again."
        )
    if max(size) > NARROWEST * min(size):
        raise HeadscopeError(
            f"{name} has {width:,} × {height:,} pixels, which is too narrow. Cut it and try again."
        )


def _numbers(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I;16"):  # Pillow would cut these off at 255
        grey = (np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return np.array(image.convert("RGB"), dtype=np.uint8)
