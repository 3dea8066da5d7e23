"""Points of the map that are selected with lasso or box.

``points`` says which tokens they are and what they attend to, ``kept`` keeps them under a name,
to be shown again, ranked by, and saved; assets/lasso marks them. The stage "Heads" takes `PART`.
"""

from dash import Dash

from components.forms import opened
from components.forms.form import Form
from components.lasso import kept, points
from components.parts.part import Part


def register(app: Dash) -> None:
    """Wire all of it."""
    for each in (points, kept):
        each.register(app)


PART = Part(
    register,
    jobs=(kept.JOB,),
    fields=kept.FIELDS,
    stores={"lassoed": Form(opened.Lassoed | None)},
    tables=kept.TABLES,
)
