"""Which columns each table of the folder has, and what they mean: ``about.json`` says it, too."""

from typing import NamedTuple

import numpy as np

from compute.summaries import bins


class Column(NamedTuple):
    """A column: of which kind it is, and what it means."""

    kind: str
    means: str


Columns = dict[str, Column]

_HEAD = {
    "layer": Column("place", "from 0"),
    "head": Column("place", "from 0"),
}
TABLES: dict[str, Columns] = {
    "heads": _HEAD
    | {
        "score": Column("text", "its name; see scores"),
        "slice": Column("text", "a part of the corpus; empty for all of it"),
        "mean": Column("number", "the score"),
        "low": Column("number", "where its 95 % interval over documents begins"),
        "high": Column("number", "where it ends"),
        "n": Column("count", "tokens that count"),
        "documents": Column("count", "documents of the slice"),
        "difference": Column("number", "the score in the slice minus that in the rest"),
        "less": Column("number", "where the 95 % interval of that begins"),
        "more": Column("number", "where it ends"),
    },
    "examples": _HEAD
    | {
        "example": Column("place", "from 0"),
        "tenth": Column(
            "place",
            "of all passages by the head's largest attention, 1 to 10; empty for one of the "
            "strongest of the corpus",
        ),
        "largest": Column("number", "the largest attention of one ordinary token to another"),
        "query": Column("place", "position of the token that gives it"),
        "slice": Column("text", "of the passage"),
        "text": Column("text", "the passage as it was read"),
        "tokens": Column("texts", "its tokens, as the page shows them"),
        "left_out": Column("flags", "which of them are sinks, and left out"),
        "keys": Column("keys", "for each token at most 8 positions it looks at"),
        "attention": Column("weights", "how much; nothing below .005"),
    },
    "tokens": _HEAD
    | {
        "role": Column("text", "query: by the most it gives to one key; key: by all it gets"),
        "token": Column("text", "of the vocabulary"),
        "lift": Column("number", "its mean over that of all tokens"),
        "mean": Column("number", "of such attention"),
        "count": Column("count", "how often it occurs"),
    },
    "pairs": _HEAD
    | {
        "query": Column("text", "a token of the vocabulary"),
        "key": Column("text", "a token that it looks at, in the examples"),
        "attention": Column("number", "its mean, where it is above .005"),
        "count": Column("count", "how often that is so"),
        "lift": Column("number", "attention over what either token alone would lead to"),
    },
    "histograms": _HEAD
    | {
        "histogram": Column(
            "text",
            "largest: tokens by the most they give to one key; entropy: tokens by it, in nats; "
            "distance, position: shares of attention by distance and by position of the key; loss: "
            "mean loss of the next token in nats, by largest; tenths: shares of passages by the "
            "head's largest attention",
        ),
        "low": Column("number", "where the bin begins"),
        "high": Column("number", "where it ends; empty if nowhere"),
        "value": Column("number", "a count, a share or a mean"),
    },
    "classes": _HEAD
    | {
        "query": Column("text", "class of the tokens that look"),
        "key": Column("text", "class of those that they look at"),
        "attention": Column("number", "its mean over the queries"),
        "chance": Column("number", "what equal attention to all in view would give"),
    },
}
"""The columns of each table by name."""


def edges() -> dict[str, np.ndarray]:
    """Return where the bins of each histogram of a head begin and end, float64 (bins + 1,)."""
    shares = np.round(np.linspace(0, 1, bins.LARGEST + 1), 9)
    open_end = np.array([*bins.DISTANCES, np.nan])
    return {
        "largest": shares,
        "entropy": np.arange(bins.ENTROPY + 1) * bins.ENTROPY_STEP,
        "distance": open_end,
        "position": open_end,
        "loss": shares,
    }
