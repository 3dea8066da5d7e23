"""The grids of all heads beside every stage, and the scores that colour them.

``rail`` is what is there, ``grids`` what it does, ``head_scores`` what it can be coloured by,
``first_head`` where a page opens that was told no head, ``chooser`` the selector of scores,
``help_texts`` explains. The page takes `PART` and `rail.rail`.
"""

from dash import Dash

from components.forms.fields import one_of
from components.forms.form import Form
from components.forms.results import OfText
from components.forms.typed import number
from components.grid import chooser, first_head, grids, head_scores
from components.parts.part import Field, Part
from compute import limits


def register(app: Dash) -> None:
    """Wire all of it."""
    grids.register(app)
    first_head.register(app)


PART = Part(
    register,
    jobs=(*grids.JOBS, *head_scores.JOBS),
    fields=(
        Field("score-select", Form(one_of(name for name, _ in chooser.all_scores())), "score"),
        Field("induction-trials", number("Trials", limits.TRIALS)),
        Field("induction-length", number("Length", limits.LENGTH)),
        Field("induction-seed", number("Seed", limits.SEED)),
    ),
    stores={"first-asked": Form(OfText | None)},
)
