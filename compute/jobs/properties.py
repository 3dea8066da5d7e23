"""Background jobs on a property of the tokens: of one head, and of all.

As in `jobs.opening`: what is in the store is not made again, and what comes back is small.
"""

from compute import runs
from compute.contrasts.marks import Marks
from compute.progress import Meter, Report
from compute.properties import asking, every_head, finding


def of_head(run_key: str, layer: int, head: int, said: str | Marks) -> list[list[str]]:
    """Measure how much of a property a head uses; return where in the store that is.

    Parameters
    ----------
    said : str or Marks
        See `asking.ask`.
    """
    question = asking.ask(runs.load(run_key), said)
    finding.ensure(question, layer, head)
    return [finding.FINDINGS.ref(finding.key(run_key, layer, head, question.marks))]


def of_heads(run_key: str, said: str | Marks, report: Report) -> list[list[str]]:
    """Measure how much of a property all heads use; return where in the store that is."""
    question = asking.ask(runs.load(run_key), said)
    every_head.ensure(question, Meter(report, "heads").at)
    return [every_head.PROPERTIES.ref(every_head.key(run_key, question.marks))]
