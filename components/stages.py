"""The places of the stages. A stage other than the first is made when it is first shown.

Every component on a Dash page listens to every change of the page, so what nobody has looked at
yet would slow down what is looked at. Dash leaves out the callbacks whose outputs are not on the
page. One that has no output, or inputs of several stages, marks what may be missing with
`allow_optional`.
"""

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

FIRST = "heads"
LATER = ("all", "patterns", "scale", "lab")


def places(contents: dict[str, object]) -> list:
    """Return the stages' places on the page, with the content of those that come later in a store.

    Parameters
    ----------
    contents : dict
        The content of each stage, by its name.
    """
    shown = [
        html.Div(
            content if name == FIRST else None,
            id=f"stage-{name}",
            className="stage",
            hidden=name != FIRST,
        )
        for name, content in contents.items()
    ]
    return [*shown, dcc.Store(id="stages-later", data={name: contents[name] for name in LATER})]


def register(app: Dash) -> None:
    """Show one of the stages, and make it if it isn't there yet."""
    app.clientside_callback(
        ClientsideFunction("headscope", "makeStage"),
        *(Output(f"stage-{name}", "children") for name in LATER),
        Input("stage-select", "value"),
        State("stages-later", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("headscope", "showStage"), Input("stage-select", "value")
    )
