"""Results that are plain records: each field is kept on the disk as its type says.

Arrays, and named tuples of them, are kept by the names of their fields, each in one array. All else
is in the manifest, as JSON. A field that would not come back as what it was is refused where the
record is declared, not when the first result of an hour's work is written.
"""

import dataclasses
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from compute.store.drafts import Draft
from compute.store.entries import Entry
from compute.store.stored import Stored

T = TypeVar("T")
_PLAIN = (str, int, float, bool, NoneType)


def record(kind: str, of: type[T]) -> Stored[T]:
    """Return a kind of results that are plain records.

    Parameters
    ----------
    kind : str
    of : type
        A dataclass. Its fields are: arrays; named tuples of arrays, and of such tuples; dicts of
        those by strings, whose keys are in the manifest; text, numbers, True, False and None;
        tuples of these; named tuples of these, also in a dict by strings or in place of None;
        dicts of these by strings. A plain ``dict`` holds whatever JSON does.

    Raises
    ------
    TypeError
        If this is no dataclass, or a field is of another type.
    """
    if not dataclasses.is_dataclass(of):
        raise TypeError(f"{of.__name__} is no dataclass.")
    types = get_type_hints(of)
    for name, what in types.items():
        if not _can_keep(what):
            raise TypeError(
                f"{of.__name__}.{name} is of a type that a record doesn't keep: {what}. Make it "
                "one that `store.record` names, or write how it is kept, with `store.Stored`."
            )

    def dump(draft: Draft, result: T) -> None:
        for name, what in types.items():
            value = getattr(result, name)
            if what is np.ndarray:
                draft.save(name, value)
            elif _has_arrays(what):
                draft.save(name, np.array(_flat(value)))
            elif _has_arrays(_content(what)):
                draft.save(name, np.array([_flat(each) for each in value.values()]))
                draft.values[name] = list(value)
            else:
                draft.values[name] = value

    def build(entry: Entry) -> T:
        found = {}
        for name, what in types.items():
            each = _content(what)
            if what is np.ndarray:
                found[name] = entry.array(name)
            elif _has_arrays(what):
                found[name] = _gathered(what, iter(entry.array(name)))
            elif _has_arrays(each):
                pairs = zip(entry.values[name], entry.array(name), strict=True)
                found[name] = {key: _gathered(each, iter(parts)) for key, parts in pairs}
            else:
                found[name] = _read(what, entry.values[name])
        return of(**found)

    return Stored(kind, dump, build)


def _can_keep(what: object) -> bool:
    """Tell whether a field of this type comes back as what it was."""
    if what in (np.ndarray, dict) or _is_plain(what) or _is_kept_tuple(what):
        return True
    if get_origin(what) is dict:
        by, each = get_args(what)
        return by is str and (each in _PLAIN or _is_kept_tuple(each))
    if get_origin(what) in (Union, UnionType):  # of None and something else: see `_read`
        others = [each for each in get_args(what) if each is not NoneType]
        each = others[0]
        return len(others) == 1 and (each is dict or _is_plain(each) or _is_numbers(each))
    return False


def _is_plain(what: object) -> bool:
    """Tell whether this is text, a number, nothing, one of several of these, or tuples of them."""
    if get_origin(what) is tuple:
        return all(each is Ellipsis or _is_plain(each) for each in get_args(what))
    if get_origin(what) in (Union, UnionType):
        return all(each in _PLAIN for each in get_args(what))
    return what in _PLAIN


def _is_kept_tuple(what: object) -> bool:
    """Tell whether this is a named tuple of arrays alone, or of plain numbers and text alone."""
    return _is_numbers(what) or _is_arrays(what)


def _is_numbers(what: object) -> bool:
    return _is_named(what) and all(each in _PLAIN for each in get_type_hints(what).values())


def _is_arrays(what: object) -> bool:
    kinds = get_type_hints(what).values() if _is_named(what) else ()
    return np.ndarray in kinds and all(each is np.ndarray or _is_arrays(each) for each in kinds)


def _content(what: object) -> object:
    """Return of which type the values of a dict are, or what else than None something may be."""
    return next((part for part in reversed(get_args(what)) if part is not NoneType), None)


def _is_named(what: object) -> bool:
    return isinstance(what, type) and hasattr(what, "_fields")


def _has_arrays(what: object) -> bool:
    return _is_named(what) and np.ndarray in get_type_hints(what).values()


def _flat(value: tuple | np.ndarray) -> list[np.ndarray]:
    """Return the arrays of a named tuple in a row, those of tuples in it included."""
    return [value] if isinstance(value, np.ndarray) else [a for part in value for a in _flat(part)]


def _gathered(what: type, arrays: Iterator[np.ndarray]) -> tuple:
    """Return the named tuple whose arrays are these."""
    kinds = get_type_hints(what).values()
    return what(*(_gathered(k, arrays) if _is_named(k) else next(arrays) for k in kinds))


def _read(what: object, value: object) -> object:
    """Return a value of the manifest as what its field holds."""
    if _is_named(what) and isinstance(value, list):
        return what(*value)
    if _is_named(_content(what)):
        if isinstance(value, dict):
            return {key: _content(what)(*each) for key, each in value.items()}
        return value and _content(what)(*value)
    return tuple(_read(None, each) for each in value) if isinstance(value, list) else value
