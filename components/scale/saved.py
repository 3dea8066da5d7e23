"""The tables of the scale stage as files."""

from components.parts.save_table import Saved, SavedTable
from components.shown.records import model_of
from compute.errors import HeadscopeError
from compute.jobs import mapping
from compute.maps import projection
from compute.scale import all_scales, comparison
from compute.take_away import scale_tables


def choices(view: dict | None, run: dict | None) -> Saved:
    """Return which c each criterion chooses for every head."""
    return scale_tables.choices(_scan(view, run)), ("scales", *_of(run))


def curves(view: dict | None, run: dict | None) -> Saved:
    """Return the criteria of the open head over c."""
    found = _scan(view, run)
    table = scale_tables.curves(found, view["layer"], view["head"])
    return table, ("scale-curves", *_of(run), _head(view))


def maps(view: dict | None, run: dict | None) -> Saved:
    """Return what was measured of the open head's map at each c."""
    rows = _rows(view, run, mapping.at_scales(view["method"] if view else "pca"))
    named = {"1" if c == "none" else "equal norms" if c == "norm" else c: rows[c] for c in rows}
    return scale_tables.maps("c", named), ("scale-maps", view["method"], *_of(run), _head(view))


def methods(view: dict | None, run: dict | None) -> Saved:
    """Return what was measured of the open head's maps by all methods."""
    rows = _rows(view, run, mapping.by_method(list(projection.METHODS)))
    return scale_tables.maps("method", rows), ("methods", *_of(run), _head(view))


def _of(run: dict) -> tuple[str, str]:
    return model_of(run), run["text"]


def _head(view: dict) -> str:
    return f"L{view['layer']}H{view['head']}"


def _scan(view: dict | None, run: dict | None) -> all_scales.AllScales:
    found = (
        all_scales.SCANS.get(all_scales.key(view["run"]))
        if view and run and view["run"] == run["key"]
        else None
    )
    if found is None:
        raise HeadscopeError("The scale of this text is not measured yet. Measure it, then save.")
    return found


def _rows(view: dict | None, run: dict | None, asked: dict) -> dict:
    rows = {}
    if view and run and view["run"] == run["key"]:
        at = view["run"], view["layer"], view["head"]
        rows = {name: comparison.row(*at, each) for name, each in asked.items()}
    known = {name: row for name, row in rows.items() if row is not None}
    if not known:
        raise HeadscopeError("No maps of this head are measured yet. Measure them, then save.")
    return known


_STATES = (("scale-view", "data"), ("run", "data"))
TABLES = (
    SavedTable("scale-grids", "the c of all heads", "scale-grids", choices, _STATES),
    SavedTable("scale-curves", "the open head's curves", "scale-curves", curves, _STATES),
    SavedTable("scale-maps", "the trust of these maps", "scale-maps", maps, _STATES),
    SavedTable("scale-methods", "this table", "scale-methods", methods, _STATES),
)
