"""Sets of pictures to look at: what comes with Headscope, and the user's own, kept for a link.

The user's own are kept as the files they were, each once under the digest of its bytes; a set is a
list of such digests. No patches here: those belong to a model.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from compute import limits, store
from compute.errors import HeadscopeError
from compute.progress import Progress, unseen

BUILT_IN: tuple[str, ...] = ("twins",)
MOST = 1_000
"""Pictures in a set."""

_FOLDER = Path(__file__).parents[2] / "data" / "pictures"
_KEPT = "pictures"
_OWN = re.compile(r"pictures-[0-9a-f]{24}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_ENDING = ".picture"
"""Of a file that is kept, whose name is the digest of its bytes."""
_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"}


@dataclass(frozen=True)
class Pictures:
    """A named list of pictures.

    Attributes
    ----------
    name : str
        What names the set in a link: that of a built-in one, or ``pictures-`` and the digest.
    title : str
        What the page calls it.
    labels : tuple of str
        What the page calls each picture: its file's name without the ending.
    files : tuple of Path
        Where each is.
    source : str
        Who made them, in one sentence.
    digest : str
        24 hexadecimal digits, of the files' bytes and labels.
    """

    name: str
    title: str
    labels: tuple[str, ...]
    files: tuple[Path, ...]
    source: str
    digest: str

    def contents(self) -> Iterator[bytes]:
        """Yield the bytes of each picture's file.

        Raises
        ------
        HeadscopeError
            If a file is not there any more, or is one that was kept and is damaged.
        """
        for label, file in zip(self.labels, self.files, strict=True):
            content = _bytes(file)
            if file.suffix == _ENDING and hashlib.sha256(content).hexdigest() != file.stem:
                raise HeadscopeError(
                    f"Your picture “{label}” was damaged where it is kept. Choose your pictures "
                    "again."
                )
            yield content


def is_name(name: str) -> bool:
    """Tell whether a name is that of a set of pictures, there or not; looks at no disk."""
    return name in BUILT_IN or _OWN.fullmatch(name) is not None


def built_in() -> dict[str, Pictures]:
    """Return the built-in sets by name, the default first."""
    return {name: load(name) for name in BUILT_IN}


def files_of(paths: Iterable[Path]) -> list[Path]:
    """Return files, and of folders those of their files whose names end as pictures' do.

    Raises
    ------
    HeadscopeError
        If a folder can't be read, has no picture, or there are more than `MOST`.
    """
    found: list[Path] = []
    for path in paths:
        try:
            if not path.is_dir():
                found.append(path)
                continue
            inside = sorted(filter(_is_picture, path.iterdir()))
        except OSError as error:
            raise HeadscopeError(f"{path} can't be read: {error.strerror}.") from error
        if not inside:
            raise HeadscopeError(f"{path} has no pictures: PNG, JPEG, WebP, BMP or GIF files.")
        found += inside
    if len(found) > MOST:  # before a thousand are read
        raise _too_many()
    return found


def of_paths(paths: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of the files that `files_of` finds.

    Raises
    ------
    HeadscopeError
        As `files_of`; if there is no such file, or it can't be read.
    """
    for file in files_of(paths):
        yield file.name, _bytes(file)


