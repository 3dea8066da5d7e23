"""Wires the page to compute. Background jobs pickle these functions by name."""

from dash import Dash

from components import (
    alike,
    all_heads_callbacks,
    client,
    ghosts,
    grids,
    heldout,
    lab_callbacks,
    lab_client,
    lasso,
    later,
    maps,
    opening,
    patterns_callbacks,
    scale_callbacks,
    scale_methods,
    second_column,
    take_away,
    trust_badge,
    views,
)
from components.links import asking

PARTS = (
    opening,
    asking,
    grids,
    maps,
    ghosts,
    heldout,
    lasso,
    later,
    views,
    trust_badge,
    second_column,
    client,
    lab_callbacks,
    lab_client,
    scale_callbacks,
    scale_methods,
    all_heads_callbacks,
    patterns_callbacks,
    take_away,
    alike,
)


def register(app: Dash) -> None:
    """Register every callback; module-level decorators would serve only the first app."""
    for part in PARTS:
        part.register(app)
