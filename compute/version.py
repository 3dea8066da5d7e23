"""The version of the code: of what makes the numbers, and of what shows them."""

import hashlib
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def code_version() -> str:
    """Return a hash of the source of this package, as it was when first asked.

    Part of the keys of cached results: editing ``compute/`` makes them be computed again.
    """
    return _hash(Path(__file__).parent)


@lru_cache(maxsize=1)
def page_version() -> str:
    """Return the same of the page, whose functions are what jobs run."""
    return _hash(Path(__file__).parents[1] / "components")


def _hash(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
