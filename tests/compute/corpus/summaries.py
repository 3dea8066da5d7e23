"""Summaries of a few documents in tiny models, made in the test."""

from collections.abc import Sequence

from compute.corpora import Document
from compute.corpus import classes
from compute.corpus.corpus_scores import CORPUS_SCORES
from compute.corpus.shard import Stretch, summarise
from compute.models.model import Model
from compute.summaries.summary import Kind, Summary

ALL = 2**63
"""A limit that lets every passage into the sample."""


def kind_of(model: Model, length: int = 32, rules: str = "", loss: bool = False) -> Kind:
    """Return the kind of summaries of a model."""
    info = model.info
    scores, names = tuple(CORPUS_SCORES), classes.names(rules)
    sizes = info.layers, info.heads, length
    own = info.identity, info.name, "cpu float32, threads 1"
    return Kind(*own, *sizes, scores, names, rules, info.causal, loss)


def summary_of(
    model: Model, documents: Sequence[Document], digest: str = "0", limit: int = ALL, **kind: object
) -> Summary:
    """Return the summary of some documents."""
    return summarise(model, kind_of(model, **kind), Stretch(digest, documents, (), limit))
