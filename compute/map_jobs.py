"""What background jobs run for the scale c and for maps of one head side by side.

See `compute.jobs`; every function looks in the store first. What they return lists as ``needs`` the
entries of the store that it stands for.
"""

from collections.abc import Sequence

from compute import all_scales, comparison, projection
from compute.comparison import Asked
from compute.heldout import FOLDS
from compute.progress import Meter, Report
from compute.scales import SCALES

ROUNDS = {"tsne": 1}
"""Fifths held out where all of them would take minutes."""


def scan_scales(run_key: str, report: Report) -> dict:
    """Scan the scale c of all heads of a run."""
    all_scales.scan_all(run_key, Meter(report, "heads").at)
    return {"run": run_key, "needs": [[all_scales.KIND, all_scales.key(run_key)]]}


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
    """Return the 2-D maps of methods at their defaults, with trust held out, by method."""
    return {method: Asked(method, rounds=ROUNDS.get(method, FOLDS)) for method in methods}


def compare(run_key: str, layer: int, head: int, asked: Sequence[Asked], report: Report) -> dict:
    """Fit and measure several maps of one head."""
    if any(each.method == "umap" for each in asked):
        report((0, "Preparing UMAP …"))
    comparison.compare(run_key, layer, head, asked, Meter(report, "maps").at)
    needs = [
        [kind, name]
        for each in asked
        for kind, name in (
            (comparison.KIND, comparison.key(run_key, layer, head, each)),
            (projection.KIND, comparison.name(run_key, layer, head, each)),
        )
    ]
    return {"run": run_key, "layer": layer, "head": head, "needs": needs}
