"""Trust of passages that were placed without their own attention, on request."""

from dash import Dash, Input, Output, State

from components.joint_map.forms import HeldOut
from components.parts.browser import in_browser
from components.parts.jobs import Job
from components.shown.pictures import picture
from components.shown.records import HeadView, MapOptions
from compute import runs
from compute.jobs import mapping

HEAD = ("layer-select", "head-select")


def hold_out(set_progress, n_clicks, run: dict | None, layer, head, *panel) -> dict | None:
    """Background job: place every fifth of the passages by likeness alone, and measure."""
    if not n_clicks or not run:
        return None
    view = HeadView.of({"run": run, "layer": layer, "head": head})
    asked = picture(view, MapOptions(*panel))
    score = mapping.hold_out(
        view.key, *view.at, asked.method, asked.dims, dict(asked.options), set_progress
    )
    said = (
        "The text has too few passages to hold any out."
        if score is None
        else f"Held out: T {score:z.2f}"
    )
    shown = [run["key"], str(layer), str(head), *panel]
    return {"shown": shown, "said": said, "needs": [runs.RUNS.ref(run["key"])]}


JOB = Job(
    "heldout",
    hold_out,
    HeldOut,
    inputs=(
        Input("heldout-start", "n_clicks"),
        State("run", "data"),
        *(State(id, "value") for id in HEAD),
        *MapOptions.inputs(State).values(),
    ),
    clicks=(0,),
)


def register(app: Dash) -> None:
    """Wire the sentence."""
    browser = in_browser(app)
    browser(
        "heldOut",
        Output("heldout-note", "children"),
        Input("heldout", "data"),
        Input("run", "data"),
        *(Input(id, "value") for id in HEAD),
        *MapOptions.inputs().values(),
    )
