"""Stars and notes on heads: the buttons beside a head's title, and the shortlist in the rail.

``controls`` is what stands beside a head, ``shortlist`` the list and what can be saved of it,
``callbacks`` what answers. The page takes `PART`; assets/notes draws stars in the grids.
"""

from components.forms.fields import Key
from components.forms.form import Form
from components.notes import callbacks, shortlist
from components.notes.forms import LONG, Change
from components.parts.part import Part

PART = Part(
    callbacks.register,
    jobs=(shortlist.JOB,),
    stores={"note-asked": Form(Change | None, LONG), "notes-kept": Form(Key | None)},
    tables=shortlist.TABLES,
)
