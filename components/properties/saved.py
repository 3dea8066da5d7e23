"""The tables of the view as files: one head, and all of them."""

from components.parts.jobs import kept
from components.parts.save_table import Saved, SavedTable
from components.properties import words
from compute.errors import HeadscopeError
from compute.properties import tables
from compute.properties.every_head import PROPERTIES
from compute.properties.finding import FINDINGS
from compute.store import Stored
from compute.take_away import export


def head(found: dict | None, run: dict | None) -> Saved:
    """Return the numbers of the head that was measured last."""
    done = _kept(FINDINGS, found, run)
    return export.of_rows(tables.COLUMNS, tables.of_head(done)), (
        *_name(done.said, run),
        f"L{done.layer}H{done.head}",
    )


def heads(every: dict | None, run: dict | None) -> Saved:
    """Return the numbers of all heads."""
    done = _kept(PROPERTIES, every, run)
    return export.of_rows(tables.COLUMNS, tables.of_heads(done)), _name(done.said, run)


def _kept(store: Stored, done: dict | None, run: dict | None):
    found = kept(store, done, run)
    if found is None:
        raise HeadscopeError(words.SAVE_FIRST)
    return found


def _name(said: str, run: dict) -> tuple[str, ...]:
    plain = "".join(c if c.isalnum() else "-" for c in said)[:40].strip("-")
    return "property", run["model"]["name"], plain


TABLES = (
    SavedTable(
        "why-property-head",
        "the numbers of this head",
        "why-property-found",
        head,
        (("why-property", "data"), ("run", "data")),
    ),
    SavedTable(
        "why-property-heads",
        "the numbers of all heads",
        "why-property-heads",
        heads,
        (("why-property-all", "data"), ("run", "data")),
    ),
)
