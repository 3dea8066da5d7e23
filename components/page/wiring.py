"""Wires the page to compute. Background jobs pickle these functions by name."""

from dash import Dash

from components.all_heads import callbacks as all_heads_callbacks
from components.grid import grids
from components.heads import (
    attention_panels,
    compare,
    ghosts,
    head_similarity,
    heldout,
    lasso,
    maps,
    trust_badge,
)
from components.lab import callbacks as lab_callbacks
from components.lab import client as lab_client
from components.links import asking
from components.page import client, lazy_mount, opening, take_away
from components.patterns import callbacks as patterns_callbacks
from components.scale import callbacks as scale_callbacks
from components.scale import methods

PARTS = (
    opening,
    asking,
    grids,
    maps,
    ghosts,
    heldout,
    lasso,
    lazy_mount,
    attention_panels,
    trust_badge,
    compare,
    client,
    lab_callbacks,
    lab_client,
    scale_callbacks,
    methods,
    all_heads_callbacks,
    patterns_callbacks,
    take_away,
    head_similarity,
)


def register(app: Dash) -> None:
    """Register every callback; module-level decorators would serve only the first app."""
    for part in PARTS:
        part.register(app)
