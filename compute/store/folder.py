"""The cache folder: where it is, that nobody else can write in it, and what to say if it fails.

Compiled code is run from it, so it must be the user's alone. A folder that others could write to
is not believed: what lies in it may be theirs.
"""

import contextlib
import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from compute.errors import HeadscopeError

FIRST = 50 * 2**20
"""Bytes that a first text and UMAP's compiled code take."""
_NO_ROOM = errno.ENOSPC, errno.EDQUOT
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_OTHERS_PASS = stat.S_IXGRP | stat.S_IXOTH
_OUR_OWN = "README.md"
"""Comes with the program, which may have been unpacked for a group; it is never read."""
_fresh: list[Path] = []
"""The private folders that this process made because the cache could not be used."""


class TroubleWriting(HeadscopeError):
    """The cache folder can't be written: full, read-only, or not allowed."""


def root() -> Path:
    """Return the cache folder; it is made, private to the user, if it can be."""
    folder = Path(os.environ.get("HEADSCOPE_CACHE") or Path(__file__).parents[2] / "cache")
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
    return folder


def settle() -> list[str]:
    """Make sure that the cache folder can be trusted and used; call it once, at the start.

    Returns
    -------
    list of str
        What the person must know, a sentence or two each: that the folder was not trusted and a
        fresh private one is used, or that it can't be written.

    Notes
    -----
    A fresh folder is named in ``HEADSCOPE_CACHE`` for all processes that are started from here, and
    lasts as long as this one (`remove_fresh`).
    """
    said = []
    code = os.environ.get("NUMBA_CACHE_DIR")
    if code and Path(code).is_dir() and (why := distrusted(Path(code))):
        del os.environ["NUMBA_CACHE_DIR"]
        said.append(f"NUMBA_CACHE_DIR is not used, since {why}.")
    folder = Path(os.environ.get("HEADSCOPE_CACHE") or Path(__file__).parents[2] / "cache")
    if folder.is_dir() and (why := distrusted(folder)):
        fresh = _make_fresh("headscope-cache-")
        os.environ["HEADSCOPE_CACHE"] = str(fresh)
        said.append(
            f"The cache folder {folder} is not used, since {why}: what lies in it could be "
            f"somebody else's. Results are kept in {fresh} until Headscope ends. To go on with a "
            "cache of your own, delete that folder, or name another one in HEADSCOPE_CACHE."
        )
    try:
        with telling(FIRST), tempfile.TemporaryFile(dir=root()):
            check_room(FIRST)
    except TroubleWriting as error:
        said.append(f"{error} Until then only what is kept there already can be shown.")
        with contextlib.suppress(OSError):  # UMAP's code must lie somewhere
            os.environ["NUMBA_CACHE_DIR"] = str(_make_fresh("headscope-code-"))
    return said


def _make_fresh(prefix: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    _fresh.append(folder)
    return folder


def remove_fresh() -> None:
    """Delete the fresh folders that `settle` made."""
    while _fresh:
        shutil.rmtree(_fresh.pop(), ignore_errors=True)


def distrusted(folder: Path) -> str:
    """Return why a folder can't be trusted, as the end of a sentence; empty if it can.

    It must belong to the user, and so must what lies in it. If others could write to it until now,
    it must be empty: they may have put there what is in it.
    """
    if not hasattr(os, "getuid"):  # Windows: a user's folders are the user's
        return ""
    mode, owner = folder.stat().st_mode, folder.stat().st_uid
    if owner != os.getuid():
        return f"it belongs to another user (number {owner})"
    try:
        inside = [path for path in folder.iterdir() if path.name != _OUR_OWN]
    except OSError as error:
        return f"it can't be read ({error.strerror})"
    if mode & _OTHERS_WRITE and inside:
        return "others can write to it"
    # Arrays and JSON run nothing, whoever wrote them; compiled code does.
    code = [p for folder in inside if folder.name == "numba" for p in folder.rglob("*")]
    for path in [*inside, *code]:
        with contextlib.suppress(FileNotFoundError):
            about = path.lstat()
            if about.st_uid != os.getuid():
                return f"{path.relative_to(folder)} in it belongs to another user"
            if mode & _OTHERS_PASS and about.st_mode & _OTHERS_WRITE and not path.is_symlink():
                return f"others can write to {path.relative_to(folder)} in it"
    return ""


@contextlib.contextmanager
def telling(need: int) -> Iterator[None]:
    """Turn a failure to write into a sentence that names the folder and the space needed.

    Parameters
    ----------
    need : int
        Bytes to be written, as far as known.

    Raises
    ------
    TroubleWriting
    """
    try:
        yield
    except OSError as error:
        raise trouble(error, need) from error


def check_room(need: int) -> None:
    """Raise `TroubleWriting` if the disk has no room for `need` bytes and a tenth more."""
    if need * 1.1 > (free := _free(root())):
        raise TroubleWriting(_full(need, free))


def of_the_disk(error: Exception) -> bool:
    """Tell whether an error means that a disk is full or can't be written."""
    return isinstance(error, OSError) and error.errno in (*_NO_ROOM, errno.EROFS)


def trouble(error: OSError, need: int = 0) -> TroubleWriting:
    """Return the sentence for a failure to write to the cache, `need` bytes where that is known."""
    folder = root()
    # NumPy tells of a short write without a number.
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or (
        error.errno is None and _free(folder) < need
    ):
        return TroubleWriting(_full(need, _free(folder)))
    needed = f"{size_told(need)} are needed there: allow" if need else "Allow"
    return TroubleWriting(
        f"The cache folder {folder} can't be written ({error.strerror or error}). "
        f"{needed} it, or set HEADSCOPE_CACHE to another folder."
    )


def _full(need: int, free: int) -> str:
    needed = f"{size_told(need)} are needed there and " if need else ""
    return (
        f"The disk of the cache folder {root()} is full: {needed}{size_told(free)} are free. "
        "Make room, or set HEADSCOPE_CACHE to another folder."
    )


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def size_told(count: float) -> str:
    """Return a number of bytes as it is told."""
    if count < 2**20:
        return f"{max(1, round(count / 2**10)):,} KiB"
    return f"{count / 2**20:,.0f} MiB" if count < 2**30 else f"{count / 2**30:,.1f} GiB"
