"""What background jobs and the command line run for the induction lab; see `jobs.opening`.

Every function looks in the store first, and returns the names of what it put there. Heavy libraries
are imported inside the functions: the web process imports this module too.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, TypeVar

from compute import runs, texts
from compute.finding import catalog
from compute.finding.catalog import Source
from compute.lab import ablation, copying, cumulative, icl, induction, nulls, sample_trials
from compute.lab.readouts import main_readout
from compute.models.model import of_pictures, one_stack_only
from compute.progress import Meter, Report
from compute.scores import detect as detected
from compute.store import Stored
from compute.trials.head_ablation import Wanted

if TYPE_CHECKING:
    from compute.models.model import Model

T = TypeVar("T")


def measure(spec: str, options: Mapping[str, object], report: Report) -> dict:
    """Measure induction in a model and compare with its nulls, unless that was done before.

    Parameters
    ----------
    spec : str
        What names a model; see `catalog.find`.
    options : mapping
        ``design``, ``protocol``, ``trials``, ``length`` (None: fitted), ``seed``; those left out
        are at `induction.DEFAULTS`.
    report : callable
        Takes ``(percent, sentence)``.

    Returns
    -------
    dict
        ``spec``, ``model`` (its name), ``causal``, the names in the store: ``scores`` among
        `induction.SCORES`, ``nulls`` among `nulls.NULLS`; and ``needs``, as `opening.still_there`
        reads it.

    Raises
    ------
    HeadscopeError
        See `catalog.find`, `models.load` and `induction.measure`.
    """
    source = catalog.with_weights(spec)
    scores = induction.key(source.identity, options)
    compared = nulls.key(source.identity, options)
    load = cache(partial(_load, source, report))
    result = induction.SCORES.ensure(
        scores, lambda: induction.measure(load(), **options, progress=Meter(report, "trials").at)
    )
    meter = Meter(report, "trials of the nulls")
    nulls.NULLS.ensure(compared, lambda: nulls.measure(load(), result, options, meter.at))
    causal = main_readout(True) in result.readouts
    return {
        "spec": spec,
        "model": source.name,
        "causal": causal,
        "scores": scores,
        "nulls": compared,
        "needs": [induction.SCORES.ref(scores), nulls.NULLS.ref(compared)],
    }


def show(spec: str, options: Mapping[str, object], report: Report) -> str:
    """Read a few trials so that any head's attention on them can be shown.

    Return their name among `sample_trials.EXAMPLES`, which is also the key of their run.
    """
    source = catalog.with_weights(spec)
    name = sample_trials.key(source.identity, options)
    read = partial(sample_trials.make, options=options)
    return _kept(sample_trials.EXAMPLES, name, source, read, report, "tokens")


def ablate(
    spec: str,
    heads: Wanted,
    text_name: str | None,
    options: Mapping[str, object],
    report: Report,
) -> str:
    """Take heads out of a model and compare; return the name among `ablation.ABLATIONS`.

    Parameters
    ----------
    heads : iterable of (layer, head)
        None for all heads of a layer.
    text_name : str or None
        A text for the loss on it.
    options : mapping
        ``method``, ``design``, ``trials``, ``length``, ``seed``; see `ablation.measure`.
    """
    source = catalog.with_weights(spec)
    text = texts.load(text_name) if text_name else None
    heads = list(heads)
    name = ablation.key(source.identity, heads, text.digest if text else None, options)
    measure = partial(ablation.measure, heads=heads, text=text, **options)
    return _kept(ablation.ABLATIONS, name, source, measure, report, "steps")


def follow(spec: str, options: Mapping[str, object], report: Report) -> str:
    """Take out ever more heads, the strongest first; return the name among `cumulative.CURVES`."""
    source = catalog.with_weights(spec)
    name = cumulative.key(source.identity, options)
    measure = partial(cumulative.measure, **options)
    return _kept(cumulative.CURVES, name, source, measure, report, "passes")


def copies(spec: str, options: Mapping[str, object], report: Report) -> str:
    """Measure the copying sign of a causal model's heads; return its name among `copying.SIGNS`."""
    source = catalog.with_weights(spec)
    name = copying.key(source.identity, options)
    return _kept(copying.SIGNS, name, source, partial(copying.measure, **options), report, "trials")


def detect(run_key: str, report: Report) -> None:
    """Compute TransformerLens' measure on a run of a causal model, unless it is there."""
    detected.DETECTED.ensure(
        detected.key(run_key),
        lambda: detected.measure(runs.load(run_key), Meter(report, "passages").at),
    )


def context(spec: str, text_name: str, options: Mapping[str, object], report: Report) -> str:
    """Measure the ICL score of a model on a text; return its name among `icl.SCORES`."""
    source, text = catalog.with_weights(spec), texts.load(text_name)
    name = icl.key(source.identity, text.digest, options)
    measure = partial(icl.measure, text=text, **options)
    return _kept(icl.SCORES, name, source, measure, report, "passes")


def measure_induction(spec: str, options: dict, report: Report) -> str:
    """Measure induction as `measure` does, without the nulls; return the name of the scores."""
    source = catalog.with_weights(spec)
    name, measure = induction.key(source.identity, options), partial(induction.measure, **options)
    return _kept(induction.SCORES, name, source, measure, report, "trials", "the model")


def _kept(
    kind: Stored[T],
    name: str,
    source: Source,
    measure: Callable[..., T],
    report: Report,
    unit: str,
    called: str = "",
) -> str:
    """Measure with a model, which is only loaded if that was not done before; return the name."""

    def made() -> T:
        model = _load(source, report, called)
        return measure(model, progress=Meter(report, unit).at)

    kind.ensure(name, made)
    return name


def _load(source: Source, report: Report, called: str = "") -> "Model":
    from compute.models import loading

    report((0, f"Loading {called or source.name} …"))
    model = loading.load(source)
    if model.parts:
        raise one_stack_only(source.name)
    if model.grid is not None:
        raise of_pictures(source.name)
    return model
