"""Two heads side by side: what column B shows, and how near the two are.

``column_b`` is which run and head B shows and what of it belongs to which token of A,
``head_similarity`` the numbers of both, and the heads that attend most and least like A's. What
both columns draw is drawn by the rooms of maps and passages. The stage "Heads" takes `PART`.
"""

from dash import Dash

from components.compare import column_b, head_similarity
from components.parts.part import Part


def register(app: Dash) -> None:
    """Wire all of it."""
    for each in (column_b, head_similarity):
        each.register(app)


PART = Part(register, jobs=(*column_b.JOBS, head_similarity.JOB), stores=column_b.KEPT)
