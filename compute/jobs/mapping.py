"""What background jobs run for the scale c and for maps of one head side by side.

See `jobs.opening`; every function looks in the store first. What they return lists as ``needs`` the
entries of the store that it stands for.
"""

from collections.abc import Sequence
from functools import partial

from compute import runs
from compute.all_heads import all_maps
from compute.maps import projection
from compute.progress import Meter, Report
from compute.runs import unrotated
from compute.scale import all_scales, comparison
from compute.scale.comparison import Asked
from compute.scale.scales import SCALES
from compute.trust import heldout, trust_store
from compute.trust.heldout import FOLDS


def scan_scales(run_key: str, report: Report) -> dict:
    """Scan the scale c of all heads of a run."""
    all_scales.scan_all(run_key, Meter(report, "heads").at)
    return {"run": run_key, "needs": [all_scales.SCANS.ref(all_scales.key(run_key))]}


def at_scales(method: str) -> dict[str, Asked]:
    """Return the maps of a method at the seven scales and at equal norms, by their name.

    The names are the values of the "Map" panel's selector of c; ``none`` is c = 1.
    """
    asked = {}
    for c in SCALES:
        if c == 1:
            asked["none"] = Asked(method)
        else:
            asked[f"{c:g}"] = Asked(method, options={"scale": c})
    return asked | {"norm": Asked(method, options={"scale": "norm"})}


def by_method(methods: Sequence[str]) -> dict[str, Asked]:
    """Return the 2-D maps of methods at their defaults, with trust held out, by method.

    A single fifth is held out where all of them would take too many minutes. Those by a property
    are left out: whether there is one depends on the text.
    """
    known = {name: projection.METHODS[name] for name in methods}
    return {
        name: Asked(name, rounds=1 if method.minutes else FOLDS)
        for name, method in known.items()
        if not method.takes_property
    }


def compare(run_key: str, layer: int, head: int, asked: Sequence[Asked], report: Report) -> dict:
    """Fit and measure several maps of one head."""
    methods = {each.method: projection.METHODS[each.method] for each in asked}
    for method in methods.values():
        if method.prepare:
            report((0, f"Preparing {method.short} …"))
    comparison.compare(run_key, layer, head, asked, Meter(report, "maps").at)
    needs = []
    for each in asked:
        needs.append(comparison.ROWS.ref(comparison.key(run_key, layer, head, each)))
        needs.append(projection.MAPS.ref(comparison.name(run_key, layer, head, each)))
    return {"run": run_key, "layer": layer, "head": head, "needs": needs}


def fit_map(
    run_key: str, layer: int, head: int, method: str, dims: int, options: dict, report: Report
) -> str:
    """Lay out one head's queries and keys; return the layout's name in the store.

    Parameters
    ----------
    method : str
        A key of `projection.METHODS`.
    dims : int
        2 or 3.
    options : dict
        The method's own settings.
    report : callable
        Takes ``(percent, sentence, frame)``; `frame` is None or ``{"name", "step", "frame"}``: the
        layout's name in the store, the steps so far, and the name of the layout at that step.
    """
    name = projection.key(run_key, layer, head, method, dims, options)
    if projection.MAPS.has(name):
        return name
    latest: dict | None = None

    def show(step: int, layout: projection.Layout) -> None:
        nonlocal latest
        latest = {"name": name, "step": step, "frame": f"{name}-{step}"}
        shown.append(latest["frame"])
        projection.MAPS.put(latest["frame"], layout)

    shown: list[str] = []
    report((0, "Preparing …", None))
    _prepare(run_key, options, lambda state: report((*state, None)))
    points = projection.cloud(runs.load(run_key), layer, head)
    meter = Meter(lambda state: report((*state, latest)), "steps")
    try:
        layout = projection.fit(
            points, method, dims=dims, options=options, progress=meter.at, frame=show
        )
        projection.MAPS.put(name, layout)
        trust_store.measured(runs.load(run_key), layer, head, name, layout)
    finally:
        for frame in shown:
            projection.MAPS.drop(frame)
    return name


def measure_trust(run_key: str, method: str, dims: int, options: dict, report: Report) -> None:
    """Lay out all heads of a run and measure the trust of each map, unless that was done before."""
    _prepare(run_key, options, report)
    all_maps.fit_all(run_key, method, dims, options, Meter(report, "heads").at)


def hold_out(
    run_key: str, layer: int, head: int, method: str, dims: int, options: dict, report: Report
) -> float | None:
    """Return the trust of passages placed without their own attention; None with too few."""
    _prepare(run_key, options, report)
    points = projection.cloud(runs.load(run_key), layer, head)
    fit = partial(projection.fit, method=method, dims=dims, options=options)
    found = heldout.held_out(points, fit, progress=Meter(report, "rounds").at)
    return found and found["score"]


def _prepare(run_key: str, options: dict, report: Report) -> None:
    """Extract the vectors before rotation, if a map is to show those."""
    if options.get("rotation") == "before":
        unrotated.ensure(run_key, Meter(report, "tokens").at)
