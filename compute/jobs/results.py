"""What jobs returned, kept on disk by Dash's cache key as JSON text.

The values are small: arrays are in the store, and a value refers to them. The database holds text
and nothing else, and what is read from it is text: nothing is ever unpickled. It is a convenience.
Where it is locked, damaged or can't be written, the app goes on without it, and jobs find their
work in the store.
"""

import contextlib
import json
import math
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import diskcache

from compute import store

SIZE_LIMIT = 64 * 2**20
PATIENCE, REST = 0.5, 5.0
"""Seconds to wait for a locked database, and to go on without it before it is tried again."""
_SETTINGS = {
    "size_limit": SIZE_LIMIT,
    "eviction_policy": "least-recently-stored",  # the other one writes at every look
    # Files that SQLite maps into memory end the process when they are cut short.
    "sqlite_mmap_size": 0,
    "sqlite_journal_mode": "delete",
    "sqlite_synchronous": 0,  # what a power cut takes away is computed again
}
_OTHER_ROWS = """
    SELECT count(*) FROM Cache WHERE mode != 1 OR raw != 1 OR filename IS NOT NULL
    OR typeof(key) != 'text' OR typeof(value) != 'text'
"""
_LOST = "no such table", "no such column", "malformed", "not decode"
_PASSING = (
    sqlite3.OperationalError,
    diskcache.Timeout,
    OSError,
    MemoryError,
    UnicodeEncodeError,  # of what was to be written
)
_FORMER_SECRET = "DELETE FROM Cache WHERE key = '__dash_background_signing_secret__'"


T = TypeVar("T")


class OtherRows(Exception):
    """The database holds something else than JSON text."""


class TextDisk(diskcache.Disk):
    """How diskcache keeps values: text in the database itself, no files, no pickles."""

    def put(self, key: str) -> tuple[str, bool]:
        """Return a key as it is."""
        return _text(key), True

    def get(self, key: str, raw: bool) -> str:
        """Return a key as it is."""
        return _text(key)

    def store(self, value: str, read: bool, key: object = None) -> tuple[int, int, None, str]:
        """Return size, mode, file and content of a row."""
        return 0, diskcache.core.MODE_RAW, None, _text(value)

    def fetch(self, mode: int, filename: str | None, value: str, read: bool) -> str:
        """Return the text of a row; refuse any other."""
        if mode != diskcache.core.MODE_RAW or filename is not None:
            raise OtherRows
        return _text(value)

    def remove(self, file_path: str) -> None:
        """Do nothing: rows have no files, and one that names a file is not ours."""


class Results:
    """The database of results, opened when it can be; least recently used out first.

    Thread-safe. None of its methods raises: what can't be read is not there, what can't be written
    is not kept, and a damaged database is begun anew.
    """

    def __init__(self) -> None:
        self._cache: diskcache.Cache | None = None
        self._lock = threading.Lock()
        self._rest_until = -math.inf
        self._said: set[str] = set()
        self._use(lambda cache: None)

    def get(self, key: str) -> str | None:
        """Return the text of a key, or None."""
        return self._use(lambda cache: cache.get(key))

    def set(self, key: str, text: str) -> None:
        """Keep the text of a key."""
        self._use(lambda cache: cache.set(key, text))

    def delete(self, key: str) -> None:
        """Forget a key."""
        self._use(lambda cache: cache.delete(key))

    def close(self) -> None:
        """Close the database; it is opened again when it is used."""
        with self._lock:
            self._cache = None  # each thread's connection is closed with it

    def _use(self, what: Callable[[diskcache.Cache], T]) -> T | None:
        """Do something with the database; None when that fails: locked, full disk, damaged."""
        if time.monotonic() < self._rest_until:
            return None
        cache = None
        try:
            with self._lock:
                if self._cache is None:
                    self._cache = _open(_folder())
                cache = self._cache
            return what(cache)
        except Exception as error:  # of damage SQLite's words may themselves be damaged
            if (why := _unusable(error)) is None:
                self._set_aside(cache)
                self._say(str(error) or "it is locked")
            else:
                self._begin_anew(cache, why)
            return None

    def _set_aside(self, failed: diskcache.Cache | None) -> None:
        """Do without the database for a while; then it is opened again, in case it was replaced."""
        with self._lock:
            if self._cache is failed:
                self._cache = None
        self._rest_until = time.monotonic() + REST

    def _begin_anew(self, failed: diskcache.Cache | None, why: str) -> None:
        with self._lock:
            if self._cache is not failed:  # another thread has begun anew already
                return
            self._cache = None
            print(f"The database of results {why}; it is begun anew.", file=sys.stderr)
            store.empty(_folder().name)
            if (_folder() / diskcache.core.DBNAME).exists():  # the disk can't be written
                self._rest_until = time.monotonic() + REST

    def _say(self, why: str) -> None:
        if why not in self._said:
            self._said.add(why)
            print(
                f"The database of results can't be used now ({why}). Headscope goes on without it.",
                file=sys.stderr,
            )


def find(cache: Results, key: str, still_valid: Callable[[object], bool] | None) -> str | None:
    """Return the JSON of a result, None if there is none or it is no longer valid."""
    text = cache.get(key)
    if text is None:
        return None
    try:
        value = json.loads(text)
        valid = still_valid is None or still_valid(value)
    except (ValueError, RecursionError):
        valid = False  # not JSON: damaged
    if valid:
        return text
    cache.delete(key)
    return None


def _folder() -> Path:
    return store.root() / "results"


def _open(folder: Path) -> diskcache.Cache:
    """Open the database, if it holds text only.

    Raises
    ------
    OtherRows
        If it holds anything else, settings that are not diskcache's own included.
    """
    file = folder / diskcache.core.DBNAME
    if file.exists():
        with contextlib.closing(sqlite3.connect(file, timeout=PATIENCE)) as database:
            database.execute("BEGIN IMMEDIATE")  # fails if it is locked; diskcache would wait
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
            if "Cache" in tables:
                database.execute(_FORMER_SECRET)
                if database.execute(_OTHER_ROWS).fetchone()[0]:
                    raise OtherRows
            if "Settings" in tables:
                found = {name for (name,) in database.execute("SELECT key FROM Settings")}
                if not found <= {*diskcache.DEFAULT_SETTINGS, *diskcache.core.METADATA}:
                    raise OtherRows
            database.commit()
    return diskcache.Cache(str(folder), timeout=PATIENCE, disk=TextDisk, **_SETTINGS)


def _unusable(error: Exception) -> str | None:
    """Return why the database must be begun anew; None for what passes: a lock, a full disk."""
    if isinstance(error, OtherRows | TypeError):
        return "held something else than results"
    passing = isinstance(error, _PASSING)
    # SQLite calls some damage operational.
    lost = any(sign in str(error) for sign in _LOST)
    return None if passing and not lost else f"was damaged ({error})"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text only, not {type(value).__name__}")
    return value
