"""What is drawn of something else than is chosen is pale until the new one is there.

A table of what the server draws, and of the choices that it is drawn of. Where one of these has
changed and the drawing hasn't come yet, the browser marks its place (assets/page/stale.js). A plot
tells the browser itself that it was drawn anew: each callback of Dash costs more than all of this.
What is a text is pale as long as Dash waits for its answer (assets/page/stale.css).
"""

import json
from dataclasses import dataclass

from dash import Dash, Input

Place = tuple[str, str]
"""A component's id and one of its properties."""

RUN: Place = ("run", "data")
HEAD: tuple[Place, ...] = (RUN, ("layer-select", "value"), ("head-select", "value"))
MAP: tuple[Place, ...] = tuple(
    (f"{what}-select", "value") for what in ("method", "dims", "scale", "rotation")
)
TYPED: tuple[Place, ...] = (("steps-input", "value"), ("property-input", "value"))
B: Place = ("b-side", "data")
OF_B = ("b-side", "b-other", "selection-b")
"""Known when the server has matched B's tokens with A's: what A shows must not wait for that."""


@dataclass(frozen=True)
class Drawn:
    """Something that the server draws.

    Attributes
    ----------
    id : str
        What is made pale.
    of : tuple of Place
        The choices that it is drawn of.
    arrives : str
        The property in which it arrives, if it isn't a plot.
    """

    id: str
    of: tuple[Place, ...]
    arrives: str = ""


def _of_head(side: str, of: tuple[Place, ...]) -> tuple[Drawn, ...]:
    # Of a passage, too: in A the browser hears of that by itself.
    passage = (("selection-b", "data"),) if side else ()
    heatmap = Drawn(f"attention-heatmap{side}", (*of, *passage))
    return Drawn(f"qk-map{side}", (*of, *MAP, *TYPED)), heatmap


def _in_stage(stage: str, name: str, of: tuple[str, ...]) -> Drawn:
    return Drawn(f"{stage}-{name}", tuple((f"{stage}-{what}", "data") for what in of))


def _of_corpus(name: str, *of: str) -> Drawn:
    return Drawn(f"corpus-{name}", tuple((f"corpus-{what}", "value") for what in of))


DRAWN = (
    *_of_head("", HEAD),
    *_of_head("-b", (B,)),
    Drawn("attention-difference", (B, ("b-other", "data"))),
    Drawn("head-grid", (RUN, ("score-select", "value"))),
    Drawn("induction-grid", (RUN,)),
    Drawn("all-picture", (RUN, ("all-method", "value"))),
    _in_stage("patterns", "heatmap", ("run", "head")),
    Drawn("patterns-ranking", (("patterns-find", "n_clicks"),), arrives="children"),
    _in_stage("patterns", "positions", ("run", "head")),
    _in_stage("patterns", "offsets", ("run", "head")),
    _of_corpus("grid", "found", "part", "score", "apart"),
    _of_corpus("scatter", "found", "part", "x", "y", "colour"),
    Drawn("corpus-spread", (("corpus-at-spread", "data"),)),
    Drawn("corpus-classes", (("corpus-at-classes", "data"),)),
    Drawn("scale-grids", (RUN,)),
    Drawn("scale-curves", HEAD),
    Drawn("scale-small", HEAD),
    _in_stage("lab", "spectrum", ("run", "head")),
    _in_stage("lab", "matrix", ("run", "head")),
)


def of_choices() -> dict[str, list[str]]:
    """Return the ids of what is drawn of each choice, by the choice's id and property."""
    choices = dict.fromkeys(choice for drawn in DRAWN for choice in drawn.of)
    return {
        ".".join(choice): [drawn.id for drawn in DRAWN if choice in drawn.of] for choice in choices
    }


def register(app: Dash) -> None:
    """Watch the choices, those of B by themselves, and apart from them what arrives.

    Dash runs a callback only when nothing that it listens to is on its way any more. If that were
    later than what is drawn, this would be marked when it has long come.
    """
    choices = of_choices()
    for of_b in (False, True):
        some = {each: choices[each] for each in choices if (each.split(".")[0] in OF_B) == of_b}
        app.clientside_callback(
            f"() => window.headscope.stale.chosen({json.dumps(some)})",
            *(Input(*each.split("."), allow_optional=True) for each in some),
        )
    for drawn in DRAWN:
        if drawn.arrives:
            app.clientside_callback(
                f"() => window.headscope.stale.mark({[drawn.id]}, false)",
                Input(drawn.id, drawn.arrives, allow_optional=True),
            )
