"""What entries are called, and where they lie: the one place where a name becomes a path.

Names reach the store from requests. One that does not have the form in which names are made, or
that would lead out of the cache folder, names nothing.
"""

import hashlib
import json
import os
import re
from pathlib import Path

from compute.store.folder import root

_KIND = re.compile(r"[a-z]+(-[a-z]+)?")
_NAME = re.compile(r"[0-9a-f]{24}(-[0-9]{1,9})?")  # of a map while it is fitted: with its step


def key(*parts: object) -> str:
    """Return a short name for a result from everything it depends on (JSON-able values)."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def is_name(name: object) -> bool:
    """Tell whether something has the form of an entry's name."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def place(kind: object, name: object) -> Path | None:
    """Return where an entry of this name lies or would lie; None for what can't be a name.

    Links are not followed out of the cache: the resolved parent must be the folder of the kind.
    """
    if not is_name(name) or not isinstance(kind, str) or not _KIND.fullmatch(kind):
        return None
    home = Path(os.path.realpath(root()), kind)  # `resolve` raises where links lead in a circle
    folder = home / name
    return folder if Path(os.path.realpath(folder)).parent == home else None
