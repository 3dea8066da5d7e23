"""What is made when it is first shown: the stages but the first, and what only two heads have.

Every component on a Dash page listens to every change of the page, so what nobody has looked at
yet would slow down what is looked at. Dash leaves out the callbacks whose outputs are not on the
page. One that has no output, or inputs of several such parts, marks what may be missing with
`allow_optional`.
"""

from dash import ClientsideFunction, Dash, Input, Output, State, dcc

STAGES = ("stage-all", "stage-patterns", "stage-scale", "stage-lab")
SECOND = ("map-place-b", "map-note-place-b", "heatmap-panel-b", "difference", "alike-panel")


def stores(contents: dict[str, object]) -> list[dcc.Store]:
    """Return the store of what is made later, and one that says whether two heads are compared.

    Parameters
    ----------
    contents : dict
        The children of each of `STAGES` and `SECOND`, by its id.
    """
    kept = [{id: contents[id] for id in ids} for ids in (STAGES, SECOND)]
    return [
        dcc.Store(id="later", data={"stages": kept[0], "second": kept[1]}),
        dcc.Store(id="comparing"),
    ]


def register(app: Dash) -> None:
    """Make what is to be shown, if it isn't there yet."""
    app.clientside_callback(
        ClientsideFunction("headscope", "makeStage"),
        *(Output(id, "children") for id in STAGES),
        Input("stage-select", "value"),
        State("later", "data"),
    )
    # In one step with the store that column B is drawn by: what draws it is there before.
    app.clientside_callback(
        ClientsideFunction("headscope", "makeSecond"),
        *(Output(id, "children") for id in SECOND),
        Output("comparing", "data"),
        Input("compare-toggle", "active"),
        State("later", "data"),
    )
