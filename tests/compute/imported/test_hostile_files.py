"""Files that are broken, lie or change: each is refused in a sentence, nothing half is kept."""

import errno
import io
import json
import os
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import imports
import numpy as np
import psutil
import pytest

from compute.errors import HeadscopeError
from compute.finding import imported
from compute.imported import arrays, making, words
from compute.store import drafts


def refused(asked, cache, match):
    with pytest.raises(HeadscopeError, match=match) as told:
        making.make(asked)
    assert "\n" not in str(told.value) and len(str(told.value)) < 700
    assert imported.every() == []
    assert not (cache / "runs").exists() or list((cache / "runs").iterdir()) == []


class Trap:
    """What makes a folder if somebody unpickles it."""

    def __init__(self, folder: Path):
        self.folder = str(folder)

    def __reduce__(self):
        return (os.mkdir, (self.folder,))


def sprung(file: Path) -> Path:
    return file.parent / "sprung"


def header(shape, kind="<f4", by_columns=False):
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        out, {"descr": kind, "fortran_order": by_columns, "shape": shape}
    )
    return out.getvalue()


def headed(text):
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


BROKEN = {
    "pickled": (
        lambda f: np.save(f, np.array([Trap(sprung(f))]), allow_pickle=True), "never read"
    ),
    "a lie": (lambda f: f.write_bytes(header((2, 4, 8, 10**6))), "shorter than its q"),
    "too large": (lambda f: f.write_bytes(header((10**6,) * 4)), "shorter than its q"),
    "no numbers": (lambda f: f.write_bytes(header((2, 0, 8, 6))), "no such array"),
    "a giant header": (
        lambda f: f.write_bytes(b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31)), "can't be read"
    ),
    "less than nothing": (
        lambda f: f.write_bytes(header((-2, -4, 8, 6)) + bytes(10_000)), "no such array"
    ),
    "a header too deep": (lambda f: f.write_bytes(headed("-" * 9000 + "1")), "can't be read"),
    "an open header": (lambda f: f.write_bytes(headed("(" * 9000)), "can't be read"),
    "text": (lambda f: f.write_text("hello"), "can't be read"),
    "nothing": (lambda f: f.write_bytes(b""), "can't be read"),
    "columns": (lambda f: np.save(f, np.zeros((2, 4, 8, 6), np.float32).T), "column by column"),
    "whole numbers": (lambda f: np.save(f, np.zeros((2, 4, 8, 6), int)), "is of int64"),
    "one layer": (lambda f: np.save(f, np.zeros((4, 8, 6), np.float32)), "Add the axis"),
    "a folder": (lambda f: (f.unlink(), f.mkdir()), "is no file"),
    "a pipe": (lambda f: (f.unlink(), os.mkfifo(f)), "is no file"),
    "gone": (lambda f: f.unlink(), "is not there"),
    "other tokens": (lambda f: np.save(f, np.zeros((2, 4, 9, 6), np.float32)), "9 queries and 8"),
    "other heads": (lambda f: np.save(f, np.zeros((2, 3, 8, 6), np.float32)), "(2, 3, 8, 6) and k"),
}  # fmt: skip


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_array_is_told(cache, tmp_path, how):
    asked = imports.written(tmp_path, imports.vectors())
    write, said = BROKEN[how]
    write(asked.files["q"])
    refused(asked, cache, said.replace("(", r"\(").replace(")", r"\)"))
    assert not sprung(asked.files["q"]).exists()


def test_no_file_that_was_refused_stays_open(cache, tmp_path):
    asked, told = imports.written(tmp_path, imports.vectors()), []
    lists = tmp_path / "all.npz", tmp_path / "all.safetensors"
    np.savez(lists[0], x=np.zeros(3))
    lists[1].write_bytes(struct.pack("<Q", 2) + b"{}")
    asked.files["q"].write_text("hello")
    for file in (asked.files["q"], *lists):
        with pytest.raises(HeadscopeError) as error:
            arrays.given("q", file)
        told.append(error)  # and all that the error holds
    still = {file.path for file in psutil.Process().open_files()}
    assert still.isdisjoint(str(file) for file in (asked.files["q"], *lists))


