"""Wires the page to compute. Background jobs are found by the names of their functions."""

from dash import Dash

from components.page import address, lazy_mount, sights, stale
from components.page.parts import PARTS
from components.page.stages import STAGES
from components.parts import save_table


def register(app: Dash) -> None:
    """Register every callback; module-level decorators would serve only the first app."""
    for part in (*PARTS, *STAGES):
        part.register(app)
        for job in part.jobs:
            job.register(app)
        save_table.register(app, part.tables, getattr(part, "name", "save"))
    lazy_mount.register(app)
    address.register(app)
    sights.register(app)
    stale.register(app)
