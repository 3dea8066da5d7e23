"""The grids of all heads beside every stage, and the scores that colour them.

``rail`` is what is there, ``grids`` what it does, ``head_scores`` what it can be coloured by. The
page takes `PART` and `rail.rail`.
"""

from components.forms.fields import one_of
from components.forms.form import Form
from components.forms.typed import number
from components.grid import grids, head_scores
from components.parts.part import Field, Part
from compute import limits

PART = Part(
    grids.register,
    jobs=(*grids.JOBS, *head_scores.JOBS),
    fields=(
        Field("score-select", Form(one_of(name for name, _ in grids.all_scores())), "score"),
        Field("induction-trials", number("Trials", limits.TRIALS)),
        Field("induction-length", number("Length", limits.LENGTH)),
        Field("induction-seed", number("Seed", limits.SEED)),
    ),
)
