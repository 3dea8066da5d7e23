"""What jobs returned, kept on disk by Dash's cache key as JSON text.

The values are small: arrays are in the store, and a value refers to them. Nothing here is pickled.
"""

import contextlib
import json
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator

import diskcache

from compute import store

SIZE_LIMIT = 64 * 2**20


def open_results() -> diskcache.Cache:
    """Open the cache of job results, least recently used out first; a damaged one is begun anew."""
    folder = store.root() / "results"
    options = {"size_limit": SIZE_LIMIT, "eviction_policy": "least-recently-used"}
    try:
        return diskcache.Cache(str(folder), **options)
    except sqlite3.DatabaseError as error:
        print(f"The cache of results was damaged ({error}); it is begun anew.", file=sys.stderr)
        shutil.rmtree(folder)
        return diskcache.Cache(str(folder), **options)


def find(
    cache: diskcache.Cache, key: str, still_valid: Callable[[object], bool] | None
) -> str | None:
    """Return the JSON of a result, None if there is none or it is no longer valid."""
    text = None
    with _survived("read"):
        text = cache.get(key)
    if text is None:
        return None
    try:
        value = json.loads(text)
    except (TypeError, ValueError):
        valid = False  # not JSON: damaged
    else:
        valid = still_valid is None or still_valid(value)
    if valid:
        return text
    with _survived("cleaned"):
        cache.delete(key)
    return None


def keep(cache: diskcache.Cache, key: str, text: str) -> None:
    """Keep the JSON of a result."""
    with _survived("written"):
        cache.set(key, text)


@contextlib.contextmanager
def _survived(what: str) -> Iterator[None]:
    """Go on without the cache, with a warning, when it fails: full disk, damaged, deleted."""
    try:
        yield
    except (OSError, sqlite3.Error, diskcache.Timeout) as error:
        print(f"The cache of results could not be {what}: {error}", file=sys.stderr)
