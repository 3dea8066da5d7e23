"""The open head as a stage knows it: a stage that is hidden asks the server for nothing."""

from dash import Dash, Input, Output, State, dcc
from dash.exceptions import PreventUpdate


def store(stage: str) -> dcc.Store:
    """Return the store that a stage's callbacks read the open head from."""
    return dcc.Store(id=f"{stage}-head")


def register(app: Dash, stage: str) -> None:
    """Keep the open head in the stage's store for as long as the stage is shown."""
    app.clientside_callback(
        f"""(stage, run, layer, head, kept) => {{
            const now = run && {{run: run.key, layer: +layer, head: +head}};
            const same = now && kept && Object.keys(now).every(name => now[name] === kept[name]);
            return stage === {stage!r} && now && !same ? now : window.dash_clientside.no_update;
        }}""",
        Output(f"{stage}-head", "data"),
        Input("stage-select", "value"),
        Input("run", "data"),
        Input("layer-select", "value"),
        Input("head-select", "value"),
        State(f"{stage}-head", "data"),
    )


def place(shown: dict | None, run: dict | None) -> tuple[int, int]:
    """Return layer and head of a stage's store.

    Raises
    ------
    PreventUpdate
        If the store belongs to a run that is not the open one.
    """
    if not shown or not run or shown["run"] != run["key"]:
        raise PreventUpdate
    return shown["layer"], shown["head"]
