"""The passage that is shown: its attention as a heatmap, in words, and which passage it is.

``view`` is what is there, ``attention_panels`` draws heatmaps and the difference of two,
``heat_scale`` has their colours, ``passages`` and ``strongest`` choose what of the text is shown,
``overview`` which part of a long passage, ``help_texts`` explains. assets/passage has its words and
names. The stage "Heads" takes `PART`.
"""

from dash import Dash

from components.parts.part import Part
from components.passage import attention_panels, heat_scale, overview, passages, strongest


def register(app: Dash) -> None:
    """Wire all of it."""
    for each in (attention_panels, passages, strongest, heat_scale, overview):
        each.register(app)


PART = Part(
    register,
    jobs=(strongest.JOB, overview.JOB),
    stores={**strongest.STORES, **heat_scale.KEPT, **overview.STORES},
)
