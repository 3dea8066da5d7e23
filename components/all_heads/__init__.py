"""The stage "All heads": every head's map or attention as one tile, to search, dim, rank and open.

``stage`` is what is there, ``callbacks`` draws maps, ``refining`` fits them, ``thumbnails`` shows
attention, ``sending`` is how places go to the page, ``words`` is what the stage says; the
tiles are drawn by assets/all_heads. The page takes `STAGE`.
"""

from dash import Dash

from components.all_heads import callbacks, refining, stage, thumbnails
from components.forms.fields import Colouring, one_of
from components.forms.form import Form
from components.forms.typed import longest
from components.parts import colour_chooser
from components.parts.jobs import Job
from components.parts.part import Field, Stage
from compute import limits


def register(app: Dash) -> None:
    """Wire the stage to the page."""
    for each in (callbacks, refining, thumbnails):
        each.register(app)
    colour_chooser.register(app, "all-colour")


STAGE = Stage(
    name="all",
    title="All heads",
    build=stage.all_heads,
    register=register,
    jobs=(
        Job("all-laid", callbacks.lay_out, callbacks.Laid, Form(callbacks.Asked), by="all-asked"),
        Job("all-fresh", refining.fit_some, refining.Fresh, Form(refining.Some)),
        Job("all-refined", refining.gather, callbacks.Laid, Form(callbacks.Asked)),
        thumbnails.JOB,
    ),
    fields=(
        Field("all-method", address="all-method"),
        Field("all-colour", Form(Colouring), "all-colour"),
        Field("all-scale", Form(one_of(value for value, _ in stage.SCALES)), "all-scale"),
        Field("all-least", address="all-least"),
        Field("all-starred", address="all-starred", kind="flag"),
        Field("all-order", address="all-order"),
        Field("all-find", longest("A token", limits.MODEL), "all-find"),
        Field("all-show", Form(one_of(value for value, _ in thumbnails.SHOWN)), "all-show"),
        Field("all-heat", address="all-heat"),
    ),
    stores={"all-passage": Form(thumbnails.Passage)},
)
