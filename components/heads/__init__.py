"""The stage "Heads": the map and the heatmap of one head, or of two side by side.

``stage`` is what is there; ``maps``, ``trust_badge``, ``attention_panels``, ``heldout``,
``ghosts`` and ``lasso`` draw one head, ``passages`` and ``strongest`` choose what of the text is
shown, ``heat_scale`` the colours of heatmaps, ``compare`` and ``head_similarity`` are for two. The
page takes `STAGE`.
"""

from dash import Dash

from components.forms import opened
from components.forms.fields import Colouring, Flag, Method, one_of
from components.forms.form import Form
from components.forms.typed import HEAD, TYPED
from components.heads import (
    attention_panels,
    compare,
    forms,
    ghosts,
    head_similarity,
    heat_scale,
    heldout,
    kept_selections,
    lasso,
    maps,
    passages,
    sentences,
    stage,
    strongest,
    trust_badge,
)
from components.parts.part import Field, Stage
from compute import limits
from compute.runs import heat_scales

FLAG = Form(Flag)
FRAME = Form(forms.Step | None)
LONG = f"A sentence can have at most {limits.SENTENCE:,} characters. Make it shorter."


def register(app: Dash) -> None:
    """Wire all of it."""
    for part in (
        maps,
        ghosts,
        heldout,
        lasso,
        kept_selections,
        attention_panels,
        passages,
        sentences,
        strongest,
        heat_scale,
        trust_badge,
        compare,
        head_similarity,
    ):
        part.register(app)


STAGE = Stage(
    name="heads",
    title="Heads",
    build=stage.head_view,
    register=register,
    jobs=(
        *maps.JOBS,
        *ghosts.JOBS,
        heldout.JOB,
        strongest.JOB,
        *compare.JOBS,
        head_similarity.JOB,
        kept_selections.JOB,
    ),
    fields=(
        Field("layer-select", HEAD, "layer", "place"),
        Field("head-select", HEAD, "head", "place"),
        Field("layer-select-b", None, "layerb", "place", late=True),
        Field("head-select-b", None, "headb", "place", late=True),
        Field("b-anyway", None, "b-anyway", "flag", late=True),
        Field("method-select", Form(Method), "map"),
        Field("dims-select", Form(one_of(["2", "3"])), "dims"),
        Field("steps-input", TYPED, "steps"),
        Field("scale-select", Form(one_of(value for value, _ in stage.SCALES)), "scale"),
        Field("rotation-select", Form(one_of(["after", "before"])), "rotation"),
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
        *kept_selections.FIELDS,
    ),
    stores={
        "lassoed": Form(opened.Lassoed | None),
        "ghost-sentence": Form(opened.Sentence | None, LONG),
        "frame": FRAME,
        "no-webgl": Form(Flag | None),
        **strongest.STORES,
        **compare.KEPT,
        **heat_scale.KEPT,
    },
    late={"frame-b": FRAME},
    tables=kept_selections.TABLES,
)