def keep(
    pictures: Iterable[tuple[str, bytes]],
    title: str = "Your pictures",
    progress: Progress = unseen,
    total: int = 0,
) -> str:
    """Keep pictures in the cache folder, and return the name that `load` knows.

    Who is ended meanwhile leaves nothing behind.

    Parameters
    ----------
    pictures : iterable of (str, bytes)
        The name of each file, and what is in it.
    progress : callable
        Takes how many are read, and `total`.

    Raises
    ------
    HeadscopeError
        If there are none or more than `MOST`, one can't be read (see `reading.check`), or the
        folder can't be written.
    """
    from compute.pictures import reading  # Pillow only when it is needed

    kept: list[tuple[str, str]] = []
    try:
        with store.together() as write:
            for name, content in pictures:
                if len(kept) == MOST:
                    raise _too_many()
                reading.check(content, name)
                digest = hashlib.sha256(content).hexdigest()
                write(_kept_picture(digest), content)
                kept.append((_label(name), digest))
                progress(len(kept), total)
            if not kept:
                raise HeadscopeError(
                    "There is no picture in it. Choose PNG, JPEG, WebP, BMP or GIF files."
                )
            name = f"pictures-{_digest(kept)}"
            told = " ".join(title.split())[:80] or "Your pictures"
            write(_kept_set(name), json.dumps({"title": told, "pictures": kept}).encode())
    except store.TroubleWriting as error:
        raise HeadscopeError(f"Your pictures could not be kept. {error}") from error
    return name


def load(name: str) -> Pictures:
    """Return a built-in set, or one that `keep` kept.

    Parameters
    ----------
    name : str
        May come from a link: nothing but a known name or ``pictures-`` and a digest reaches the
        disk.

    Raises
    ------
    HeadscopeError
        If there is no such set (any more).
    """
    if name in BUILT_IN:
        return _built_in(name)
    if not is_name(name):
        raise HeadscopeError(f"There is no set of pictures called “{name[:40]}”.")
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(_kept_set(name).read_text(encoding="utf-8"))
        pairs = [(label, digest) for label, digest in kept["pictures"]]
        if f"pictures-{_digest(pairs)}" == name:  # else the file was damaged
            labels, digests = zip(*pairs, strict=True)
            files = tuple(map(_kept_picture, digests))
            whole = all(file.is_file() for file in files)
            digest = name.removeprefix("pictures-")
            if whole:
                return Pictures(name, kept["title"], labels, files, "Your own pictures.", digest)
    raise HeadscopeError("These pictures of yours are not kept here any more. Choose them again.")


def _built_in(name: str) -> Pictures:
    """Return a set of `data/pictures`: a folder of PNG files, and about.txt with title, source."""
    folder = _FOLDER / name
    lines = (folder / "about.txt").read_text(encoding="utf-8").splitlines()
    about = dict(line.split(": ", 1) for line in lines if line)
    files = tuple(sorted(folder.glob("*.png")))
    labels = tuple(file.stem for file in files)
    hashes = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
    digest = _digest(list(zip(labels, hashes, strict=True)))
    return Pictures(name, about["title"], labels, files, about["source"], digest)


def _digest(kept: list[tuple[str, str]]) -> str:
    return store.key("pictures", [list(pair) for pair in kept])


def _label(name: str) -> str:
    stem = " ".join(Path(name).stem.split())
    return "".join(c for c in stem if c.isprintable())[:60] or "picture"


def _kept_set(name: str) -> Path:
    if not _OWN.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a user's pictures")
    return store.root() / _KEPT / f"{name}.json"


def _kept_picture(digest: str) -> Path:
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{digest!r} is no digest")
    return store.root() / _KEPT / f"{digest}{_ENDING}"


def _is_picture(path: Path) -> bool:
    """Tell whether a folder's entry is meant: no folder, no pipe, nothing hidden or gone."""
    named = path.suffix.lower() in _SUFFIXES and not path.name.startswith(".")
    return named and path.is_file()


def _too_many() -> HeadscopeError:
    return HeadscopeError(f"At most {MOST:,} pictures can be read at once. Choose fewer.")


def _bytes(file: Path) -> bytes:
    try:
        if file.exists() and not file.is_file():  # a pipe would be waited for, without an end
            raise HeadscopeError(f"{file} is no file of a picture. Choose another.")
        with file.open("rb") as opened:  # one byte more than allowed is enough to refuse it
            return opened.read(limits.PICTURE_BYTES + 1)
    except OSError as error:
        raise HeadscopeError(f"{file} can't be read: {error.strerror}.") from error
