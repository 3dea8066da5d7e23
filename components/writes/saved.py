"""The tables of the view as files: a place, and the whole text."""

from components.parts.save_table import Saved, SavedTable
from components.writes import words
from compute import runs
from compute.errors import HeadscopeError
from compute.store import Stored
from compute.take_away import export
from compute.take_away.written_tables import COLUMNS, of_place, of_text
from compute.writes.at_place import WRITTEN
from compute.writes.over_text import OVERALL


def place(seen: dict | None, run: dict | None) -> Saved:
    """Return what the head writes at the place: tokens raised and lowered, and the words."""
    found = _of("place", WRITTEN, seen, run)
    passage = seen["passage"]
    rows = of_place(found, runs.load(run["key"]).tokens, passage)
    at = f"passage-{passage + 1}", f"token-{found.place}"
    return export.of_rows(COLUMNS, list(rows)), (*_name(found, run), *at)


def text(seen: dict | None, run: dict | None) -> Saved:
    """Return what the head writes over the text."""
    found = _of("text", OVERALL, seen, run)
    return export.of_rows(COLUMNS, list(of_text(found))), _name(found, run)


def _of(what: str, store: Stored, seen: dict | None, run: dict | None) -> object:
    name = seen[what] if seen and run and seen["run"] == run["key"] else None
    found = store.get(name) if name else None
    if found is None:
        raise HeadscopeError(words.SAVE_FIRST)
    return found


def _name(found: object, run: dict) -> tuple[str, ...]:
    return "writes", run["model"]["name"], words.head(found)


_STATES = (("why-writes-seen", "data"), ("run", "data"))
TABLES = (
    SavedTable(
        "why-writes-place", "what it writes at this place", "why-writes-here", place, _STATES
    ),
    SavedTable("why-writes-text", "what it writes over the text", "why-writes-over", text, _STATES),
)
