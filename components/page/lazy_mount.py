"""What is made when it is first shown: the stages but the first, and what only two heads have.

Every component on a Dash page listens to every change of the page, so what nobody has looked at
yet would slow down what is looked at. Dash leaves out the callbacks whose outputs are not on the
page. One that has no output, or inputs of several such parts, marks what may be missing with
`allow_optional`.
"""

from dash import Dash, Input, Output, State, dcc

from components.heads.stage import second_view
from components.page.stages import STAGES
from components.parts.browser import in_browser

PLACES = tuple(f"stage-{stage.name}" for stage in STAGES[1:])
SECOND = tuple(second_view())


def stores() -> list[dcc.Store]:
    """Return the store of what is made later, and one that says whether two heads are compared."""
    stages = {f"stage-{stage.name}": stage.content() for stage in STAGES[1:]}
    return [
        dcc.Store(id="later", data={"stages": stages, "second": second_view()}),
        dcc.Store(id="comparing"),
    ]


def register(app: Dash) -> None:
    """Make what is to be shown, if it isn't there yet."""
    browser = in_browser(app)
    browser(
        "makeStage",
        *(Output(id, "children") for id in PLACES),
        Input("stage-select", "value"),
        State("later", "data"),
    )
    # In one step with the store that column B is drawn by: what draws it is there before.
    browser(
        "makeSecond",
        *(Output(id, "children") for id in SECOND),
        Output("comparing", "data"),
        Input("compare-toggle", "active"),
        State("later", "data"),
    )