@pytest.mark.parametrize("number", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["q", "k", "v"])
def test_numbers_that_are_none_are_told_with_their_place(cache, tmp_path, name, number):
    found = imports.vectors()
    found[name][1, 1, 3, 2] = number
    refused(imports.written(tmp_path, found), cache, f"{name} .* layer 1, head 1, token 3")


def test_float64_beyond_float32_is_told(cache, tmp_path):
    found = imports.vectors()
    found["q"] = found["q"].astype(float) * 1e300
    refused(imports.written(tmp_path, found), cache, "too large for float32")


@pytest.mark.parametrize("names", ["q", "k", "qk"])
def test_vectors_whose_products_are_beyond_float32_are_told(cache, tmp_path, names):
    found = imports.vectors()
    for name in names:
        found[name][1] *= np.float32(1e25)
    refused(imports.written(tmp_path, found), cache, "layer 1 is so long that scale")


def test_a_value_whose_length_float32_has_is_kept_and_a_longer_one_is_told(cache, tmp_path):
    found = imports.vectors()
    found["v"] *= np.float32(1e25)  # its squares are beyond float32
    run = making.make(imports.written(tmp_path, found)).run
    right = np.linalg.norm(found["v"].astype(float), axis=-1)
    np.testing.assert_allclose(run.v_norm, right, rtol=1e-6)
    making.forget("mine")
    found["v"][1, 1, 3] = 3e38
    refused(imports.written(tmp_path, found), cache, "v .* layer 1, head 1, token 3")


def test_a_file_that_changes_meanwhile_is_told(cache, tmp_path, monkeypatch):
    asked = imports.written(tmp_path, imports.vectors())
    read = arrays.Given.next

    def grown(given, shape):
        with asked.files["q"].open("ab") as file:
            file.write(b"more")
        return read(given, shape)

    monkeypatch.setattr(arrays.Given, "next", grown)
    refused(asked, cache, "was changed while it was read")


def rewritten(file, touch):
    content = file.read_bytes()
    about = file.stat()
    if touch:  # in place, at another time
        file.write_bytes(content)
        os.utime(file, ns=(0, about.st_mtime_ns + 1))
    else:  # another file of the same size and time
        (file.parent / "new").write_bytes(content)
        os.utime(file.parent / "new", ns=(0, about.st_mtime_ns))
        os.replace(file.parent / "new", file)


@pytest.mark.parametrize("touch", [True, False])
def test_a_file_that_is_written_anew_meanwhile_is_told(cache, tmp_path, monkeypatch, touch):
    asked = imports.written(tmp_path, imports.vectors())
    read = arrays.Given.next

    def anew(given, shape):
        if given.name == "k":
            rewritten(given.file, touch)
            monkeypatch.setattr(arrays.Given, "next", read)
        return read(given, shape)

    monkeypatch.setattr(arrays.Given, "next", anew)
    refused(asked, cache, "was changed while it was read")


