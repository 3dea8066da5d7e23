"""A sentence of the user's own, placed into the maps as ghost points; the maps stay as they are."""

from functools import lru_cache

from dash import Dash, Input, Output, State, no_update

from components.forms.form import Form
from components.forms.opened import Asked, Ghost, Request
from components.parts.browser import in_browser
from components.parts.errors import show_problem
from components.parts.jobs import Job
from components.shown.pictures import Picture
from components.shown.records import HeadView
from compute import runs, store, texts
from compute.errors import HeadscopeError
from compute.jobs import opening
from compute.maps import out_of_sample, projection
from compute.maps.projection import Layout


def ask(wanted: dict | None) -> dict | None:
    """Keep the sentence as a text of its own; None takes the place of one that is being read."""
    if not wanted:
        return None
    try:
        name = texts.save_user(texts.from_user(" ".join(wanted["sentence"].split())))
    except HeadscopeError as problem:
        show_problem(f"Your sentence could not be added. {problem}")
        return no_update  # an update that is prevented would take the message with it
    part = wanted.get("part")
    return {"model": wanted["model"], "text": name} | ({"part": part} if part else {})


def read(set_progress, asked: dict | None) -> dict | None:
    """Background job: the vectors of the sentence, in all heads and layers; B's may lack some."""
    if not asked:
        return None
    off, method = asked.get("off", ""), asked.get("method", "zero")
    more = {"part": asked.get("part", ""), "layers": ""}
    opened = opening.open_run(asked["model"], asked["text"], set_progress, off, method, **more)
    needs = [runs.RUNS.ref(opened["key"])]
    return {"key": opened["key"], "identity": opened["model"]["identity"], "needs": needs}


def place(view: HeadView, ghost_key: str, asked: Picture) -> Layout | None:
    """Return places for the ghost's tokens in a finished map, None before it is finished."""
    if not asked.ready():
        return None
    return _placed(str(store.root()), view.key, ghost_key, *view.at, asked)


@lru_cache(maxsize=64)
def _placed(
    _cache: str, run_key: str, ghost_key: str, layer: int, head: int, asked: Picture
) -> Layout:
    data, new = runs.load(run_key), runs.load(ghost_key)
    layout = asked.layout(data, layer, head)
    old, added = (projection.cloud(of, layer, head) for of in (data, new))
    refine = projection.METHODS[asked.method].sees_attention
    return out_of_sample.place(old, layout, added, refine=refine)


JOBS = (
    Job("ghost", read, Ghost, Form(Request | None)),
    Job("ghost-b", read, Ghost, Form(Asked | None)),
)


def register(app: Dash) -> None:
    """Wire the input."""
    browser = in_browser(app)
    browser(
        "ghostWanted",
        Output("ghost-sentence", "data"),
        Output("ghost", "data"),
        Input("ghost-input", "value"),
        Input("run", "data"),
        State("ghost", "data"),
        State("ghost-sentence", "data"),
        State("selection", "data"),
    )
    app.callback(Output("ghost-asked", "data"), Input("ghost-sentence", "data"))(ask)
    # Without outputs: nothing that is drawn of B waits for A's sentence to be kept.
    browser(
        "ghostWantedB",
        Input("ghost-asked", "data"),
        Input("run-b", "data"),
        State("ghost-b-asked", "data"),
    )
