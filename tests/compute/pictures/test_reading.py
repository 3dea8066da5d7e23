"""One picture from bytes: the same numbers in each format; what is none is refused."""

import struct
import zlib

import numpy as np
import pytest
from drawings import encoded, noise
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from compute.errors import HeadscopeError
from compute.limits import PICTURE_BYTES
from compute.pictures import reading


@pytest.mark.parametrize(
    "format, options",
    [
        ("PNG", {}),
        ("BMP", {}),
        ("WEBP", {"lossless": True, "exact": True}),
        ("JPEG", {}),
        ("GIF", {}),
    ],
)
def test_each_format_gives_its_pixels(format, options):
    pixels = noise(24, 36)
    found = reading.picture(encoded(pixels, format, **options), "it")
    assert found.dtype == np.uint8 and found.shape == (24, 36, 3)
    apart = np.abs(found.astype(int) - pixels)
    assert apart.max() == 0 if format in ("PNG", "BMP", "WEBP") else apart.mean() < 12


def test_a_large_photograph_is_checked_without_all_of_its_pixels(monkeypatch):
    decoded = []
    load = JpegImageFile.load
    monkeypatch.setattr(
        JpegImageFile, "load", lambda image: (load(image), decoded.append(image.size))[0]
    )
    reading.check(encoded(noise(800, 1600), "JPEG"), "it")
    assert decoded == [(200, 100)]


def test_a_picture_is_turned_upright():
    pixels = noise(24, 36)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90° clockwise
    found = reading.picture(encoded(pixels, "PNG", exif=exif), "it")
    assert np.array_equal(found, np.rot90(pixels, -1))


def test_the_first_frame_of_an_animation_is_meant():
    one, two = (Image.fromarray(np.full((8, 8, 3), grey, np.uint8)) for grey in (40, 200))
    found = reading.picture(encoded(one, "GIF", save_all=True, append_images=[two]), "it")
    assert (found == 40).all()


def test_transparent_is_white_and_grey_has_three_colours():
    clear = np.zeros((4, 4, 4), np.uint8)
    clear[0, 0] = 10, 20, 30, 255
    found = reading.picture(encoded(clear), "it")
    assert found[0, 0].tolist() == [10, 20, 30] and (found[1:] == 255).all()
    deep = np.full((4, 4), 40_000, np.uint16)
    assert (reading.picture(encoded(deep), "it") == 40_000 >> 8).all()
    assert (reading.picture(encoded(np.full((4, 4), 7, np.uint8)), "it") == 7).all()


def test_a_large_picture_is_converted_some_rows_at_a_time(monkeypatch):
    pixels = np.random.default_rng(0).integers(0, 256, (2 * reading.ROWS + 7, 80, 4), np.uint8)
    whole = reading._opaque(Image.fromarray(pixels))
    sizes, opaque = [], reading._opaque
    monkeypatch.setattr(
        reading, "_opaque", lambda image: (sizes.append(image.height), opaque(image))[1]
    )
    assert np.array_equal(reading.picture(encoded(pixels), "it"), np.asarray(whole))
    assert sizes == [reading.ROWS, reading.ROWS, 7]


def bomb(width, height):
    """A PNG file of a few bytes whose header says that it is enormous."""

    def chunk(kind, data):
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("size", [(10_000, 9_000), (100_000, 100_000)])
def test_a_bomb_is_refused_by_its_header(size):
    with pytest.raises(HeadscopeError, match=r"^bomb\.png has .* million"):
        reading.picture(bomb(*size), "bomb.png")


@pytest.mark.parametrize(
    "content, said",
    [(b"", "no picture"), (b"just text", "no picture"), (encoded(noise())[:200], "no picture"),
     (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "no picture"),
     (encoded(noise(400, 400), "JPEG")[:3000], "no picture"),
     (encoded(noise(), "TIFF"), "no picture"), (bomb(4000, 20), "too narrow"),
     (b"\x89PNG" + bytes(PICTURE_BYTES), "larger than 20 MiB")],
)  # fmt: skip
def test_what_is_no_picture_is_refused(content, said):
    for read in (reading.picture, reading.check):
        with pytest.raises(HeadscopeError, match=said):
            read(content, "it")
