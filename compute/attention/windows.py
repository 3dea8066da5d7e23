"""The part of a long passage that is drawn, around a token: its attention, and what goes beyond."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from compute.attention import exact
from compute.runs import Run

LONG = 1024
"""Tokens of a passage that is drawn whole."""
SIZE = 512
"""Tokens of a longer one that are drawn: those around the one that is selected."""
Change = Callable[[np.ndarray, slice], np.ndarray]
"""What is done to whole rows (b, s) of so many queries before keys are left out."""


@dataclass(frozen=True)
class Window:
    """Some queries and some keys of a passage, by their places in it.

    Attributes
    ----------
    passage : int
    rows, columns : slice
        With start and stop.
    queries, keys : slice
        Where those of the whole passage are in the text.
    chosen : bool
        Whether it was asked for, and is not just around what is selected.
    """

    passage: int
    rows: slice
    columns: slice
    queries: slice
    keys: slice
    chosen: bool = False

    @property
    def whole(self) -> bool:
        """Whether all of the passage is in it."""
        sides = (self.rows, self.queries), (self.columns, self.keys)
        return all(_count(part) == _count(side) for part, side in sides)

    @property
    def first(self) -> tuple[int, int]:
        """The places of the first row and the first column."""
        return self.rows.start, self.columns.start

    @property
    def row_span(self) -> slice:
        """Where the rows are in the text."""
        return _moved(self.rows, self.queries.start)

    @property
    def column_span(self) -> slice:
        """Where the columns are in the text."""
        return _moved(self.columns, self.keys.start)

    def within(self, row: int | None, column: int | None) -> tuple[int | None, int | None]:
        """Return which row and which column two places of the passage are, if they are in it."""
        return _place(self.rows, row), _place(self.columns, column)


def around(
    run: Run,
    passage: int,
    row: int | None = None,
    column: int | None = None,
    role: str = "query",
    at: tuple[int, int] | None = None,
) -> Window:
    """Return what is drawn of a passage: all, or of a long one what is around two places of it.

    With `at`, the places of the first row and of the first column that somebody asked for, it is
    what begins there, unless what is selected is not in it.

    Where queries and keys are the same tokens, the same are drawn of both: those around the two
    places if both fit, else around the one that was selected, which for ``key`` is `column`.
    """
    spans = run.span(passage), run.key_span(passage)
    if at is not None:
        parts = (_from(span, first) for span, first in zip(spans, at, strict=True))
        asked = Window(passage, *parts, *spans, chosen=True)
        side, place = (asked.rows, row) if role == "query" else (asked.columns, column)
        if not asked.whole and (place is None or _place(side, place) is not None):
            return asked
    if run.square:
        first, other = (row, column) if role == "query" else (column, row)
        row = column = _middle(other if first is None else first, other)
    rows, columns = (_around(s, at) for s, at in zip(spans, (row, column), strict=True))
    return Window(passage, rows, columns, *spans)


def weights(
    run: Run, layer: int, head: int, window: Window, change: Change | None = None
) -> np.ndarray:
    """Return the attention between some tokens of a passage, exactly as in the whole of it.

    Returns
    -------
    float32 (r, c)
        Rows sum to less than 1: the rest goes to keys outside. At most some `exact.CELLS` are
        held.
    """
    queries, keys = run.vectors(layer, head, window.passage)
    step, found = max(1, exact.CELLS // len(keys)), []
    for start in range(window.rows.start, window.rows.stop, step):
        rows = slice(start, min(start + step, window.rows.stop))
        some = exact.attend(run, layer, head, window.passage, queries[rows], keys, rows)
        found.append((change(some, rows) if change else some)[:, window.columns])
    return np.concatenate(found)


def of_token(
    run: Run,
    layer: int,
    head: int,
    window: Window,
    token: int,
    role: str,
    change: Change | None = None,
) -> np.ndarray:
    """Return the attention of one token over the whole passage of a window, float32 (m,).

    Parameters
    ----------
    token : int
        Of the text. Of a query it is what it gives to each key, of a key what each query gives it.
    """
    own, others = window.queries, window.keys
    if role == "key":
        own, others = others, own
    one, every = slice(token - own.start, token - own.start + 1), slice(0, _count(others))
    rows, columns = (one, every) if role == "query" else (every, one)
    asked = Window(window.passage, rows, columns, window.queries, window.keys)
    return weights(run, layer, head, asked, change).ravel()


def beyond(
    run: Run, layer: int, head: int, window: Window, row: int, change: Change | None = None
) -> dict | None:
    """Return how much a row gives to keys that are not drawn; None if all are.

    Parameters
    ----------
    row : int
        Counted from the first of the window.

    Returns
    -------
    dict
        ``share`` of all such keys; of the one that gets most: its ``place`` in the passage, its
        ``word`` and its ``weight``.
    """
    if (count := _count(window.keys)) == _count(window.columns):
        return None
    place = window.rows.start + row
    asked = Window(
        *(window.passage, slice(place, place + 1), slice(0, count)), window.queries, window.keys
    )
    rest = np.nan_to_num(weights(run, layer, head, asked, change)[0])
    rest[window.columns] = 0
    most = int(rest.argmax())
    return {
        "share": float(rest.sum()),
        "place": most,
        "word": run.keys.strings[window.keys.start + most],
        "weight": float(rest[most]),
    }


def _around(span: slice, middle: int | None) -> slice:
    count = _count(span)
    if count <= LONG:
        return slice(0, count)
    return _from(span, (middle or 0) - SIZE // 2)


def _from(span: slice, first: int) -> slice:
    """Return what is drawn from a place on; as much as fits where that is near an end."""
    count = _count(span)
    if count <= LONG:
        return slice(0, count)
    first = min(max(0, first), count - SIZE)
    return slice(first, first + SIZE)


def _middle(first: int | None, other: int | None) -> int | None:
    """Return what to draw around so that a place is drawn, and another if it is near enough."""
    if first is None or other is None or abs(first - other) > SIZE - 2:
        return first
    return (first + other) // 2


def _count(part: slice) -> int:
    return part.stop - part.start


def _moved(part: slice, first: int) -> slice:
    return slice(first + part.start, first + part.stop)


def _place(part: slice, place: int | None) -> int | None:
    return place - part.start if place is not None and part.start <= place < part.stop else None
