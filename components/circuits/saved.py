"""The tables of the view as files: arrows, whom a head feeds, what rises without it."""

from collections.abc import Callable, Iterable, Sequence

from components.circuits import words
from components.parts.save_table import Saved, SavedTable
from compute.circuits import feeding, rows
from compute.circuits.graph import GRAPHS
from compute.circuits.taken import TAKEN, Taken
from compute.errors import HeadscopeError
from compute.take_away import export


def graph(seen: dict | None, run: dict | None) -> Saved:
    """Return the arrows of the graph."""
    found = GRAPHS.get(seen["name"]) if seen and run and seen["run"] == run["key"] else None
    if found is None:
        raise HeadscopeError(words.DRAW_FIRST)
    of = [] if seen["only"] is None else [words.head(seen["only"])]
    name = ("graph", run["model"]["name"], *_edges(seen), *of, found.method)
    return export.of_rows(rows.GRAPH, rows.of_graph(found)), name


def _without(
    what: str, columns: Sequence[str], of: Callable[[Taken], Iterable[tuple]]
) -> Callable[[dict | None, dict | None], Saved]:
    def make(done: dict | None, run: dict | None) -> Saved:
        found = TAKEN.get(done["name"]) if done and run and done["run"] == run["key"] else None
        if found is None:
            raise HeadscopeError(words.TAKE_FIRST)
        gone = f"without-{words.head(done['off'])}"
        name = (what, run["model"]["name"], *_edges(done), gone, found.method)
        return export.of_rows(columns, of(found)), name

    return make


def _edges(of: dict) -> list[str]:
    offset = [str(of["offset"])] if of["rule"] == "offset" else []
    return [of["kind"]] if of["kind"] != "rule" else [of["rule"], *offset]


_WITHOUT = (("why-graph-without", "data"), ("run", "data"))
TABLES = (
    SavedTable(
        "why-graph-arrows",
        "who builds whose queries and keys",
        "why-graph-drawn",
        graph,
        (("why-graph-seen", "data"), ("run", "data")),
    ),
    SavedTable(
        "why-graph-fed-table",
        "whom it feeds",
        "why-graph-fed",
        _without("fed", rows.FED, feeding.fed),
        _WITHOUT,
    ),
    SavedTable(
        "why-graph-rises-table",
        "attention of all later heads without it",
        "why-graph-rises",
        _without("rises", rows.RISES, rows.of_rises),
        _WITHOUT,
    ),
)
