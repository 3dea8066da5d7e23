"""A sentence that the person adds to the open text, read by the models of both columns.

``ghosts`` has it read and placed in the map, ``sentences`` makes it a passage that follows the
text's last one; assets/sentence does so in the browser. The stage "Heads" takes `PART`.
"""

from dash import Dash

from components.forms import opened
from components.forms.form import Form
from components.parts.part import Part
from components.sentence import ghosts, sentences
from compute import limits

LONG = f"A sentence can have at most {limits.SENTENCE:,} characters. Make it shorter."


def register(app: Dash) -> None:
    """Wire all of it."""
    for each in (ghosts, sentences):
        each.register(app)


PART = Part(
    register,
    jobs=ghosts.JOBS,
    stores={"ghost-sentence": Form(opened.Sentence | None, LONG)},
)
