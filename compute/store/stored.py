"""One kind of result: how it is kept on the disk, and how it comes back.

A module that makes results says so once, ``SCORES = Stored("scores", dump, build)``; who wants one
takes it from there, and a job names what its result stands for by `Stored.ref`. What a process
remembers of results is remembered here.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from compute.store.drafts import Draft, writing
from compute.store.entries import Entry, discard, find
from compute.store.folder import root
from compute.store.names import is_name

T = TypeVar("T")


class Recent(Generic[T]):
    """What a process used last, each thing by its cache folder and its names; thread-safe.

    Nothing is remembered of what was not there: it may come.

    Parameters
    ----------
    most : int
        So many things are remembered.
    """

    def __init__(self, most: int):
        self._most, self._turn = most, threading.Lock()
        self._kept: dict[tuple[str, ...], T] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, *names: str) -> T | None:
        """Return what is remembered under some names."""
        return self._kept.get((str(root()), *names))

    def put(self, thing: T, *names: str) -> None:
        """Remember something, as that which was used last."""
        here = str(root()), *names
        with self._turn:
            self._kept.pop(here, None)
            self._kept[here] = thing
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]

    def forget(self, *names: str) -> None:
        """Remember nothing under some names."""
        with self._turn:
            self._kept.pop((str(root()), *names), None)


@dataclass(frozen=True)
class Stored(Generic[T]):
    """A kind of result.

    Attributes
    ----------
    kind : str
        The folder of the cache that holds them.
    dump : callable
        Puts a result into a `Draft`.
    build : callable
        Makes a result of an `Entry`; None if what it stands on is gone.
    recent : int
        So many of them stay open; they are shared, and must not be changed.
    of : callable
        Names those of this kind that a result is made of: it is there only with all of these, and
        they are in use with it.
    """

    kind: str
    dump: Callable[[Draft, T], None]
    build: Callable[[Entry], T | None]
    recent: int = 0
    of: Callable[[T], tuple[str, ...]] = lambda _: ()
    _open: Recent[tuple[Entry, T]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_open", Recent(self.recent))

    def get(self, name: str) -> T | None:
        """Return a result, or None if it is not in the store or was damaged.

        Names may come from a request: one that is none finds nothing.
        """
        if not is_name(name):
            return None
        entry, result = self._open.get(name) or (None, None)
        if entry is None or not entry.unchanged() or (entry.touch() and not self._whole(result)):
            entry = find(self.kind, name)
            result = self.build(entry) if entry else None
        if result is None:
            self._open.forget(name)
        else:
            self._open.put((entry, result), name)
        return result

    def _whole(self, result: T) -> bool:
        """Tell whether all that a result is made of is there, which is in use from now on."""
        return None not in map(self.get, self.of(result))

    def has(self, name: str) -> bool:
        """Tell whether there is an undamaged entry, without making a result of it."""
        return find(self.kind, name) is not None

    def put(self, name: str, result: T) -> None:
        """Keep a result; `TroubleWriting` if there is no room for it."""
        with self.writing(name) as draft:
            self.dump(draft, result)

    def writing(self, name: str) -> AbstractContextManager[Draft]:
        """Write an entry whose large arrays are streamed into it; `dump` puts in the rest."""
        return writing(self.kind, name)

    def ensure(self, name: str, make: Callable[[], T]) -> T:
        """Return a result, which is made and kept unless that was done before."""
        found = self.get(name)
        if found is None:
            self.drop(name)  # one that can't be read any more would stay
            found = make()
            self.put(name, found)
        return found

    def drop(self, name: str) -> None:
        """Delete a result, if it is there."""
        self._open.forget(name)  # what it has open would take its room on the disk until then
        discard(self.kind, name)

    def ref(self, name: str) -> list[str]:
        """Return what a job's result lists under ``needs`` if it stands for this one; JSON-able."""
        return [self.kind, name]
