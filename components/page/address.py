"""The page's state in its address: one table of fields, read by Python and by JavaScript.

What stands in the address is restored when the page, or a stage, is made, and kept up from then on
(assets/page/address.js); a link opens what was shown.
"""

from collections.abc import Iterator

from dash import Dash, Input, Output, State, dcc

from components.page.parts import PARTS
from components.page.stages import STAGES
from components.parts.browser import in_browser
from components.parts.part import Field, Stage


def kept() -> Iterator[tuple[Field, str]]:
    """Yield every field that the address keeps, and the stage that it is made with, if any."""
    for part in (*PARTS, *STAGES):
        late = part.name if isinstance(part, Stage) and part is not STAGES[0] else ""
        yield from ((field, late) for field in part.fields if field.address)


def stores() -> list[dcc.Store]:
    """Return the table, for the browser."""
    table = [
        {
            "id": field.id,
            "prop": field.prop,
            "name": field.address,
            "kind": field.kind,
            "late": field.late,
            "usual": field.usual,
            "stage": stage,
        }
        for field, stage in kept()
    ]
    return [dcc.Store(id="fields", data=table)]


def register(app: Dash) -> None:
    """Wire the address."""
    browser = in_browser(app)
    for stage in STAGES[1:]:
        browser(
            "readStage",
            Output(f"{stage.name}-address", "data"),
            Input("url", "search"),
            State("fields", "data"),
            prevent_initial_call=False,
        )
    browser(
        "readUrl",
        Output("request", "data"),
        Input("url", "search"),
        State("defaults", "data"),
        State("fields", "data"),
        prevent_initial_call=False,
    )
    browser(
        "writeAddress",
        Input("run", "data"),
        Input("selection", "data"),
        Input("stage-select", "value"),
        Input("run-b", "data"),
        Input("comparing", "data"),
        Input("b-align", "value", allow_optional=True),
        Input("selection-b", "data"),
        *(Input(field.id, field.prop, allow_optional=True) for field, _ in kept()),
        State("fields", "data"),
    )
