"""What background jobs run: progress in, a small dictionary out; arrays go to the store.

Heavy libraries are imported inside the functions: the web process imports this module too.
"""

from dataclasses import asdict
from functools import partial

from compute import (
    all_maps,
    catalog,
    heldout,
    kept_trust,
    known,
    projection,
    runs,
    store,
    texts,
    unrotated,
    without,
)
from compute.errors import HeadscopeError
from compute.progress import Meter, Report


def open_run(
    spec: str, text_name: str, report: Report, off: str = "", method: str = "zero"
) -> dict:
    """Read a text with a model, unless that was done before, and describe the run.

    Parameters
    ----------
    spec : str
        A built-in model's name, a hub id or a folder.
    text_name : str
        A built-in collection or a text of the user's own.
    report : callable
        Takes ``(percent, sentence)``.
    off, method : str
        Heads to switch off, and how; see `compute.without`.

    Returns
    -------
    dict
        JSON-able; see `describe`.

    Raises
    ------
    HeadscopeError
        If the model or the text cannot be used, or the model has no such heads.
    """
    source, text = catalog.find(spec), texts.load(text_name)
    key = _key(source, text, off, method)
    run = runs.find(key)
    if run is not None:
        known.note(source)
    if run is None:
        from compute import models, vectors

        report((0, f"Loading {source.name} …"))
        model = models.load(source)
        report((0, "Reading the text …"))
        progress = Meter(report, "tokens").at
        if off:
            run = without.extract(model, text, off, method, key, progress)
        else:
            run = vectors.extract(model, text, key, progress)
    return describe(run, spec, text_name) | ({"off": off, "method": method} if off else {})


def _key(source: catalog.Source, text: texts.Text, off: str, method: str) -> str:
    key = runs.key_of(source, text)
    return without.key(key, off, method) if off else key


def describe(run: runs.Run, spec: str, text_name: str) -> dict:
    """Return what the page needs to know of a run; JSON-able."""
    return {
        "key": run.key,
        "spec": spec,
        "text": text_name,
        "title": run.title,
        "notes": list(run.notes),
        "tokens": len(run.tokens),
        "passages": len(run.tokens.starts) - 1,
        "model": asdict(run.model),
    }


def still_there(result: object) -> bool:
    """Tell whether what a finished job's description stands for is still true and in the store.

    A description lists the entries that it stands for, with their kinds, as ``needs``; one without
    such a list is not believed. That of an opened run has its model, text and key instead, for what
    the first two name may have changed since.
    """
    if result is None:
        return True
    if isinstance(result, list):
        return all(still_there(part) for part in result)
    if not isinstance(result, dict):
        return False
    if "needs" in result:
        return all(store.find(kind, name) for kind, name in result["needs"])
    if not {"spec", "text", "key"} <= result.keys():
        return False
    try:
        source, text = catalog.find(result["spec"]), texts.load(result["text"])
        key = _key(source, text, result.get("off", ""), result.get("method", "zero"))
    except HeadscopeError:
        return False  # the job will say why
    return key == result["key"] and runs.find(key) is not None


def score_heads(run_key: str, report: Report) -> None:
    """Compute the per-head scores of a run into the store, unless they are there."""
    from compute import heads

    if heads.load(run_key) is None:
        heads.save(run_key, heads.score(runs.load(run_key), Meter(report, "blocks").at))


def measure_trust(run_key: str, method: str, dims: int, options: dict, report: Report) -> None:
    """Lay out all heads of a run and measure the trust of each map, unless that was done before."""
    _prepare(run_key, options, report)
    all_maps.fit_all(run_key, method, dims, options, Meter(report, "heads").at)


def measure_induction(spec: str, options: dict, report: Report) -> str:
    """Measure induction in a model, unless that was done before.

    Parameters
    ----------
    options : dict
        ``trials``, ``length`` (None: fitted), ``seed``.

    Returns
    -------
    str
        The measurement's name in the store.
    """
    from compute import induction

    source = catalog.find(spec)
    name = induction.key(source.identity, options)
    if induction.load(name) is None:
        from compute import models

        report((0, "Loading the model …"))
        induction.measure(models.load(source), **options, progress=Meter(report, "trials").at)
    return name


def fit_map(
    run_key: str, layer: int, head: int, method: str, dims: int, options: dict, report: Report
) -> str:
    """Lay out one head's queries and keys, unless that was done before.

    Parameters
    ----------
    run_key : str
    layer, head : int
    method : str
        A key of `projection.METHODS`.
    dims : int
        2 or 3.
    options : dict
        The method's own settings.
    report : callable
        Takes ``(percent, sentence, frame)``; `frame` is None or ``{"name", "step", "frame"}``: the
        layout's name in the store, the steps so far, and the name of the layout at that step.

    Returns
    -------
    str
        The layout's name in the store.
    """
    name = projection.key(run_key, layer, head, method, dims, options)
    if projection.load(name) is not None:
        return name
    latest: dict | None = None

    def show(step: int, layout: projection.Layout) -> None:
        nonlocal latest
        latest = {"name": name, "step": step, "frame": f"{name}-{step}"}
        shown.append(latest["frame"])
        projection.save(latest["frame"], layout)

    shown: list[str] = []
    report((0, "Preparing …", None))
    _prepare(run_key, options, lambda state: report((*state, None)))
    points = projection.cloud(runs.load(run_key), layer, head)
    meter = Meter(lambda state: report((*state, latest)), "steps")
    try:
        layout = projection.fit(
            points, method, dims=dims, options=options, progress=meter.at, frame=show
        )
        projection.save(name, layout)
        kept_trust.measured(runs.load(run_key), layer, head, name, layout)
    finally:
        for frame in shown:
            store.discard(projection.KIND, frame)
    return name


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
