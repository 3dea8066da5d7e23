"""A model's attention as the product has it: found, loaded, extracted, and read from the run."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from compute import attention, store
from compute.capture import passes
from compute.finding import catalog
from compute.lab import induction
from compute.models import loading
from compute.models.model import Model
from compute.progress import unseen
from compute.runs import Run, ablated_runs, vectors
from reaching.families import WORDS
from reaching.truth import first, padded

LENGTHS = 21, 8, 3, 14
"""Words of the passages: two tokens more with [CLS] and [SEP], and windows are shorter."""
TRIALS = 2
"""Sequences for induction: whether it can be measured is the question."""


@dataclass(frozen=True)
class Text:
    """What extraction needs of a text."""

    passages: tuple[str, ...]
    title: str = "Words"
    digest: str = "0"
    targets: tuple[str, ...] = ()


def text() -> Text:
    """Return passages of different lengths, so that a batch is padded."""
    chance = np.random.default_rng(0)
    return Text(tuple(" ".join(chance.choice(WORDS, length)) for length in LENGTHS))


def open_model(folder: Path) -> Model:
    """Load a model as the page does."""
    loading.load.cache_clear()
    return loading.load(catalog.find(str(folder)))


def extract(model: Model) -> Run:
    """Return the run of the text, without a head if one is named."""
    name = store.key("reach", model.info.spec, model.info.identity)
    return vectors.extract(model, text(), name, unseen)


def without(model: Model, run: Run, head: str) -> Run:
    """Return the run of the text with one head switched off."""
    name = ablated_runs.key(run.key, head, "zero")
    return ablated_runs.extract(model, text(), head, "zero", name, unseen)


def passages(run: Run) -> list[np.ndarray]:
    """Return the ids of each passage."""
    starts = run.tokens.starts
    return [np.asarray(run.tokens.ids[run.span(i)]) for i in range(len(starts) - 1)]


def attentions(run: Run) -> list[list[np.ndarray]]:
    """Return what is shown: by passage, then by layer, float32 (heads, m, m)."""
    info = run.model
    return [
        [
            np.stack([attention.of_passage(run, layer, h, passage) for h in range(info.heads)])
            for layer in range(info.layers)
        ]
        for passage in range(len(run.tokens.starts) - 1)
    ]


def output(model: Model, ids: list[np.ndarray]) -> list[np.ndarray]:
    """Return by passage what the model returns while it is captured."""
    found = first(passes.run(model.net, padded(ids), on_call=lambda call: None))
    return [found[row, : len(one)].float().numpy() for row, one in enumerate(ids)]


def measure_induction(model: Model) -> None:
    """Measure induction; raise if a share of attention is none."""
    found = induction.measure(model, trials=TRIALS)
    for estimate in found.readouts.values():
        assert ((estimate.mean >= 0) & (estimate.mean <= 1 + 1e-6)).all()
