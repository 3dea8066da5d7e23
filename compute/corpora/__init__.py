"""Corpora: from files that a person chose to documents and passages, in shards of any size.

From outside: `plan` cuts what was `Chosen` into shards, `read` gives a shard's documents, `pieces`
cuts those into passages.
"""

from compute.corpora.chosen import Broken, Chosen, Document, File, Plan, Shard, Span, Unreadable
from compute.corpora.passages import Piece, pieces
from compute.corpora.planning import plan
from compute.corpora.reading import read

__all__ = [
    "Broken",
    "Chosen",
    "Document",
    "File",
    "Piece",
    "Plan",
    "Shard",
    "Span",
    "Unreadable",
    "pieces",
    "plan",
    "read",
]
