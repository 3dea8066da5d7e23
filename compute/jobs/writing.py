"""What background jobs and the command line run for what a head writes; see `jobs.opening`.

Every function looks in the store first, and returns the name of what it put there.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from compute import runs
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.progress import Meter, Report
from compute.runs import Run
from compute.writes import at_place as places
from compute.writes import over_text as whole
from compute.writes import refusals

if TYPE_CHECKING:
    from compute.models.model import Model


def at_place(
    run_key: str,
    layer: int,
    head: int,
    passage: int,
    place: int,
    options: Mapping[str, object],
    report: Report,
) -> str:
    """Measure what a head writes at a position; return the name among `at_place.WRITTEN`.

    Parameters
    ----------
    passage, place : int
        From 0, special tokens counted.
    options : mapping
        ``top``, ``hide``; see `at_place.measure`.
    report : callable
        Takes ``(percent, sentence)``.
    """
    run = _allowed(run_key)
    count = len(run.tokens.starts) - 1
    if not 0 <= passage < count:
        raise HeadscopeError(
            f"The text has no passage {passage}: its {count:,} passages are counted from 0."
        )
    ids = run.tokens.ids[run.span(passage)]

    def made() -> places.Written:
        return places.measure(_load(run, report), ids, layer, head, place, **options)

    name = places.key(run_key, layer, head, passage, place, options)
    places.WRITTEN.ensure(name, made)
    return name


def over_text(
    run_key: str, layer: int, head: int, options: Mapping[str, object], report: Report
) -> str:
    """Measure what a head writes over a text; return the name among `over_text.OVERALL`.

    Parameters
    ----------
    options : mapping
        ``top``, ``hide``, ``seed``; see `over_text.measure`.
    """
    run = _allowed(run_key)

    def made() -> whole.Overall:
        model, meter = _load(run, report), Meter(report, "passages")
        return whole.measure(model, run.tokens, layer, head, **options, progress=meter.at)

    name = whole.key(run_key, layer, head, options)
    whole.OVERALL.ensure(name, made)
    return name


def _allowed(run_key: str) -> Run:
    run = runs.load(run_key)
    refusals.check(run.model)
    return run


def _load(run: Run, report: Report) -> "Model":
    from compute.models import loading

    source = catalog.with_weights(run.model.spec)
    report((0, f"Loading {source.name} …"))
    return loading.load(source)
