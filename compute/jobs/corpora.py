"""Background jobs over a corpus: all heads measured, and its sample of passages as a text.

As in `jobs.opening`: what is in the store is not measured again, and what comes back is small.
"""

import os
from dataclasses import replace

from compute import runs
from compute.corpora import SAMPLES, Chosen, load
from compute.corpus.findings import FINDINGS
from compute.progress import Report


def measure(asked: dict, report: Report) -> dict:
    """Measure all heads of a run's model over a corpus, unless that was done before.

    Parameters
    ----------
    asked : dict
        ``run``, ``corpus`` (what names it), ``field``, ``by`` (file, folder, field or none) and
        ``slices`` (a field's name), ``tokens``, ``loss``, ``rules``.

    Returns
    -------
    dict
        ``spec``; ``name`` among `FINDINGS`; ``needs``.
    """
    from compute.corpus import whole

    spec = runs.load(asked["run"]).model.spec
    # Where the page's jobs run on a scheduler, it gives the shards out, too; see `jobs.aside`.
    scheduler = os.environ.get("HEADSCOPE_SCHEDULER", "")
    options = whole.Options(
        tokens=asked["tokens"], rules=asked["rules"], loss=asked["loss"], scheduler=scheduler
    )
    name = whole.measure(spec, chosen(asked), options, report)
    return {"spec": spec, "name": name, "needs": [FINDINGS.ref(name)]}


def chosen(asked: dict) -> Chosen:
    """Return the corpus that is asked for; the fields count for a person's own files alone."""
    found = load(asked["corpus"])
    if asked["corpus"] in [sample.name for sample in SAMPLES]:
        return found
    by = {"field": asked["slices"], "none": ""}.get(asked["by"], asked["by"])
    return replace(found, field=asked["field"], by=by)


def sample(name: str, report: Report) -> dict:
    """Keep the sample of findings as a text of the person's own, and name it."""
    from compute.corpus import whole

    report((0, "Gathering the sample of passages …"))
    return {"name": name, "text": whole.sample_text(name), "needs": [FINDINGS.ref(name)]}
