"""Wires the page to compute. Background jobs pickle these functions by name."""

from dash import Dash

from components import client, grids, lab_callbacks, lab_client, maps, opening, trust_badge, views


def register(app: Dash) -> None:
    """Register every callback; module-level decorators would serve only the first app."""
    for part in (opening, grids, maps, views, trust_badge, client, lab_callbacks, lab_client):
        part.register(app)
