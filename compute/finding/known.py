"""Models that were opened on this machine before: a link opens no others without being asked.

Kept in one small file of the cache folder. Folders are kept as they were named and with every link
in their path followed; a path that leads elsewhere by now is not known any more. Only a path that
is known is ever followed here: a name from a link touches neither disk nor network.
"""

import contextlib
import json
import os
from pathlib import Path

from compute import store
from compute.errors import HeadscopeError
from compute.finding import imported
from compute.model_files import names
from compute.model_files.sources import Source, built_in

FILE = "known.json"
RUNS = "runs"
"""The kind of `compute.runs`, which knows of models."""
ADAPTER = "adapter:"
"""Before the name of one that was opened together with a model that the person named."""
MOST = 2_000
"""So many names are kept, the latest."""


def knows(spec: str) -> bool:
    """Tell whether a model comes with Headscope or was opened on this machine.

    Of a model and an adapter that were both named, both were; an adapter alone, which itself says
    what it belongs to, was opened so.

    Raises
    ------
    HeadscopeError
        If it is no name at all; see `names.checked`.
    """
    spec = names.checked(spec)
    if spec in _own() or imported.is_name(spec):  # those are nowhere but in the cache
        return True
    kept = set(_read())
    if _is_kept(spec, kept, ""):
        return True
    both = names.of_two(spec)
    if both is None or not knows(both[0]):
        return False
    return any(_is_kept(both[1], kept, role) for role in ("", ADAPTER))


def _is_kept(spec: str, kept: set[str], role: str) -> bool:
    path = _path(spec)
    if role + _folder(path) in kept and os.path.exists(path):
        return role + _folder(os.path.realpath(path)) in kept
    return f"{role}hub:{spec}" in kept


def note(source: Source) -> None:
    """Remember a model that was opened. Nothing happens where the cache can't be written."""
    kept = _read()
    new = list(dict.fromkeys(_names(source)))
    if set(new) <= set(kept):
        return
    kept = [name for name in kept if name not in new] + new
    with contextlib.suppress(HeadscopeError, OSError):
        store.write_text(store.root() / FILE, json.dumps(kept[-MOST:]))


def _names(source: Source) -> list[str]:
    """Return what is kept of a model that was opened, and of the one that it is an adapter to."""
    if source.spec in _own() or source.run:
        return []
    both = names.of_two(source.spec) if source.base else None
    role, spec = (ADAPTER, both[1]) if both else ("", source.spec)
    if source.revision:
        own = [f"{role}hub:{spec}"]
    else:
        own = [role + _folder(_path(spec)), role + _folder(source.gguf or source.folder)]
    return own + (_names(source.base) if source.base else [])


def _own() -> set[str]:
    return {model.spec for model in built_in()}


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
    found = []
    for manifest in (store.root() / RUNS).glob(f"*/{store.MANIFEST}"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, HeadscopeError):
            spec = names.checked(json.loads(manifest.read_bytes())["values"]["model"]["spec"])
            found += [f"hub:{spec}"] if names.of_hub(spec) else [_folder(_path(spec))]
    return found
