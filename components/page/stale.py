"""What is drawn of something else than is chosen is pale until the new one is there.

A table of what the server draws, and of the choices that it is drawn of. Where one of these has
changed and the drawing hasn't come yet, the browser marks its place (assets/page/stale.js).
"""

from dataclasses import dataclass

from dash import Dash, Input

Place = tuple[str, str]
"""A component's id and one of its properties."""

RUN: Place = ("run", "data")
HEAD: tuple[Place, ...] = (RUN, ("layer-select", "value"), ("head-select", "value"))
MAP: tuple[Place, ...] = tuple(
    (f"{what}-select", "value") for what in ("method", "dims", "scale", "rotation")
)
STEPS: Place = ("steps-input", "value")
B: Place = ("b-side", "data")


@dataclass(frozen=True)
class Drawn:
    """Something that the server draws.

    Attributes
    ----------
    id, prop : str
        Where it arrives.
    of : tuple of Place
        The choices that it is drawn of.
    where : str
        The id of what is made pale, if that is another element.
    """

    id: str
    prop: str
    of: tuple[Place, ...]
    where: str = ""


def _of_head(side: str, of: tuple[Place, ...]) -> tuple[Drawn, ...]:
    return (
        Drawn(f"qk-map{side}", "figure", (*of, *MAP, STEPS)),
        Drawn(f"trust-badge{side}", "children", (*of, *MAP, STEPS)),
        Drawn(f"attention-heatmap{side}", "figure", of),
        Drawn(f"head-facts{side}", "children", of),
    )


def _in_stage(stage: str, name: str, prop: str, of: tuple[str, ...], where: str = "") -> Drawn:
    return Drawn(f"{stage}-{name}", prop, tuple((f"{stage}-{what}", "data") for what in of), where)


DRAWN = (
    *_of_head("", HEAD),
    *_of_head("-b", (B,)),
    Drawn("attention-difference", "figure", (B, ("b-other", "data"))),
    Drawn("head-grid", "figure", (RUN, ("score-select", "value"))),
    Drawn("induction-grid", "figure", (RUN,)),
    Drawn("all-points", "data", (RUN, ("all-method", "value")), "all-picture"),
    _in_stage("patterns", "heatmap", "figure", ("run", "head")),
    Drawn("patterns-ranking", "children", (("patterns-find", "n_clicks"),)),
    _in_stage("patterns", "positions", "figure", ("run", "head")),
    _in_stage("patterns", "offsets", "figure", ("run", "head")),
    Drawn("scale-grids", "figure", (RUN,)),
    Drawn("scale-curves", "figure", HEAD),
    Drawn("scale-small", "figure", HEAD),
    _in_stage("lab", "spectrum", "figure", ("run", "head")),
    _in_stage("lab", "matrix", "figure", ("run", "head")),
)


def register(app: Dash) -> None:
    """Watch the choices, and apart from them what arrives: else Dash would wait for that."""
    for of in dict.fromkeys(drawn.of for drawn in DRAWN):
        places = [drawn.where or drawn.id for drawn in DRAWN if drawn.of == of]
        app.clientside_callback(
            f"() => window.headscope.stale.mark({places}, true)",
            *(Input(*each, allow_optional=True) for each in of),
        )
    for drawn in DRAWN:
        app.clientside_callback(
            f"() => window.headscope.stale.mark({[drawn.where or drawn.id]}, false)",
            Input(drawn.id, drawn.prop, allow_optional=True),
        )
