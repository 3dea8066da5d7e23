"""Models that were opened on this machine before: a link opens no others without being asked.

Kept in one small file of the cache folder. Folders are kept as they were named and with every link
in their path followed; a path that leads elsewhere by now is not known any more. Only a path that
is known is ever followed here: a name from a link touches neither disk nor network.
"""

import contextlib
import json
import os
import re
from pathlib import Path

from compute import store
from compute.errors import HeadscopeError
from compute.models import catalog
from compute.models.catalog import Source

FILE = "known.json"
RUNS = "runs"
"""The kind of `compute.runs`, which knows of models."""
MOST = 2_000
"""So many names are kept, the latest."""
_HUB = re.compile(r"[\w.-]+(/[\w.-]+)?")


def knows(spec: str) -> bool:
    """Tell whether a model comes with Headscope or was opened on this machine.

    Raises
    ------
    HeadscopeError
        If it is no name at all; see `catalog.checked`.
    """
    spec = catalog.checked(spec)
    if spec in _own():
        return True
    kept = set(_read())
    path = _path(spec)
    if _folder(path) in kept and os.path.isdir(path):
        return _folder(os.path.realpath(path)) in kept
    return f"hub:{spec}" in kept


def note(source: Source) -> None:
    """Remember a model that was opened. Nothing happens where the cache can't be written."""
    if source.spec in _own():
        return
    if source.identity.startswith(f"{source.spec}@"):
        names = [f"hub:{source.spec}"]
    else:
        names = [_folder(_path(source.spec)), _folder(source.folder)]
    kept = _read()
    if set(names) <= set(kept):
        return
    kept = [name for name in kept if name not in names] + list(dict.fromkeys(names))
    with contextlib.suppress(HeadscopeError, OSError):
        store.write_text(store.root() / FILE, json.dumps(kept[-MOST:]))


def _own() -> set[str]:
    return {model.spec for model in catalog.built_in()}


def _path(spec: str) -> str:
    """Return the whole path that a name would be, without a look at it.

    Steps back (``..``) stay in it: where they lead depends on the links before them.
    """
    if spec == "~" or spec.startswith(("~/", "~\\")):
        spec = os.path.expanduser(spec)
    return str(Path(spec).absolute())


def _folder(path: str | Path) -> str:
    return f"folder:{path}"


def _read() -> list[str]:
    """Return what is kept; nothing if the file is damaged."""
    try:
        kept = json.loads((store.root() / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return _of_runs()
    except (OSError, ValueError, RecursionError):
        return []
    whole = isinstance(kept, list) and all(isinstance(name, str) for name in kept)
    return kept if whole else []


def _of_runs() -> list[str]:
    """Return the models of the texts that are stored: of the time before there was a file."""
    names = []
    for manifest in (store.root() / RUNS).glob(f"*/{store.MANIFEST}"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, HeadscopeError):
            spec = catalog.checked(json.loads(manifest.read_bytes())["values"]["model"]["spec"])
            names += [f"hub:{spec}"] if _HUB.fullmatch(spec) else [_folder(_path(spec))]
    return names
