"""What background jobs and the command line run to explain edges; see `jobs.opening`."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from compute import runs, store
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.progress import Meter, Report
from compute.why import questions
from compute.why.questions import Question
from compute.why.results import EXPLAINED, Explained

if TYPE_CHECKING:
    from compute.models.model import Model
    from compute.why.subject import Subject

Tell = Callable[[Explained], None]
"""Takes what is known so far."""


def _unheard(found: Explained) -> None:
    pass


def explain(run_key: str, question: Question, report: Report, tell: Tell = _unheard) -> Explained:
    """Explain edges of a head on a text, unless that was done before.

    Parameters
    ----------
    report : callable
        Takes ``(percent, sentence)``.
    tell : callable
        Takes what is known so far, whenever there is more.

    Raises
    ------
    HeadscopeError
        For what `questions.ask` refuses, or a model that changed since the text was read.
    """
    run = runs.load(run_key)
    questions.check(run.model)

    def subject(_: "Model") -> "Subject":
        return questions.ask(run, question)

    kept = EXPLAINED.get(questions.key(run_key, question))
    if kept is not None:
        return kept
    source = catalog.with_weights(run.model.spec)
    if source.identity != run.model.identity:
        raise HeadscopeError(
            f"The files of {run.model.name} have changed since this text was read. Open the text "
            "again."
        )
    name = questions.key(run_key, question)
    return _explained(name, source, question, subject, report, tell)


def induction(
    spec: str, question: Question, seed: int, report: Report, tell: Tell = _unheard
) -> Explained:
    """Explain the edges of induction of a head, unless that was done before; see `explain`."""
    source = catalog.with_weights(spec)
    asked = asdict(question)
    name = store.key("why induction", questions.VERSION, source.identity, asked, seed)

    def subject(model: "Model") -> "Subject":
        from compute.why import induction_edges

        return induction_edges.ask(model, question.layer, question.head, seed)

    return _explained(name, source, question, subject, report, tell)


def _explained(
    name: str,
    source: catalog.Source,
    question: Question,
    subject: "Callable[[Model], Subject]",
    report: Report,
    tell: Tell,
) -> Explained:
    from compute.models import loading
    from compute.why import explaining, proposals

    kept = EXPLAINED.get(name)
    if kept is not None:
        return kept
    report((0, f"Loading {source.name} …"))
    model = loading.load(source)
    asked = subject(model)
    meter = Meter(report, "heads measured")
    count = None if question.every else proposals.COUNT
    found = None
    for found in explaining.explain(
        model, asked, method=question.method, count=count, progress=meter.at
    ):
        tell(found)
    EXPLAINED.put(name, found)
    return found