def test_what_is_larger_than_the_cache_is_told_in_its_own_unit(cache, tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSCOPE_CACHE_LIMIT", "1000")
    refused(imports.written(tmp_path, imports.vectors()), cache, "take 2 KiB, .* [(]1 KiB[)]")


def test_a_full_disk_leaves_nothing(cache, tmp_path, monkeypatch):
    asked = imports.written(tmp_path, imports.vectors())
    create = drafts.Draft.create

    def full(draft, name, *rest):
        if name != "k":
            return create(draft, name, *rest)
        with drafts.telling(1000):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(drafts.Draft, "create", full)
    refused(asked, cache, "is full")


def test_safetensors_that_lie_are_told(cache, tmp_path):
    asked, file = imports.written(tmp_path, {}), tmp_path / "all.safetensors"
    asked = replace(asked, files={"q": file, "k": file})
    good = {"dtype": "F32", "shape": [1, 1, 8, 2], "data_offsets": [0, 64]}
    lies = {
        "too long": struct.pack("<Q", 2**60) + b"{}",
        "can't be": {"q": good | {"data_offsets": [0, 10**9]}, "k": good},
        "what can't": {"q": good | {"shape": [1, 1, 8, 3]}, "k": good},
        "of q what": {"q": good | {"shape": [float("inf"), 1, 8, 2]}, "k": good},
        "says of q": {"q": good | {"shape": ["1", 1, 8, 2]}, "k": good},
        "header says": {"q": good | {"data_offsets": [0.5, 64]}, "k": good},
        "is of I64": {"q": good | {"dtype": "I64"}, "k": good},
        "There is no “q”": {"k": good},
        "can't be read": {"q": [], "k": good},
    }
    for said, content in lies.items():
        if isinstance(content, dict):
            text = json.dumps(content).encode()
            content = struct.pack("<Q", len(text)) + text + bytes(64)
        file.write_bytes(content)
        refused(asked, cache, said)


def test_an_archive_is_read_without_being_believed(cache, tmp_path):
    found = imports.vectors()
    asked, file = imports.written(tmp_path, {}), tmp_path / "all.npz"
    asked = replace(asked, files=dict.fromkeys(found, file))
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("q.npy", header((2, 4, 8, 6)) + bytes(100))
        archive.writestr("k.npy", header((2, 2, 8, 6)))
    refused(asked, cache, "shorter than its q")
    file.write_bytes(b"PK no archive")
    refused(asked, cache, "can't be read")
    np.savez_compressed(file, **found)
    np.testing.assert_array_equal(np.asarray(making.make(asked).run.q), found["q"])


SETTINGS = [
    ({"scale": (1.0, 2.0, 3.0)}, "3 numbers, and q 2 layers"),
    ({"scale": (float("nan"),)}, "finite"),
    ({"scale": (1e300,)}, "that float32 has"),
    ({"scale": (1e38,)}, "and at --scale"),
    ({"softcap": 1e300}, "that float32 has"),
    ({"softcap": 1e-300}, "above 0"),
    ({"window": (-1,)}, "finite numbers .* --window 0"),
    ({"window": (3,), "causal": False}, "needs --causal"),
    ({"softcap": 0.0}, "above 0"),
    ({"special": ("[CLS]",)}, "no token “.CLS.”"),
    ({"passages": [["one"] * 5]}, "has 5"),
    ({"passages": [["one"] * 1025]}, "has 1,025"),
]


@pytest.mark.parametrize(("more", "said"), SETTINGS)
def test_settings_that_do_not_fit_are_told(cache, tmp_path, more, said):
    refused(imports.written(tmp_path, imports.vectors(), **more), cache, said)


TEXTS = {
    "empty": (b"\n\n", "There is no token"),
    "latin": ("Bär".encode("latin-1"), "not text in UTF-8"),
    "two empty lines": (b"a\n\n\nb\n", "Line 3 .* is empty"),
    "a backslash": (b"\\alpha\n", "Line 1 .* backslash"),
    "a long token": (b"a" * 1001, "1,001 characters"),
}


@pytest.mark.parametrize("how", TEXTS)
def test_tokens_that_cannot_be_are_told(tmp_path, how):
    file = tmp_path / "tokens.txt"
    content, said = TEXTS[how]
    file.write_bytes(content)
    with pytest.raises(HeadscopeError, match=said):
        words.read(file, ())


@pytest.mark.parametrize(
    "text", ["[", "[]", "[[]]", '["a"]', "[[1]]", '[["\\ud800"]]', "[" * 10**5]
)
def test_json_that_holds_no_tokens_is_told(tmp_path, text):
    file = tmp_path / "tokens.json"
    file.write_text(text)
    with pytest.raises(HeadscopeError):
        words.read(file, ())


def test_tokens_of_lines_and_of_json(tmp_path):
    lines, listed = tmp_path / "tokens.txt", tmp_path / "tokens.json"
    lines.write_bytes("\ufeff[CLS]\r\n the\r\na\\nb\r\n\r\n \r\n\\\\\r\n the\r\n".encode())
    listed.write_text(json.dumps([["[CLS]", " the", "a\nb"], [" ", "\\", " the"]]))
    for file in (lines, listed):
        found = words.read(file, ["[CLS]"])
        assert found.strings == ("[CLS]", "·the", "a⏎b", "·", "\\", "·the")
        assert found.special.tolist() == [True] + [False] * 5
        assert found.starts.tolist() == [0, 3, 6] and found.ids[1] == found.ids[5]
        assert found.position.tolist() == [0, 1, 2] * 2
    assert words.likely_special(words.read(lines, ())) == ["[CLS]"]
