"""A summary and what it leads to, kept under one name: so page and exports find it."""

from dataclasses import asdict

import numpy as np

from compute import store
from compute.corpus import findings
from compute.corpus.findings import FINDINGS, Whole
from compute.summaries import kept
from compute.summaries.summary import Summary


def ids_of(summary: Summary) -> np.ndarray:
    """Return the ids of all tokens of the vocabulary that a summary names, ascending."""
    every = {i for passage in kept.passages_of(summary).values() for i in passage.ids}
    return np.array(sorted(every | set(summary.tokens.types.tolist())))


def name_of(whole: Whole) -> str:
    """Return the name in `FINDINGS` of what was found."""
    summary = whole.summary
    return store.key(
        "corpus",
        findings.VERSION,
        list(summary.shards),
        whole.findings.about,
        asdict(summary.kind),
        summary.sample.limit,
    )


def keep(whole: Whole) -> str:
    """Keep what was found, unless it is there, and return its name in `FINDINGS`."""
    name = name_of(whole)
    FINDINGS.ensure(name, lambda: whole)
    return name
