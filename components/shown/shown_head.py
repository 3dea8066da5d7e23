"""The open run and head as a stage knows them: a hidden stage asks the server for nothing."""

from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate


def register(app: Dash, stage: str) -> None:
    """Keep the open run and head in the stage's stores for as long as the stage is shown."""
    app.clientside_callback(
        f"""(stage, run, layer, head, oldRun, oldHead) => {{
            const skip = window.dash_clientside.no_update;
            if (stage !== {stage!r} || !run) return [skip, skip];
            const now = {{run: run.key, layer: +layer, head: +head}};
            const same = oldHead && Object.keys(now).every(name => now[name] === oldHead[name]);
            return [oldRun && oldRun.key === run.key ? skip : run, same ? skip : now];
        }}""",
        Output(f"{stage}-run", "data"),
        Output(f"{stage}-head", "data"),
        Input("stage-select", "value"),
        Input("run", "data"),
        Input("layer-select", "value"),
        Input("head-select", "value"),
        State(f"{stage}-run", "data"),
        State(f"{stage}-head", "data"),
        prevent_initial_call=False,
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
