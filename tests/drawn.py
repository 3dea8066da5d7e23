"""Callbacks without a page: all of them wired, and what they return as a person reads it."""

import csv
import io
from pathlib import Path

from dash import Dash, DiskcacheManager, dcc, html
from dash.development.base_component import Component
from diskcache import Cache
from plotly.graph_objects import Figure

from components.page import wiring
from compute.take_away import export


def wired(folder: Path, **options: object) -> Dash:
    """An app with all callbacks, and nothing on its page."""
    manager = DiskcacheManager(Cache(folder), cache_by=[lambda: 1])
    options |= {"background_callback_manager": manager, "prevent_initial_callbacks": True}
    app = Dash("test", **options)
    app.layout = html.Div()
    wiring.register(app)
    return app


def at(run: dict, layer: int, head: int) -> dict:
    """What a stage knows of the open head."""
    return {"run": run["key"], "layer": layer, "head": head}


def inside(shown: object) -> list:
    """Components and texts with all that is in them, in their order."""
    if isinstance(shown, (list, tuple)):
        return [part for top in shown for part in inside(top)]
    return [shown, *shown._traverse()] if isinstance(shown, Component) else [shown]


def said(shown: object) -> str:
    """The words in components."""
    words = [getattr(part, "children", part) for part in inside(shown)]
    return "".join(part for part in words if isinstance(part, str))


def listed(shown: object) -> list[str]:
    """The heads that can be clicked, in their order."""
    return [part.children for part in inside(shown) if isinstance(part, html.Button)]


def figures(shown: object) -> dict[object, Figure]:
    """The figures in components, by their ids."""
    graphs = [part for part in inside(shown) if isinstance(part, dcc.Graph)]
    return {getattr(graph, "id", i): graph.figure for i, graph in enumerate(graphs)}


def rows(table: export.Table) -> list[dict[str, str]]:
    """A table as its CSV has it."""
    return list(csv.DictReader(io.StringIO(export.write(table, "csv").decode())))
