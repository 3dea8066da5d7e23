"""The stage "Heads": the map and the heatmap of one head, or of two side by side.

``stage`` brings together what the rooms `joint_map`, `sentence`, `lasso`, `passage` and `compare`
show, ``facts`` says a head in numbers. The controls are listed here, in the order in which the
address has them. The page takes `STAGE`.
"""

from dash import Dash

from components.compare import PART as COMPARE
from components.forms.fields import Colouring, Flag, Method, line, one_of
from components.forms.form import Form
from components.forms.typed import HEAD, TYPED
from components.heads import facts, other_layers, stage
from components.joint_map import PART as JOINT_MAP
from components.joint_map.view import SCALES
from components.lasso import PART as LASSO
from components.parts import colour_chooser
from components.parts.part import Field, Part, Stage
from components.passage import PART as PASSAGE
from components.passage import strongest
from components.pictures import PART as PICTURES
from components.sentence import PART as SENTENCE
from compute import limits
from compute.attention import heat_scales

FLAG = Form(Flag)
ROOMS: tuple[Part, ...] = (JOINT_MAP, SENTENCE, LASSO, PASSAGE, PICTURES, COMPARE)


def register(app: Dash) -> None:
    """Wire all of it."""
    for each in (*ROOMS, facts, other_layers):
        each.register(app)
    colour_chooser.register(app, "colour-select")


STAGE = Stage(
    name="heads",
    title="Heads",
    build=stage.head_view,
    register=register,
    jobs=tuple(job for room in ROOMS for job in room.jobs),
    fields=(
        Field("part-select", None, "part", "part"),
        Field("layer-select", HEAD, "layer", "place"),
        Field("head-select", HEAD, "head", "place"),
        Field("layer-other", HEAD),
        Field("layer-select-b", None, "layerb", "place", late=True),
        Field("head-select-b", None, "headb", "place", late=True),
        Field("b-anyway", None, "b-anyway", "flag", late=True),
        Field("method-select", Form(Method), "map"),
        Field("dims-select", Form(one_of(["2", "3"])), "dims"),
        Field("steps-input", TYPED, "steps"),
        Field("scale-select", Form(one_of(value for value, _ in SCALES)), "scale"),
        Field("rotation-select", Form(one_of(["after", "before"])), "rotation"),
        Field("property-input", Form(line(limits.PROPERTY) | None), "property"),
        Field("colour-select", Form(Colouring), "colour"),
        Field("token-search", None, "find"),
        Field("lines-most", None, "most"),
        Field("lines-least", None, "least"),
        Field("ghost-input", None, "sentence"),
        Field("strongest-by", None, "strongest", usual=strongest.CLOSED),
        Field("labels", None, "labels", "flag"),
        Field("hide-special", FLAG, "hide", "flag"),
        Field("by-value", FLAG, "values", "flag"),
        Field("density", FLAG, "density", "flag"),
        Field("all-dots", FLAG, "dots", "flag"),
        Field("dim-untrusted", FLAG, "dim", "flag"),
        Field("heat-select", Form(one_of(heat_scales.KINDS)), "heat", usual="one"),
        Field("heat-sinks", FLAG, "sinks", "flag"),
        *LASSO.fields,
    ),
    stores={id: form for room in ROOMS for id, form in room.stores.items()},
    late={id: form for room in ROOMS for id, form in room.late.items()},
    tables=tuple(table for room in ROOMS for table in room.tables),
)
