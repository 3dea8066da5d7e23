"""One's own pictures, from a folder of this machine: read, checked and kept."""

from pathlib import Path

from compute import pictures
from compute.errors import HeadscopeError
from compute.progress import Meter, Report


def keep_pictures(said: str, report: Report) -> dict:
    """Keep the pictures that a path leads to, a folder's or a file.

    Parameters
    ----------
    said : str
        As it was typed; `~` is one's own folder.
    report : callable
        Takes ``(percent, sentence)``.

    Returns
    -------
    dict
        ``name`` of the set; it ``needs`` nothing of the store, so that the folder is read again
        when it is asked for again.

    Raises
    ------
    HeadscopeError
        If there is no such thing, or as `pictures.files_of` and `pictures.keep`.
    """
    path = path_of(said)
    files = pictures.files_of([path])
    progress = Meter(report, "pictures checked").at
    read = pictures.of_paths(files)
    name = pictures.keep(read, path.name or "Your pictures", progress, len(files))
    return {"name": name, "needs": []}


def path_of(said: str) -> Path:
    """Return the path that was typed; `HeadscopeError` if nothing was, or nothing is there."""
    said = said.strip().strip("\"'")
    if not said:
        raise HeadscopeError("Type the folder of the pictures first, or drop some files.")
    try:
        path = Path(said).expanduser()
        there = path.exists()
    except (OSError, RuntimeError, ValueError):
        there = False
    if not there:
        raise HeadscopeError(f"There is no folder or file {said[:80]}. Check the spelling.")
    return path
