"""What background jobs and the command line run for the induction lab; see `jobs.opening`.

Every function looks in the store first, and returns the names of what it put there. Heavy libraries
are imported inside the functions: the web process imports this module too.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from compute import runs, texts
from compute.lab import ablation, copying, cumulative, icl, induction, nulls, sample_trials
from compute.lab.readouts import main_readout
from compute.models import catalog
from compute.models.catalog import Source
from compute.progress import Meter, Report
from compute.scores import detect as detected
from compute.trials.head_ablation import Wanted

if TYPE_CHECKING:
    from compute.models.model import Model


def measure(spec: str, options: Mapping[str, object], report: Report) -> dict:
    """Measure induction in a model and compare with its nulls, unless that was done before.

    Parameters
    ----------
    spec : str
        A built-in model's name, a hub id or a folder.
    options : mapping
        ``design``, ``protocol``, ``trials``, ``length`` (None: fitted), ``seed``; those left out
        are at `induction.DEFAULTS`.
    report : callable
        Takes ``(percent, sentence)``.

    Returns
    -------
    dict
        ``spec``, ``model`` (its name), ``causal``, the names in the store: ``scores`` for
        `induction.load`, ``nulls`` for `nulls.load`; and ``needs``, as `jobs.still_there` reads it.

    Raises
    ------
    HeadscopeError
        See `catalog.find`, `models.load` and `induction.measure`.
    """
    source = catalog.find(spec)
    scores = induction.key(source.identity, options)
    compared = nulls.key(source.identity, options)
    result = induction.load(scores)
    if result is None or nulls.load(compared) is None:
        model = _load(source, report)
        if result is None:
            meter = Meter(report, "trials")
            result = induction.measure(model, **options, progress=meter.at)
        meter = Meter(report, "trials of the nulls")
        nulls.measure(model, result, options, meter.at)
    causal = main_readout(True) in result.readouts
    return {
        "spec": spec,
        "model": source.name,
        "causal": causal,
        "scores": scores,
        "nulls": compared,
        "needs": [[induction.KIND, scores], [nulls.KIND, compared]],
    }


def show(spec: str, options: Mapping[str, object], report: Report) -> str:
    """Read a few trials so that any head's attention on them can be shown; see `examples`.

    Returns
    -------
    str
        Their name in the store, for `sample_trials.load`; also the key of their run.
    """
    source = catalog.find(spec)
    name = sample_trials.key(source.identity, options)
    if sample_trials.load(name) is None:
        sample_trials.make(_load(source, report), options, Meter(report, "tokens").at)
    return name


def ablate(
    spec: str,
    heads: Wanted,
    text_name: str | None,
    options: Mapping[str, object],
    report: Report,
) -> str:
    """Take heads out of a model and compare, unless that was done before.

    Parameters
    ----------
    heads : iterable of (layer, head)
        None for all heads of a layer.
    text_name : str or None
        A text for the loss on it.
    options : mapping
        ``method``, ``design``, ``trials``, ``length``, ``seed``; see `ablation.measure`.

    Returns
    -------
    str
        The result's name in the store, for `ablation.load`.
    """
    source = catalog.find(spec)
    text = texts.load(text_name) if text_name else None
    heads = list(heads)
    name = ablation.key(source.identity, heads, text.digest if text else None, options)
    if ablation.load(name) is None:
        model = _load(source, report)
        ablation.measure(model, heads, text, **options, progress=Meter(report, "steps").at)
    return name


def follow(spec: str, options: Mapping[str, object], report: Report) -> str:
    """Take out ever more heads, the strongest first, unless that was done before.

    Returns
    -------
    str
        The curve's name in the store, for `cumulative.load`.
    """
    source = catalog.find(spec)
    name = cumulative.key(source.identity, options)
    if cumulative.load(name) is None:
        model = _load(source, report)
        cumulative.measure(model, **options, progress=Meter(report, "passes").at)
    return name


def copies(spec: str, options: Mapping[str, object], report: Report) -> str:
    """Measure the copying sign of a causal model's heads, unless that was done before.

    Returns
    -------
    str
        Its name in the store, for `copying.load`.
    """
    source = catalog.find(spec)
    name = copying.key(source.identity, options)
    if copying.load(name) is None:
        copying.measure(_load(source, report), **options, progress=Meter(report, "trials").at)
    return name


def detect(run_key: str, report: Report) -> None:
    """Compute TransformerLens' measure on a run of a causal model, unless it is there.

    It is then in `detect.load(run_key)`.
    """
    if detected.load(run_key) is None:
        detected.measure(runs.load(run_key), Meter(report, "passages").at)


def context(spec: str, text_name: str, options: Mapping[str, object], report: Report) -> str:
    """Measure the ICL score of a model on a text, unless that was done before.

    Returns
    -------
    str
        Its name in the store, for `icl.load`.
    """
    source, text = catalog.find(spec), texts.load(text_name)
    name = icl.key(source.identity, text.digest, options)
    if icl.load(name) is None:
        icl.measure(_load(source, report), text, **options, progress=Meter(report, "passes").at)
    return name


def _load(source: Source, report: Report) -> "Model":
    from compute.models import loading as models

    report((0, f"Loading {source.name} …"))
    return models.load(source)


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
    from compute.lab import induction

    source = catalog.find(spec)
    name = induction.key(source.identity, options)
    if induction.load(name) is None:
        from compute.models import loading as models

        report((0, "Loading the model …"))
        induction.measure(models.load(source), **options, progress=Meter(report, "trials").at)
    return name
