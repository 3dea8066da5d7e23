"""Files that somebody dropped on the page, kept in the cache so that a link restores them."""

import contextlib
import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from compute import store
from compute.corpora import formats, samples
from compute.corpora.chosen import Chosen
from compute.errors import HeadscopeError

LARGEST = 200 * 2**20
"""Bytes of all files together."""
MOST = 1_000
"""Files."""

FOLDER = "corpora"
_NAME = re.compile(r"corpus-([0-9a-f]{24})")
_ABOUT = "about.json"
_CHARACTERS = 60  # of a name: at most 240 bytes
_UNSAFE = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*\ud800-\udfff]")


def is_name(name: str) -> bool:
    """Tell whether a name is that of a corpus, there or not; looks at no disk."""
    return samples.is_name(name) or _NAME.fullmatch(name) is not None


def keep(files: Sequence[tuple[str, bytes]], field: str = "", by: str = "file") -> str:
    """Keep files in the cache folder, and return the name that `load` knows.

    Parameters
    ----------
    files : sequence of (str, bytes)
        The name of each, and what is in it.
    field, by : str
        As in `Chosen`.

    Raises
    ------
    HeadscopeError
        If there are none, too many or too large ones, one of a kind that is not read, or the folder
        can't be written.
    """
    _check(files)
    named = list(zip(_names([name for name, _ in files]), [c for _, c in files], strict=True))
    about = [[name, len(content), hashlib.sha256(content).hexdigest()] for name, content in named]
    digest = _digest(about, field, by)
    size = sum(len(content) for _, content in named)
    try:
        store.check_room(size)
        with store.draft_folder(_folder(digest), lambda: _read(digest) is not None) as draft:
            for name, content in named:
                (draft / name).write_bytes(content)
            told = json.dumps({"files": about, "field": field, "by": by}, ensure_ascii=False)
            (draft / _ABOUT).write_text(told, encoding="utf-8")
    except store.TroubleWriting as error:
        raise HeadscopeError(f"Your files could not be kept. {error}") from error
    except OSError as error:
        told = store.trouble(error, size)
        raise HeadscopeError(f"Your files could not be kept. {told}") from error
    return f"corpus-{digest}"


def load(name: str) -> Chosen:
    """Return a sample (which is made on its first use), or what `keep` kept.

    Parameters
    ----------
    name : str
        May come from a link: nothing but a known name or ``corpus-`` and a digest reaches the disk.

    Raises
    ------
    HeadscopeError
        If there is no such corpus (any more).
    """
    found = _NAME.fullmatch(name)
    if not found:
        return samples.load(name)
    chosen = _read(found[1])
    if chosen is None:
        raise HeadscopeError("These files of yours are not kept here any more. Choose them again.")
    return chosen


def _read(digest: str) -> Chosen | None:
    """Return what is kept under a digest; None if nothing is, or a file is not what it was."""
    folder = _folder(digest)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        files, field, by = kept["files"], kept["field"], kept["by"]
        if _digest(files, field, by) == digest and all(
            (folder / name).stat().st_size == size for name, size, _ in files
        ):
            paths = tuple(str((folder / name).absolute()) for name, *_ in files)
            return Chosen(paths, field, by)
    return None


def _check(files: Sequence[tuple[str, bytes]]) -> None:
    if not files:
        raise HeadscopeError(f"There is no file in it. Choose {formats.endings()}.")
    if len(files) > MOST:
        raise HeadscopeError(f"At most {MOST:,} files can be kept at once. Name their folder.")
    if sum(len(content) for _, content in files) > LARGEST:
        raise HeadscopeError(
            f"These files are larger than {store.size_told(LARGEST)}. Name the folder in which "
            "they lie, and they are read there."
        )
    for name, _ in files:
        if formats.of_file(name) is None:
            raise HeadscopeError(
                f"“{name[-60:]}” is of a kind that is not read. Choose {formats.endings()}."
            )


def _names(given: Sequence[str]) -> list[str]:
    """Return names under which files can lie in one folder, each once, with their endings."""
    taken: dict[str, None] = {}
    for name in given:
        base = PurePosixPath(PureWindowsPath(name).name).name
        base = unicodedata.normalize("NFC", _UNSAFE.sub("_", base)).lstrip(". ")[-_CHARACTERS:]
        base = base if formats.of_file(base) else f"file.{base}"  # of ".txt" no more was left
        tried, number = base, 2
        while tried.lower() in {one.lower() for one in taken} or tried == _ABOUT:
            tried, number = f"{number}-{base}", number + 1
        taken[tried] = None
    return list(taken)


def _digest(files: list[list], field: str, by: str) -> str:
    return store.key("corpus", files, field, by)


def _folder(digest: str) -> Path:
    return store.root() / FOLDER / digest
