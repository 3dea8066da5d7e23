"""The view: which property is meant, and the places for what is known of it."""

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.forms.form import Form
from components.parts import save_table
from components.parts.controls import button, graph, labelled, number, panel, select, start, title
from components.parts.jobs import Job, job_bar
from components.parts.part import Field, Stage
from components.plots.theme import STILL_GRAPH
from components.properties import callbacks, forms, saved, words
from compute import limits
from compute.contrasts.kinds import PERIOD
from compute.runs.labels import ROLES
from compute.texts import expressions

FIELDS = tuple(f"why-property-{name}" for name in callbacks.BOXES)


def build() -> html.Div:
    """Return the view."""
    return html.Div([_choice(), _found(), _heads()], className="workspace why-property")


def _choice() -> html.Section:
    fields = [
        labelled("Property", select("why-property-kind", words.kinds())),
        *_boxes(),
        *_starts(),
    ]
    meant = [
        html.Span(id="why-property-meant", role="status"),
        html.Code(id="why-property-code", title=words.CODE, hidden=True),
    ]
    asked = [
        html.Div(fields, className="lab-fields"),
        html.P(meant, className="note why-property-meant"),
        job_bar("why-property"),
        job_bar("why-property-all"),
        html.P(
            words.EMPTY.format("a head"),
            id="why-property-said",
            className="why-said",
            role="status",
        ),
    ]
    return panel(
        title("Which property makes its queries and keys match?", "why-property", words.VIEW),
        html.P(id="why-property-refused", className="lead", role="status", hidden=True),
        html.Div(asked, id="why-property-ask"),
    )


def _boxes() -> list[html.Div]:
    """Return the fields, each with what hides it (assets/properties/properties.js)."""
    controls = {
        "offset": number("why-property-offset", "Offset", -1, limits.OFFSET),
        "period": number("why-property-period", "k", 3, PERIOD),
        "class": labelled("Class", select("why-property-class", [(role, role) for role in ROLES])),
        "pattern": labelled("Pattern", _typed("pattern", "^[A-Z]", expressions.LONGEST)),
        "selection": labelled(
            "Its name", _typed("selection", "name", limits.SELECTION_NAME, list="why-property-kept")
        ),
    }
    boxes = [
        html.Div(control, id=f"why-property-{name}-box", hidden=name != callbacks.BOXES[0])
        for name, control in controls.items()
    ]
    return [*boxes, html.Datalist(id="why-property-kept")]


def _typed(name: str, example: str, most: int, **more: str) -> dbc.Input:
    return dbc.Input(
        id=f"why-property-{name}",
        placeholder=example,
        maxlength=most,
        size="sm",
        debounce=True,
        autocomplete="off",
        **more,
    )


def _starts() -> list[dbc.Button]:
    one = start("Measure this head", "why-property-start", disabled=True)
    return [one, button("Measure all heads", "why-property-start-all", disabled=True)]


def _found() -> html.Section:
    map_button = html.Button(
        "Show the map",
        id="why-property-map",
        className="btn btn-outline-primary btn-sm",
        title=words.MAP,
        hidden=True,
    )
    numbers = [
        html.Div(id="why-property-table"),
        html.Div(
            [
                html.H3(words.CHECK, className="why-property-check-title"),
                graph("why-property-check", "Attention without these directions", STILL_GRAPH),
            ]
        ),
    ]
    return panel(
        save_table.title(
            saved.TABLES, "What this head uses", "why-property-found", words.FOUND, map_button
        ),
        html.P(id="why-property-pairs", className="note"),
        html.P(id="why-property-verdict", className="why-said facts", role="status"),
        html.P(id="why-property-meaning", className="why-property-meaning"),
        html.Div(numbers, id="why-property-numbers", className="why-property-pair"),
        id="why-property-found-panel",
        hidden=True,
    )


def _heads() -> html.Section:
    # Not responsive: its height follows from the number of layers.
    grid = dcc.Graph(id="why-property-grid", config=STILL_GRAPH, className="plot")
    name = html.Figcaption("Effect of the property in each head", className="visually-hidden")
    parts = [
        html.Figure([name, grid], className="plot-frame"),
        html.Div(id="why-property-list"),
    ]
    return panel(
        save_table.title(
            saved.TABLES, "All heads, by how much they use it", "why-property-heads", words.HEADS
        ),
        html.P(id="why-property-every", className="facts why-property-every", role="status"),
        html.Div(parts, className="why-property-all"),
        id="why-property-heads-panels",
        hidden=True,
    )


VIEW = Stage(
    name="property",
    title="Which property of the tokens",
    build=build,
    register=callbacks.register,
    jobs=(
        Job("why-property", callbacks.of_head, forms.Found, Form(forms.Asked)),
        Job("why-property-all", callbacks.of_heads, forms.Every, Form(forms.Property)),
    ),
    tables=saved.TABLES,
    fields=(
        Field("why-property-kind", address="why-property"),
        *(Field(id, address=id) for id in FIELDS),
    ),
    stores={"why-property-typed": Form(forms.SAID | None, words.TOO_LONG)},
)
