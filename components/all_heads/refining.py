"""How previews become fitted maps: piece by piece, aside, while the page asks for it."""

from typing import Annotated

from dash import Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate
from pydantic import Field, model_validator

from components.all_heads.sending import opened, places, whole
from components.forms.fields import Method, Number, Place
from components.forms.results import DoneOfText, OfText
from components.parts.browser import in_browser
from compute import runs
from compute.all_heads import all_maps, refining, tiles
from compute.jobs.aside import aside
from compute.maps import projection

AT_ONCE = 64
"""Heads that the page names at most; how many of them are fitted the time decides."""

Heads = Annotated[list[tuple[Place, Place]], Field(min_length=1, max_length=AT_ONCE)]


class Some(OfText):
    """Heads to be fitted, the most wanted first."""

    method: Method
    heads: Heads

    @model_validator(mode="after")
    def there(self) -> "Some":
        """Refuse heads that the model doesn't have."""
        run = runs.load(self.run)
        for at in self.heads:
            run.check(*at)
        return self


class Fresh(DoneOfText):
    """Heads that were fitted, and how long that took."""

    method: Method
    heads: Heads
    seconds: Number


@aside
def fit_some(_set_progress, asked: dict) -> dict:
    """Background job: maps of some heads."""
    at = asked["run"], asked["method"]
    done, seconds = refining.fit_some(*at, [tuple(head) for head in asked["heads"]])
    needs = [projection.MAPS.ref(projection.key(at[0], *head, at[1])) for head in done]
    return {"run": at[0], "method": at[1], "heads": done, "seconds": seconds, "needs": needs}


@aside
def gather(_set_progress, asked: dict) -> dict:
    """Background job: the trust of all heads' maps, for what ranks and dims by it."""
    at = asked["run"], asked["method"]
    all_maps.fit_all(*at)
    return asked | {"needs": [all_maps.TRUSTS.ref(all_maps.key(*at))]}


def send_fresh(fresh: dict | None, scale: str, laid: dict | None, run: dict | None):
    """Send the maps that were just fitted; all maps, if the widest of them gives the scale.

    Returns
    -------
    places of the fresh ones, all maps
    """
    if not (fresh and laid and run) or any(fresh[n] != laid[n] for n in ("run", "method")):
        raise PreventUpdate
    if scale == "shared":
        data, found = opened(laid, run)
        return no_update, whole(laid["method"], data, found, True)
    found = tiles.some(fresh["run"], fresh["method"], fresh["heads"])
    if found is None or fresh["run"] != run["key"]:
        raise PreventUpdate
    named = {name: fresh[name] for name in ("run", "method", "heads")}
    return named | places(runs.load(run["key"]), found, False), no_update


def register(app: Dash) -> None:
    """Wire the refinement to the page; what is asked for, and when, assets/all_heads decides."""
    app.callback(
        Output("all-more", "data"),
        Output("all-points", "data", allow_duplicate=True),
        Input("all-fresh", "data"),
        State("all-scale", "value"),
        State("all-laid", "data"),
        State("run", "data"),
    )(send_fresh)
    in_browser(app)(
        "allRefine",
        Input("stage-select", "value"),
        Input("all-points", "data", allow_optional=True),
        Input("all-fresh", "data", allow_optional=True),
        Input("all-fresh-job", "hidden", allow_optional=True),
        Input("all-show", "value", allow_optional=True),
        Input("all-refine", "n_clicks", allow_optional=True),
    )
