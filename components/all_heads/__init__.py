"""The stage "All heads": the map of every head as one tile, to search, dim, rank and open.

``stage`` is what is there, ``callbacks`` what it does, ``words`` what it says; the tiles are drawn
by assets/all_heads. The page takes `STAGE`.
"""

from dash import Input, State

from components.all_heads import callbacks, stage
from components.forms.fields import Colouring, Method, one_of
from components.forms.form import Form
from components.forms.typed import longest
from components.parts.jobs import Job
from components.parts.part import Field, Stage
from compute import limits

STAGE = Stage(
    name="all",
    title="All heads",
    build=stage.all_heads,
    register=callbacks.register,
    jobs=(
        Job("all-laid", callbacks.lay_out, callbacks.Laid, Form(callbacks.Asked), by="all-asked"),
        Job(
            "all-refined",
            callbacks.refine,
            callbacks.Laid,
            inputs=(
                Input("all-refine", "n_clicks"),
                State("run", "data"),
                State("all-method", "value"),
            ),
            clicks=(0,),
            frame="all-progress-frame",
        ),
    ),
    fields=(
        Field("all-method", Form(Method), "all-method"),
        Field("all-colour", Form(Colouring), "all-colour"),
        Field("all-scale", Form(one_of(value for value, _ in stage.SCALES)), "all-scale"),
        Field("all-least", address="all-least"),
        Field("all-order", address="all-order"),
        Field("all-find", longest("A token", limits.MODEL), "all-find"),
    ),
    stores={"all-frame": Form(callbacks.Frame | None)},
)
