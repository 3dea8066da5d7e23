"""The table of the stage "Why" as a file."""

from components.parts.save_table import Saved, SavedTable
from compute.errors import HeadscopeError
from compute.take_away import export
from compute.why.results import EXPLAINED
from compute.why.rows import COLUMNS, rows


def effects(seen: dict | None, run: dict | None) -> Saved:
    """Return the parts of the contrast and what each measured head changed."""
    found = EXPLAINED.get(seen["name"]) if seen and run and seen["run"] == run["key"] else None
    if found is None:
        raise HeadscopeError("Nothing is explained yet. Press Explain, then save.")
    name = ("why", run["model"]["name"], f"L{found.layer}H{found.head}", found.method)
    return export.of_rows(COLUMNS, list(rows(found))), name


TABLES = (
    SavedTable(
        "why-effects",
        "parts and effects of all earlier heads",
        "why-heads",
        effects,
        (("why-seen", "data"), ("run", "data")),
    ),
)
