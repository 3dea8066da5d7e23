"""Which form each value has that a callback of the server takes."""

from components.forms.fields import Clicks
from components.forms.form import Form
from components.page.parts import PARTS
from components.page.stages import STAGES

CLICKED = Form(Clicks)
FORMS: dict[tuple[str, str], Form] = {}
for _part in (*PARTS, *STAGES):
    FORMS |= {(field.id, field.prop): field.form for field in _part.fields if field.form}
    FORMS |= {(id, "data"): form for id, form in {**_part.stores, **_part.late}.items()}
    FORMS |= {(id, "data"): form for job in _part.jobs for id, form in job.forms().items()}


def form_of(place: tuple[str, str]) -> Form:
    """Return the form of a value, by (component id, property); buttons all have the same."""
    return CLICKED if place[1] == "n_clicks" else FORMS[place]
