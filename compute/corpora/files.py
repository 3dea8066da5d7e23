"""The files of a corpus: those chosen, and those in chosen folders, without what is hidden.

A link in a folder is followed to a file that lies in the folder, and nowhere else. Pipes, devices
and files of an unknown kind are left out and named. None is opened, but of data sets that
``datasets.save_to_disk`` wrote the list of their files: others beside them are what the library
keeps of earlier work.
"""

import json
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from compute.corpora import formats
from compute.corpora.chosen import Chosen, File
from compute.corpora.records import one_line
from compute.errors import HeadscopeError
from compute.summaries.summary import SLICES

_STATE = "state.json"
_ABOUT_DATA = {_STATE, "dataset_info.json", "dataset_dict.json"}
_LISTED = 2**20  # characters of state.json
_NAMED = 3
_UNKNOWN = "of a kind that is not read"
_LINK = "a link that leads out of its folder"
_NO_FILE = "no ordinary file"
_CLOSED = "not to be read by you"
_NAME = "with a name that is not in UTF-8"


@dataclass
class Found:
    """Files, and what was left out: names by the reason.

    `joined` says how many slices there would be, if they are too many to be told apart.
    """

    files: list[File] = field(default_factory=list)
    left: dict[str, list[str]] = field(default_factory=dict)
    joined: int = 0

    def leave(self, why: str, name: str) -> None:
        """Note a file that is left out."""
        shown = os.fsencode(name).decode("utf-8", "backslashreplace")
        self.left.setdefault(why, []).append(shown)

    def notes(self) -> Iterator[str]:
        """Yield a sentence for each reason."""
        for why, names in self.left.items():
            told = ", ".join(names[:_NAMED])
            more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
            subject = "1 file is" if len(names) == 1 else f"{len(names):,} files are"
            yield f"{subject} left out, {why}: {told}{more}."
        if self.joined:
            yield (
                f"There are no slices: {self.joined:,} files or folders are more than the {SLICES} "
                "that can be told apart."
            )

    def join(self) -> None:
        """Tell no files apart if they would be too many slices."""
        if (count := len({one.part for one in self.files})) > SLICES:
            self.files, self.joined = [replace(one, part="") for one in self.files], count


def find(chosen: Chosen) -> Found:
    """Return the files of a corpus, in the order of their names.

    Raises
    ------
    HeadscopeError
        If one that was chosen is not there, or none is left.
    """
    found = Found()
    for given in chosen.paths:
        path = os.path.abspath(os.path.expanduser(given))
        if os.path.isdir(path):
            for inner, name in _inside(path, found):
                first, _, below = name.partition("/")
                _add(found, inner, name, chosen.by, first if below else Path(path).name)
        elif os.path.lexists(path):
            _add(found, path, Path(path).name, chosen.by, Path(path).parent.name)
        else:
            raise HeadscopeError(f"There is no file or folder {path}. Look at its name.")
    by_path = {one.path: one for one in found.files}
    found.files = sorted(by_path.values(), key=lambda one: (one.name, one.path))
    found.join()
    if not found.files:
        notes = " ".join(found.notes())
        raise HeadscopeError(
            f"There is no file to read. {notes} Choose files that end in {formats.endings()}."
            if notes
            else f"There is no file to read. Choose files that end in {formats.endings()}."
        )
    return found


def _inside(root: str, found: Found) -> Iterator[tuple[str, str]]:
    """Yield path and name of each file below a folder that is not hidden."""
    real = os.path.realpath(root)
    waiting = [(root, "")]
    while waiting:
        folder, outer = waiting.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            found.leave(_CLOSED, outer or root)
            continue
        wanted = _data_files(folder, [entry.name for entry in entries])
        for entry in entries:
            name = f"{outer}{entry.name}"
            if entry.name.startswith(".") or (wanted is not None and entry.name not in wanted):
                continue
            if entry.is_symlink():
                target = os.path.realpath(entry.path)
                if not target.startswith(real.rstrip(os.sep) + os.sep):
                    found.leave(_LINK, name)
                elif not os.path.isdir(target):  # a folder is found by itself
                    yield target, name
            elif entry.is_dir():
                waiting.append((entry.path, f"{name}/"))
            else:
                yield entry.path, name


def _data_files(folder: str, names: Iterable[str]) -> set[str] | None:
    """Return which of the names in a folder are data or folders, if it is a data set; else None."""
    inside = set(names)
    if not inside & _ABOUT_DATA:
        return None
    if not os.path.isfile(os.path.join(folder, _STATE)):  # nor is a pipe waited for
        return inside - _ABOUT_DATA
    try:
        with Path(folder, _STATE).open(encoding="utf-8") as file:
            listed = {one["filename"] for one in json.loads(file.read(_LISTED))["_data_files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return inside - _ABOUT_DATA
    return {name for name in inside if name in listed or not name.endswith(".arrow")} - _ABOUT_DATA


def _add(found: Found, path: str, name: str, by: str, folder: str) -> None:
    """Take a file, or note why it is left out."""
    try:
        about = os.stat(path)
    except OSError:
        found.leave(_CLOSED, name)
        return
    kind = formats.of_file(name)
    if not stat.S_ISREG(about.st_mode):
        found.leave(_NO_FILE, name)
    elif kind is None:
        found.leave(_UNKNOWN, name)
    elif not os.access(path, os.R_OK):
        found.leave(_CLOSED, name)
    elif any("\ud800" <= sign <= "\udfff" for sign in path):
        found.leave(_NAME, name)
    elif about.st_size:
        part = {"file": PurePosixPath(name).name, "folder": folder}.get(by, "")
        size, changed = about.st_size, int(about.st_mtime)
        found.files.append(File(path, name, kind.name, size, changed, one_line(part)))


def title(paths: Iterable[str]) -> str:
    """Return what a corpus is called: the name of what was chosen."""
    first, *others = [Path(path).name or path for path in paths]
    return f"{first} and {len(others)} more" if others else first
