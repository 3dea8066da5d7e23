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
from compute.limits import PICTURE_BYTES, PICTURE_PIXELS

Read = TypeVar("Read")
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF")
ROWS = 256
"""Rows of pixels that are converted at once."""
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
    return _read(content, name, _upright)


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
    if len(content) > PICTURE_BYTES:
        raise HeadscopeError(
            f"{name} is larger than {PICTURE_BYTES / 2**20:.0f} MiB. Make it smaller and try again."
        )
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            _check_size(opened.size, name)
            opened.seek(0)
            return use(opened)
    except HeadscopeError:
        raise
    except Image.DecompressionBombError as error:  # larger still: Pillow doesn't say by how much
        raise HeadscopeError(
            f"{name} has more than the {PICTURE_PIXELS // 10**6} million pixels that can be read. "
            "Make it smaller and try again."
        ) from error
    except Exception as error:  # decoders raise any kind on broken bytes
        raise HeadscopeError(
            f"{name} is no picture that can be read. Choose PNG, JPEG, WebP, BMP or GIF files."
        ) from error


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width * height > PICTURE_PIXELS:
        raise HeadscopeError(
            f"{name} has {width:,} × {height:,} pixels, and at most "
            f"{PICTURE_PIXELS // 10**6} million can be read. Make it smaller and try again."
        )
    if max(size) > NARROWEST * min(size):
        raise HeadscopeError(
            f"{name} has {width:,} × {height:,} pixels, which is too narrow. Cut it and try again."
        )


def _numbers(image: Image.Image) -> np.ndarray:
    """Return what a decoded picture shows, some rows at a time: there is no second copy of it."""
    if image.mode.startswith("I;16"):  # Pillow would cut these off at 255
        grey = (np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    width, height = image.size
    found = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, ROWS):
        bottom = min(top + ROWS, height)
        found[top:bottom] = _opaque(image.crop((0, top, width, bottom)))
    return found


def _opaque(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _upright(image: Image.Image) -> np.ndarray:
    ImageOps.exif_transpose(image, in_place=True)
    return _numbers(image)
