"""Corpora: from files that a person chose to documents and passages, in shards of any size.

From outside: `plan` cuts what was `Chosen` into shards, `read` gives a shard's documents, `pieces`
cuts those into passages; `load` knows the `SAMPLES` to try with, and what somebody `keep`s.
"""

from compute.corpora.chosen import Broken, Chosen, Document, File, Plan, Shard, Span, Unreadable
from compute.corpora.kept import is_name, keep, load
from compute.corpora.passages import Piece, pieces
from compute.corpora.planning import plan
from compute.corpora.reading import read
from compute.corpora.samples import SAMPLES, Sample

__all__ = [
    "SAMPLES",
    "Broken",
    "Chosen",
    "Document",
    "File",
    "Piece",
    "Plan",
    "Sample",
    "Shard",
    "Span",
    "Unreadable",
    "is_name",
    "keep",
    "load",
    "pieces",
    "plan",
    "read",
]
