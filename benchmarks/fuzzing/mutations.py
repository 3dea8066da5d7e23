"""Ways to spoil a valid request: its values, its shape, its bytes, its address.

All is drawn from one seeded generator, so that a run can be repeated.
"""

import copy
import json
import random
import string
from collections.abc import Callable, Iterator, Sequence

from fuzzing.odd import METHODS, NUMBERS, PATHS, SHAPES, TYPES, WORDS
from fuzzing.page import Page
from fuzzing.talk import JSON, Sent

LONGEST = 10**6
"""Characters of a value; a request of more than 10 MB is cut off, and says nothing more."""


class Spoiler:
    """Makes spoiled requests from what a page knows.

    Parameters
    ----------
    page : Page
        After its visit.
    names : sequence of str
        Forged names; see `witness.plant`.
    """

    def __init__(self, page: Page, names: Sequence[str], seed: int):
        self._page, self._names, self._random = page, list(names), random.Random(seed)
        self._outputs = sorted(page.callbacks)
        self._values = [value for value in page.known.values() if value not in (None, "", [], {})]
        self._keys = sorted({text for v in self._values for text in _strings(v) if len(text) == 24})
        self._inside: tuple[Callable[[list, object], None], ...] = (
            self._replace, self._replace, self._replace, self._replace, self._nudge, self._nudge,
            self._forge, self._forge, self._drop, self._add, self._repeat, self._borrow,
        )  # fmt: skip
        self._around = (
            self._reorder, self._lack, self._more, self._rename, self._other_output,
            self._outputs_too, self._changed, self._bare, self._wrong_whole, self._swap,
        )  # fmt: skip
        self._bytes = (self._cut, self._flip, self._nan, self._deep, self._codes, self._raw)

    def every(self) -> Iterator[tuple[str, Sent]]:
        """Yield the requests in which something is missing: each value alone, all, all but one."""
        for output in self._outputs:
            count = len(self._page.body(output)["inputs"] + self._page.body(output)["state"])
            lacks = [{i} for i in range(count)] + [set(range(count))]
            lacks += [set(range(count)) - {i} for i in range(count)]
            for missing in lacks:
                body = self._page.body(output)
                for i, each in enumerate([*body["inputs"], *body["state"]]):
                    if i in missing:
                        each["value"] = None
                yield output, self._sent(body)

    def next(self) -> tuple[str, Sent]:
        """Return a spoiled request, and the output of the callback that it was made for."""
        draw = self._random
        output = draw.choice(self._outputs)
        body = self._page.body(output)
        kind = draw.random()
        if kind < 0.25:
            for _ in range(draw.choice((1, 2, 4))):
                self._choose_otherwise(body)
        elif kind < 0.72:
            for _ in range(draw.choice((1, 1, 1, 2, 3))):
                self._spoil_value(body)
        elif kind < 0.86:
            draw.choice(self._around)(body)
        sent = self._sent(self._whole or body)
        self._whole = None
        if 0.86 <= kind < 0.92:
            sent.body = draw.choice(self._bytes)(sent.body)
        elif 0.92 <= kind < 0.96:
            self._spoil_address(sent)
        elif kind >= 0.96:
            self._spoil_request(sent)
        return output, sent

    def _sent(self, body: object) -> Sent:
        return Sent(json.dumps(body).encode(), query=[("endId", self._page.end_id)])

    def chance(self) -> float:
        """Return a number between 0 and 1, from the same generator."""
        return self._random.random()

    _whole: object = None

    # Another choice, which a page could hold as well, if not together with the rest.

    def _choose_otherwise(self, body: dict) -> None:
        each = self._random.choice([*body["inputs"], *body["state"]])
        each["value"] = copy.deepcopy(self._random.choice(self._choices(each)))

    def _choices(self, each: dict) -> list:
        """Return what else could stand in a place: of a selector, a switch, a number, a store."""
        known, value = self._page.known, each.get("value")
        offered = known.get((each["id"], "options"))
        if offered and each["property"] == "value" and isinstance(value, str | None):
            return [option["value"] for option in offered]
        if each["id"] in ("layer-select", "head-select"):
            return ["0", "1", "2", "3", "4", 0, 2]
        if isinstance(value, bool):
            return [True, False]
        if isinstance(value, dict):
            alike = [v for v in self._values if isinstance(v, dict) and v.keys() == value.keys()]
            return [None, *alike, *(self._inner(v) for v in alike)]
        if each["property"] == "n_clicks":
            return [None, 0, 1, 2]
        return [None, value, "1", "3", "-2", "red", "L1H0, L2", 5, 1, "prefix_matching"]

    def _inner(self, store: dict) -> dict:
        """Return a store with one of its values as another store has it, or a little off."""
        made = copy.deepcopy(store)
        name = self._random.choice(sorted(made))
        others = [v[name] for v in self._values if isinstance(v, dict) and name in v]
        made[name] = copy.deepcopy(self._random.choice(others))
        if _is_key(made[name]):
            made[name] = self._random.choice(self._keys)
        elif type(made[name]) is int:
            made[name] += self._random.choice((-1, 1, 2))
        return made

    # A value, or something in it.

    def _spoil_value(self, body: dict) -> None:
        filled = [each for part in ("inputs", "state") for each in body[part]]
        # Stores are where most can be wrong.
        weights = [8 if isinstance(each.get("value"), dict | list) else 2 for each in filled]
        each = self._random.choices(filled, weights)[0]
        each.setdefault("value", None)
        places = list(_places(each, "value"))
        holder, at = self._random.choice(places)
        self._random.choice(self._inside)(holder, at)

    def _anything(self) -> object:
        draw = self._random
        pool = draw.choice((NUMBERS, WORDS, WORDS, SHAPES, self._names, self._keys, self._values))
        return copy.deepcopy(draw.choice(pool))

    def _replace(self, holder: list | dict, at: object) -> None:
        holder[at] = self._anything()

    def _nudge(self, holder: list | dict, at: object) -> None:
        """Change a value and keep its type: another index, number, name, key."""
        value, draw = holder[at], self._random
        if isinstance(value, bool):
            holder[at] = not value
        elif isinstance(value, int | float):
            by = draw.choice((1, -1, 5, 100, -100, 10**6, 2**31, -(2**40)))
            holder[at] = draw.choice((value + by, -value, value * 1000, float(value), value + 0.5))
        elif isinstance(value, str):
            longer = value + draw.choice(string.printable), (value * 50)[:LONGEST]
            longer += value[:-1], value.upper()
            holder[at] = draw.choice((*longer, draw.choice(WORDS), draw.choice(self._keys)))
        else:
            self._replace(holder, at)

    def _forge(self, holder: list | dict, at: object) -> None:
        """Put a name that leads elsewhere, or another entry's, where a name is."""
        keys = [(h, k) for h, k in _places({"at": holder[at]}, "at") if _is_key(h[k])]
        if not keys:
            holder[at] = self._random.choice(self._names)
            return
        holder, at = self._random.choice(keys)
        holder[at] = self._random.choice((*self._names, *self._keys))

    def _drop(self, holder: list | dict, at: object) -> None:
        if isinstance(holder, list) or at != "value":
            del holder[at]
        else:
            holder.pop("value")

    def _add(self, holder: list | dict, at: object) -> None:
        value = holder[at]
        if isinstance(value, dict):
            name = self._random.choice(("extra", "key", "run", "__class__", "name", ""))
            value[name] = self._anything()
        elif isinstance(value, list):
            value.append(self._anything())
        else:
            holder[at] = [value]

    def _repeat(self, holder: list | dict, at: object) -> None:
        value = holder[at]
        if isinstance(value, list) and value:
            holder[at] = value * self._random.choice((2, 100, 30_000 // len(value) + 1))
        elif isinstance(value, str):
            holder[at] = (value * self._random.choice((2, 40, 2000)))[:LONGEST]
        else:
            holder[at] = [value] * 3

    def _borrow(self, holder: list | dict, at: object) -> None:
        """Put what belongs elsewhere: another store's content."""
        holder[at] = copy.deepcopy(self._random.choice(self._values))

    # The request around the values.

    def _reorder(self, body: dict) -> None:
        self._random.shuffle(body[self._random.choice(("inputs", "state"))])
        if self._random.random() < 0.3:
            body["inputs"], body["state"] = body["state"], body["inputs"]

    def _lack(self, body: dict) -> None:
        if self._random.random() < 0.5:
            body.pop(self._random.choice(list(body)))
            return
        filled = self._random.choice([p for p in ("inputs", "state", "inputs") if body[p]])
        body[filled].pop(self._random.randrange(len(body[filled])))

    def _more(self, body: dict) -> None:
        part = self._random.choice(("inputs", "state"))
        id, prop = self._random.choice(sorted(self._page.known))
        body[part].append({"id": id, "property": prop, "value": self._anything()})
        if self._random.random() < 0.3:
            body[self._random.choice(("extra", "dist", "background"))] = self._anything()

    def _rename(self, body: dict) -> None:
        each = self._random.choice(body["inputs"])
        each[self._random.choice(("id", "property", "more"))] = self._anything()

    def _other_output(self, body: dict) -> None:
        forged = ("x.y", "", ".", "..", "....", "run.data", "error-toast.children", "a" * 9999)
        pool = (forged, self._page.browser, self._outputs, self._names)
        body["output"] = self._random.choice(self._random.choice(pool))

    def _outputs_too(self, body: dict) -> None:
        forged = {"id": "error-toast", "property": "children"}
        body["outputs"] = self._random.choice((forged, [forged], [], None, self._anything()))

    def _changed(self, body: dict) -> None:
        name = self._random.choice(("changedPropIds", "parsedChangedPropsIds"))
        pool = ([], ["x.y"], ['{"a":1}.b'], None, [1], ["{"], "run.data", ["."] * 500, [[]])
        body[name] = self._random.choice((*pool, self._anything()))

    def _bare(self, body: dict) -> None:
        for part in ("inputs", "state"):
            body[part] = [{"id": e["id"], "property": e["property"]} for e in body[part]]

    def _wrong_whole(self, body: dict) -> None:
        part = self._random.choice(("inputs", "state", "output", ""))
        if part:
            body[part] = self._anything()
        else:
            self._whole = self._random.choice(([], [1], "x", 5, [body], {"output": body}, {}))

    def _swap(self, body: dict) -> None:
        filled = [*body["inputs"], *body["state"]]
        a, b = self._random.choice(filled), self._random.choice(filled)
        a["value"], b["value"] = b.get("value"), a.get("value")

    # Its bytes.

    def _cut(self, body: bytes) -> bytes:
        return body[: self._random.randrange(len(body))]

    def _flip(self, body: bytes) -> bytes:
        spoiled = bytearray(body)
        for _ in range(self._random.randint(1, 6)):
            spoiled[self._random.randrange(len(spoiled))] = self._random.randrange(256)
        return bytes(spoiled)

    def _nan(self, body: bytes) -> bytes:
        token = self._random.choice((b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 5000))
        return body.replace(b"1", token, 1)

    def _deep(self, body: bytes) -> bytes:
        depth = self._random.choice((20, 900, 100_000))
        nested = self._random.choice(
            (b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth)
        )
        return body.replace(b'"value":', b'"value":' + nested + b',"x":', 1)

    def _codes(self, body: bytes) -> bytes:
        odd = (b'"\\ud800"', b'"\xff\xfe"', b'"\\u0000"', b"\xef\xbb\xbf", b'"\xed\xa0\x80"')
        return body.replace(b'"', self._random.choice(odd), 1)

    def _raw(self, body: bytes) -> bytes:
        return self._random.choice((b"", b"null", b"[]", b"\x00" * 100, body + body, body[::-1]))

    # Its address and headers.

    def _spoil_address(self, sent: Sent) -> None:
        draw = self._random
        names = ("endId", "cacheKey", "job", "oldJob", "cancelJob", "progress", "x")
        mac = "~" + "0" * 64
        pool = ("", "~", "x" + mac, "é" + mac, "1" + mac, "../.." + mac, "x~é", "\x00", "a" * 9000)
        for _ in range(draw.randint(1, 4)):
            value = draw.choice((*pool, self._page.end_id, self._page.end_id[::-1]))
            sent.query.append((draw.choice(names), value))
        if draw.random() < 0.3:
            sent.query = sent.query[1:]

    def _spoil_request(self, sent: Sent) -> None:
        draw = self._random
        kind = draw.randrange(4)
        if kind == 0:
            sent.headers = {"Content-Type": draw.choice(TYPES)}
        elif kind == 1:
            sent.method = draw.choice(METHODS)
        elif kind == 2:
            sent.path, sent.query = draw.choice(PATHS), []
            sent.method = draw.choice(("GET", "GET", "POST", "HEAD"))
        else:
            odd = {"Cookie": "headscope-theme=\x01", "X-Forwarded-Host": "evil", "Accept": "\xff"}
            name = draw.choice(sorted(odd))
            sent.headers = {"Content-Type": JSON, name: odd[name]}


def _places(holder: list | dict, at: object) -> Iterator[tuple[list | dict, object]]:
    """Yield where every value in a value lies, itself the first: its holder, and its place."""
    yield holder, at
    value = holder[at]
    if isinstance(value, dict | list):
        for each in list(value if isinstance(value, dict) else range(min(len(value), 200))):
            yield from _places(value, each)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


def _is_key(value: object) -> bool:
    return isinstance(value, str) and len(value) == 24 and not set(value) - set("0123456789abcdef")
