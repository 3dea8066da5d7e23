"""The tables of the stage "Patterns" as files."""

from components.parts.jobs import is_of, kept
from components.parts.save_table import Saved, SavedTable
from components.shown import typed
from components.shown.records import model_of
from compute import runs
from compute.errors import HeadscopeError
from compute.scores import aggregate, classes, patterns
from compute.take_away import export


def ranking(found: dict | None, run: dict | None, order: str) -> Saved:
    """Return all heads in the order of the last pattern that was looked for."""
    ranked = kept(patterns.RANKINGS, found, run)
    if ranked is None:
        raise HeadscopeError("No heads are ranked yet. Press “Find heads”, then save.")
    by = patterns.fitting(found["rule"]) if order == FITTING else order
    return export.ranking_table(ranked, by), ("pattern", found["rule"], *_of(run))


def between_classes(classed: dict | None, run: dict | None) -> Saved:
    """Return the class × class matrices of all heads."""
    return export.classes_table(_classes(classed, run)), ("classes", *_of(run))


def by_cell(classed: dict | None, run: dict | None, cell: str | None, by: str, least) -> Saved:
    """Return the heads in the order of one cell of the matrix."""
    found = _classes(classed, run)
    query, _, key = (cell or "").partition("→")
    if query not in found.names or key not in found.names:
        raise HeadscopeError("No cell is chosen yet. Click one in the matrix, then save.")
    listed = classes.rank(found, query, key, by=by, least=typed.number(least, "At least"))
    if not listed:
        raise HeadscopeError(f"No head reaches {least}. Choose a smaller limit, then save.")
    keys = int(found.tokens[found.names.index(key)])
    counted = {
        "keys": [keys] * len(listed),
        "few": [min(row.n, keys) < classes.FEW for row in listed],
    }
    return export.of_records(listed) | counted, ("class", query, "to", key, *_of(run))


def offsets(averaged: dict | None, run: dict | None) -> Saved:
    """Return attention by offset of all heads."""
    return export.offsets_table(_averages(averaged, run)), ("offsets", *_of(run))


def positions(averaged: dict | None, run: dict | None, layer, head) -> Saved:
    """Return attention by position of the open head."""
    at, found = typed.head(layer, head), _averages(averaged, run)
    runs.load(run["key"]).check(*at)
    table = export.positions_table(found, *at)
    return table, ("positions", *_of(run), f"L{at[0]}H{at[1]}")


def _of(run: dict) -> tuple[str, str]:
    return model_of(run), run["text"]


def _classes(classed: dict | None, run: dict | None) -> classes.Classes:
    found = kept(classes.CLASSES, classed, run)
    if found is None:
        raise HeadscopeError("No classes are measured yet. Press Measure, then save.")
    return found


def _averages(averaged: dict | None, run: dict | None) -> aggregate.Aggregate:
    found = aggregate.AVERAGES.get(aggregate.key(run["key"])) if is_of(averaged, run) else None
    if found is None:
        raise HeadscopeError("The averages of this text are still being made. Wait, then save.")
    return found


FITTING = "fit"
_RUN = ("run", "data")
_HEAD = (("layer-select", "value"), ("head-select", "value"))
_CELL = tuple((f"patterns-{name}", "value") for name in ("cell", "by", "least"))
TABLES = (
    SavedTable(
        "patterns-found",
        "the ranking of all heads",
        "patterns-ranking",
        ranking,
        (("patterns-found", "data"), _RUN, ("patterns-order", "value")),
    ),
    SavedTable(
        "patterns-classed",
        "the matrices of all heads",
        "patterns-classes",
        between_classes,
        (("patterns-classed", "data"), _RUN),
    ),
    SavedTable(
        "patterns-by-cell",
        "this ranking of heads",
        "patterns-cell",
        by_cell,
        (("patterns-classed", "data"), _RUN, *_CELL),
    ),
    SavedTable(
        "patterns-positions",
        "the open head's averages by position",
        "patterns-average",
        positions,
        (("patterns-averaged", "data"), _RUN, *_HEAD),
        label="by position",
    ),
    SavedTable(
        "patterns-offsets",
        "all heads' averages by offset",
        "patterns-average",
        offsets,
        (("patterns-averaged", "data"), _RUN),
        label="by offset",
    ),
)
