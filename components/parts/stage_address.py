"""A stage's own part of the address: controls whose ids begin with the stage's name."""

import json
from collections.abc import Sequence

from dash import Dash, Input, Output, dcc


def store(stage: str) -> dcc.Store:
    """Return the store of the address that was read when the stage was made."""
    return dcc.Store(id=f"{stage}-address")


def register(app: Dash, stage: str, ids: Sequence[str]) -> None:
    """Restore controls from the address, and keep them in it while the stage is shown.

    Parameters
    ----------
    stage : str
        The stage's name; the main address (assets/page/headscope.js) keeps what begins with it.
    ids : sequence of str
        Controls whose ``value`` is kept, in parameters of the same name.
    """
    listed = json.dumps(list(ids))
    app.clientside_callback(
        f"(search) => window.headscope.readStage({stage!r}, {listed}, search)",
        Output(f"{stage}-address", "data"),
        Input("url", "search"),
        prevent_initial_call=False,
    )
    app.clientside_callback(
        f"(run, stage, ...values) => "
        f"window.headscope.writeStage({stage!r}, {listed}, run, stage, values)",
        Input("run", "data"),
        Input("stage-select", "value"),
        *(Input(id, "value", allow_optional=True) for id in ids),
    )
