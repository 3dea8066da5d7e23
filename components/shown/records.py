"""What callbacks are told of the page, as records: the head of a column, its map's options, looks.

Dash hands groups of inputs over as dictionaries with these records' fields; columns A and B alike.
"""

from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Self

from dash import Input
from dash.exceptions import PreventUpdate

from components.shown import typed
from compute import runs
from compute.runs import Run

SIDES = ("", "-b")
"""Ids of column A have no ending, those of column B end in -b."""


def column_name(side: str) -> str:
    """Return what the page calls a column."""
    return "B" if side else "A"


def model_of(run: dict | Run) -> str:
    """Return what a run's model is called in the name of a file, with the part that is shown."""
    model = run["model"] if isinstance(run, dict) else asdict(run.model)
    return "-".join(word for word in (model["name"], model["part"]) if word)


COLUMNS = {
    "": {
        "run": Input("run", "data"),
        "layer": Input("layer-select", "value"),
        "head": Input("head-select", "value"),
    },
    # One store, which is set only while two are compared: nothing of B is asked for before.
    "-b": Input("b-side", "data"),
}


@dataclass(frozen=True)
class HeadView:
    """The run, as `jobs.opening.describe` gives it, and the head that a column shows."""

    run: dict
    layer: int
    head: int

    @classmethod
    def of(cls, column: dict | None) -> Self:
        """Return what a column shows.

        Raises
        ------
        PreventUpdate
            While it shows nothing.
        HeadscopeError
            If the run is gone, or its model has no such head.
        """
        if not column or not column["run"]:
            raise PreventUpdate
        view = cls(column["run"], *typed.head(column["layer"], column["head"]))
        view.data.check(*view.at)
        return view

    @property
    def at(self) -> tuple[int, int]:
        """Layer and head."""
        return self.layer, self.head

    @property
    def name(self) -> str:
        """The head, as ``L5H1``."""
        return f"L{self.layer}H{self.head}"

    @property
    def key(self) -> str:
        """The run's name in the store."""
        return self.run["key"]

    @cached_property
    def data(self) -> Run:
        """The run, from the store."""
        return runs.load(self.key)


PANEL = tuple(
    (id, "value")
    for id in (
        *("method-select", "dims-select", "steps-input", "scale-select", "rotation-select"),
        "property-input",
    )
)
"""The controls of `MapOptions`, in the order of its fields."""


@dataclass(frozen=True)
class MapOptions:
    """What the panel of maps asks for, as its controls hold it."""

    method: str
    dims: str
    steps: str | float | None
    scale: str
    rotation: str
    said: str | None = None

    @classmethod
    def inputs(cls, kind: type = Input) -> dict[str, Input]:
        """Return the controls, as `Input` or `State`."""
        names = (field.name for field in fields(cls))
        return {name: kind(*place) for name, place in zip(names, PANEL, strict=True)}


@dataclass(frozen=True)
class Looks:
    """How a map is drawn.

    Attributes
    ----------
    dots : bool
        Every point is a dot, however many there are.
    shapes : bool or None
        The browser has no WebGL; None, as long as it has not said so, means that it has.
    """

    colour: str
    hide: bool
    dim: bool
    dense: bool
    theme: str
    dots: bool = False
    shapes: bool | None = None

    @property
    def dark(self) -> bool:
        """Whether the page is dark."""
        return self.theme == "dark"


@dataclass(frozen=True)
class PassageLooks:
    """How the attention of a passage is drawn."""

    theme: str
    hide: bool
    by_value: bool


LOOKS = {
    "colour": Input("colour-select", "value"),
    "hide": Input("hide-special", "value"),
    "dim": Input("dim-untrusted", "value"),
    "dense": Input("density", "value"),
    "theme": Input("theme", "data"),
    "dots": Input("all-dots", "value"),
    "shapes": Input("no-webgl", "data"),
}
PASSAGE_LOOKS = {
    "theme": Input("theme", "data"),
    "hide": Input("hide-special", "value"),
    "by_value": Input("by-value", "value"),
}
