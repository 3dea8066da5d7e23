"""Answers to questions of why: from the store where they are there, else made and kept.

Needs no torch but while it makes one: the web process imports it too.
"""

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
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

Tell = Callable[[str], None]
"""Takes the name among `EXPLAINED` of what is known so far."""


def unheard(name: str) -> None:
    """Take what nobody looks at."""


def of_text(run_key: str, question: Question, report: Report, tell: Tell = unheard) -> str:
    """Explain edges of a head on a text, unless that was done before; return the answer's name.

    Parameters
    ----------
    report : callable
        Takes ``(percent, sentence)``.
    tell : callable
        Told whenever more is known.

    Raises
    ------
    HeadscopeError
        For what `questions.ask` refuses, or a model that changed since the text was read.
    """
    run = runs.load(run_key)
    subject = partial(questions.ask, run, question)
    questions.check(run.model)
    source = catalog.with_weights(run.model.spec)
    if source.identity != run.model.identity:
        raise HeadscopeError(
            f"The files of {run.model.name} have changed since this text was read. Open the text "
            "again."
        )
    name = questions.key(run_key, question)
    return _kept(name, source, question, lambda _: subject(), report, tell)


def of_induction(
    spec: str, question: Question, seed: int, report: Report, tell: Tell = unheard
) -> str:
    """Explain the edges of induction of a head; see `of_text`.

    Parameters
    ----------
    spec : str
        What names a model; see `catalog.find`.
    """
    questions.check_method(question.method)
    source = catalog.with_weights(spec)
    asked = asdict(question)
    name = store.key("why induction", questions.VERSION, source.identity, asked, seed)

    def subject(model: "Model") -> "Subject":
        from compute.why import induction_edges

        return induction_edges.ask(model, question.layer, question.head, seed)

    return _kept(name, source, question, subject, report, tell)


def _kept(
    name: str,
    source: catalog.Source,
    question: Question,
    subject: "Callable[[Model], Subject]",
    report: Report,
    tell: Tell,
) -> str:
    def made() -> Explained:
        return _explained(name, source, question, subject, report, tell)

    EXPLAINED.ensure(name, made)
    return name


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

    report((0, f"Loading {source.name} …"))
    model = loading.load(source)
    asked = subject(model)
    report((0, f"Splitting the contrast of {asked.words} …"))
    meter = Meter(report, "heads measured")
    count = None if question.every else proposals.COUNT
    stages = explaining.explain(
        model, asked, method=question.method, count=count, progress=meter.at
    )
    for number, found in enumerate(stages):
        part = store.key(name, "part", number)
        EXPLAINED.put(part, found)
        tell(part)
    return found
