"""A request for a callback as Dash's own page sends it; anything else is no request of ours.

Whether it is one has nothing to do with what its values hold: that is for their forms to say.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dash import Dash

_HANDLE = re.compile(r"[A-Za-z0-9_-]{1,200}~[0-9a-f]{64}")
_ARGUMENTS = {"endId": 1, "cacheKey": 1, "job": 1, "oldJob": 50, "cancelJob": 50}
"""What may stand in the address, and how often: names of jobs, signed by the server."""
_ALWAYS = {"output", "outputs", "inputs", "changedPropIds"}
_PARTS = _ALWAYS | {"parsedChangedPropsIds", "state"}

Place = tuple[str, str]
"""Component id and property."""


class NotOurs(Exception):
    """The request is not one that the page sends; the message is a sentence."""


@dataclass(frozen=True)
class Declared:
    """What a callback of the server takes and gives.

    Attributes
    ----------
    outputs, inputs, state : tuple of (id, property)
        In order.
    multi : bool
        Whether the outputs are sent as a list.
    background : bool
        Whether it runs as a job, which the page asks after with emptied values.
    """

    outputs: tuple[Place, ...]
    inputs: tuple[Place, ...]
    state: tuple[Place, ...]
    multi: bool
    background: bool


def declared(app: Dash) -> dict[str, Declared]:
    """Return the callbacks that run on the server, by what the page calls them."""
    return {
        name: Declared(
            outputs=tuple(_place(part) for part in _split(name)),
            inputs=tuple((each["id"], each["property"]) for each in found["inputs"]),
            state=tuple((each["id"], each["property"]) for each in found["state"]),
            multi=name.startswith(".."),
            background=bool(found.get("background")),
        )
        for name, found in app.callback_map.items()
        if "callback" in found  # the others run in the browser
    }


def _split(name: str) -> list[str]:
    """Return the parts of Dash's name of a callback: ``a.x``, or ``..a.x...b.y..``."""
    return name[2:-2].split("...") if name.startswith("..") else [name]


def _place(part: str) -> Place:
    id, _, property = part.rpartition(".")
    return id, property


def asked_for(body: object, callbacks: Mapping[str, Declared]) -> Declared:
    """Return the one of the callbacks, from `declared`, that a request's JSON asks for.

    Raises
    ------
    NotOurs
        If the body is not what the page sends for one of the callbacks.
    """
    if not isinstance(body, dict) or not _ALWAYS <= body.keys() <= _PARTS:
        raise NotOurs("This is not a request that Headscope's page sends.")
    name = body["output"]
    found = callbacks.get(name) if isinstance(name, str) else None
    if found is None:
        raise NotOurs("Headscope has no such callback. Reload the page.")
    outputs = body["outputs"] if found.multi else [body["outputs"]]
    for given, wanted in (
        (outputs, found.outputs),
        (body["inputs"], found.inputs),
        (body.get("state", []), found.state),
    ):
        if _places(given) != wanted:
            raise NotOurs("This request's values are not those that the callback takes.")
    possible = {f"{id}.{property}" for id, property in found.inputs}
    for part in ("changedPropIds", "parsedChangedPropsIds"):
        if not _strings(body.get(part, []), possible):
            raise NotOurs("This request says that something changed which it doesn't hold.")
    return found


def values(body: dict, places: Declared) -> Iterable[tuple[Place, object]]:
    """Yield every value of a request that `asked_for` let through; None for what is missing."""
    given = [*body["inputs"], *body.get("state", [])]
    for place, each in zip((*places.inputs, *places.state), given, strict=True):
        yield place, each.get("value")


def polls(arguments: Mapping[str, list[str]], found: Declared) -> bool:
    """Tell whether a request for a callback, with what stands in its address, asks after a job.

    Raises
    ------
    NotOurs
        If there is anything that the page doesn't put there.
    """
    for name, given in arguments.items():
        if len(given) > _ARGUMENTS.get(name, 0) or not all(map(_HANDLE.fullmatch, given)):
            raise NotOurs("This request's address holds what Headscope's page doesn't send.")
    if ("cacheKey" in arguments) != ("job" in arguments):
        raise NotOurs("A request that asks after a job names it in two ways; this one doesn't.")
    return found.background and "job" in arguments


def _places(given: object) -> tuple[Place, ...] | None:
    """Return where values come from; None if this is no list of values."""
    if not isinstance(given, list):
        return None
    if not all(isinstance(each, dict) and each.keys() <= {"id", "property", "value"}
               for each in given):  # fmt: skip
        return None
    return tuple((each.get("id"), each.get("property")) for each in given)


def _strings(given: object, possible: set[str]) -> bool:
    return isinstance(given, list) and all(
        isinstance(each, str) and each in possible for each in given
    )
