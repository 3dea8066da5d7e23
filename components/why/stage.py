"""The stage "Why" of its views; a view is a `Stage` whose content is shown inside this one."""

from dash import Dash, Input, Output, html

from components.circuits import VIEW as GRAPH
from components.forms import opened
from components.forms.form import Form
from components.parts.browser import in_browser
from components.parts.controls import choices
from components.parts.part import Field, Stage
from components.properties import VIEW as PROPERTY
from components.shown import shown_head
from components.why.match import VIEW as MATCH
from components.writes import VIEW as WRITES

VIEWS: tuple[Stage, ...] = (MATCH, WRITES, PROPERTY, GRAPH)
"""In the order of their selector; the first is open."""


def build() -> html.Div:
    """Return the stage."""
    places = [
        html.Div(view.build(), id=f"why-view-{view.name}", hidden=view is not VIEWS[0])
        for view in VIEWS
    ]
    named = [(view.name, view.title) for view in VIEWS]
    return html.Div([choices("why-view", named, "why-views"), *places], className="workspace why")


def register(app: Dash) -> None:
    """Wire the stage: the open run and head, and which view is shown."""
    shown_head.register(app, "why")
    in_browser(app)(
        "whyView",
        *(Output(f"why-view-{view.name}", "hidden") for view in VIEWS),
        Input("why-view", "value"),
        prevent_initial_call=False,
    )
    for view in VIEWS:
        view.register(app)


STAGE = Stage(
    name="why",
    title="Why",
    build=build,
    register=register,
    jobs=tuple(job for view in VIEWS for job in view.jobs),
    tables=tuple(table for view in VIEWS for table in view.tables),
    fields=(
        Field("why-view", None, "why-view"),
        *(field for view in VIEWS for field in view.fields),
    ),
    stores={
        "why-run": Form(opened.Run | None),
        "why-head": Form(opened.Head | None),
        **{id: form for view in VIEWS for id, form in view.stores.items()},
    },
)
