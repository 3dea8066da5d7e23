"""The joint map of a head's queries and keys, in each of two columns, and its trust.

``view`` is what is there, ``maps`` has it drawn and fitted, ``figures`` and ``density`` are how it
looks, ``words`` and ``help_texts`` what is said of it, ``trust_badge`` and ``heldout`` its trust,
``forms`` its records. What lies over it is drawn by assets/joint_map. The stage "Heads" takes
`PART`.
"""

from dash import Dash

from components.forms.fields import Flag
from components.forms.form import Form
from components.joint_map import forms, heldout, maps, trust_badge
from components.parts.part import Part

FRAME = Form(forms.Step | None)


def register(app: Dash) -> None:
    """Wire all of it."""
    for each in (maps, heldout, trust_badge):
        each.register(app)


PART = Part(
    register,
    jobs=(*maps.JOBS, heldout.JOB),
    stores={"frame": FRAME, "no-webgl": Form(Flag | None)},
    late={"frame-b": FRAME},
)
