"""What background jobs and the command line run for graphs of heads; see `jobs.opening`.

Each function takes what names a model, for the edges of induction, or the key of a run, for edges
of its text. Heavy libraries are imported inside: the web process imports this module too.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from compute import runs, store
from compute.circuits import behaviours
from compute.circuits.behaviours import INDUCTION, Asked, Behaviour
from compute.circuits.graph import GRAPHS, Graph
from compute.circuits.taken import TAKEN, Taken
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.progress import Meter, Report
from compute.trials import head_ablation
from compute.trials.head_ablation import Wanted
from compute.why import questions

if TYPE_CHECKING:
    from compute.models.model import Model

Tell = Callable[[Graph], None]
"""Takes what is known so far."""


class _Source(NamedTuple):
    """Of which model's files a measurement is, what names it in the store, and its edges."""

    source: catalog.Source
    name: str
    edges: "Callable[[Model], Behaviour]"


def _unheard(found: Graph) -> None:
    pass


def graph(
    of: str,
    asked: Asked,
    report: Report,
    tell: Tell = _unheard,
    only: tuple[int, int] | None = None,
) -> Graph:
    """Measure who builds the heads that look along edges, unless that was done before.

    Parameters
    ----------
    of : str
        What names a model, or the key of a run.
    report : callable
        Takes ``(percent, sentence)``.
    tell : callable
        Takes what is known so far, whenever there is more.
    only : (layer, head), optional
        The head whose builders are looked for.

    Raises
    ------
    HeadscopeError
        For what `behaviours` refuses, a head that isn't there, or a model that changed since the
        text was read.
    """
    found = _source(of, asked, None if only is None else only[0])
    name = _graph_key(found, asked, only)
    kept = GRAPHS.get(name)
    if kept is not None:
        return kept
    from compute.circuits import building

    model, behaviour = _loaded(found, report)
    if only is not None:
        model.info.check(*only)
    meter = Meter(report, "steps")
    made = None
    for made in building.build(model, behaviour, method=asked.method, only=only, progress=meter.at):
        tell(made)
    GRAPHS.put(name, made)
    return made


def without(of: str, asked: Asked, heads: Wanted, report: Report) -> Taken:
    """Take heads out together and read all later heads, unless that was done before; see `graph`.

    `feeding.fed` and `rising.rising` say what became of them.
    """
    wanted, found = set(heads), _source(of, asked)
    name = _taken_key(found, asked, wanted)
    kept = TAKEN.get(name)
    if kept is not None:
        return kept
    from compute.circuits import taking

    model, behaviour = _loaded(found, report)
    out = head_ablation.checked(wanted, model.info)
    made = taking.measure(model, behaviour, out, asked.method, Meter(report, "passages").at)
    TAKEN.put(name, made)
    return made


def named(
    of: str,
    asked: Asked,
    report: Report,
    tell: Callable[[str], None],
    only: tuple[int, int] | None = None,
) -> str:
    """Do the same as `graph`, and tell and return names among `GRAPHS`: these go to a page."""
    name = _graph_key(_source(of, asked), asked, only)

    def keep(found: Graph) -> None:
        part = store.key(name, "part", found.measured)
        GRAPHS.put(part, found)
        tell(part)

    graph(of, asked, report, keep, only)
    return name


def taken_key(of: str, asked: Asked, heads: Wanted) -> str:
    """Return the name among `TAKEN` of what `without` makes."""
    return _taken_key(_source(of, asked), asked, heads)


def _graph_key(found: _Source, asked: Asked, only: tuple[int, int] | None) -> str:
    return behaviours.key("graph", found.name, asked, only)


def _taken_key(found: _Source, asked: Asked, heads: Wanted) -> str:
    return behaviours.key("without", found.name, asked, sorted(set(heads), key=str))


def _source(of: str, asked: Asked, layer: int | None = None) -> _Source:
    behaviours.check(asked)
    if asked.kind == INDUCTION:
        source = catalog.with_weights(of)
        return _Source(source, source.identity, lambda model: behaviours.of_induction(model, asked))
    run = runs.load(of)
    questions.check(run.model)
    source = catalog.with_weights(run.model.spec)
    if source.identity != run.model.identity:
        raise HeadscopeError(
            f"The files of {run.model.name} have changed since this text was read. Open the text "
            "again."
        )
    if layer is not None:
        run.model.check(layer, 0)
    return _Source(source, run.key, lambda _: behaviours.of_text(run, asked, layer))


def _loaded(found: _Source, report: Report) -> "tuple[Model, Behaviour]":
    from compute.models import loading

    report((0, f"Loading {found.source.name} …"))
    model = loading.load(found.source)
    return model, found.edges(model)
