"""Findings of a corpus with numbers that are known beforehand, without any corpus."""

from types import SimpleNamespace

import numpy as np
import pytest

from compute.corpus import findings, views
from compute.corpus.findings import Findings, Known
from compute.corpus.views import Example, HeadView, PairRow, TokenRow

NAME, OTHER = "ab" * 12, "cd" * 12
NAMES = ("previous", "distance", "largest")
SLICES = ("", "code", "prose")


def found(identity: str, layers: int = 2, heads: int = 3, **about: object) -> Findings:
    """Return findings whose scores grow with slice, score, layer and head; intervals of ± .01.

    Head L0H0 has no evidence for ``distance``.
    """
    shape = (len(SLICES), len(NAMES), layers, heads)
    mean = np.arange(np.prod(shape), dtype=np.float64).reshape(shape) / 100
    mean[:, 1, 0, 0] = np.nan
    told = {
        "model": "made",
        "name": "Made",
        "identity": identity,
        "task": "masked",
        "causal": False,
        "layers": layers,
        "heads": heads,
        "corpus": "Two shelves",
        "length": 64,
        "tokens": 12_000,
        "passages": 300,
        "documents": 200,
        "broken": 2,
        "broken_lines": [["news.jsonl, line 17", "no JSON"], ["news.jsonl, line 18", "no text"]],
        "left_out": [],
        "notes": ["A note."],
    }
    counts = np.array([12_000, 5_000, 7_000])
    n = np.broadcast_to(counts[:, None, None], shape[:3])
    documents = np.array([200, 80, 120])
    rest = mean - mean[:1] + 0.5
    numbers = (mean, mean - 0.01, mean + 0.01, rest, rest - 0.02, rest + 0.02)
    made = (*numbers, n, documents, counts)
    return Findings(told | about, NAMES, SLICES, *made)


def example(group: int | None, peak: float, words: str = "[CLS] the cat saw the dog [SEP]"):
    """Return an example: its “saw” (3) looks at “cat” (2) with the peak, and a little at “the”."""
    strings = tuple(words.split())
    keys, weights = np.zeros((len(strings), 8), np.uint16), np.zeros((len(strings), 8), np.float32)
    keys[3, :2], weights[3, :2] = (2, 1), (peak, 0.1)
    keys[5, 0], weights[5, 0] = 4, peak / 2
    special = np.array([string.startswith("[") for string in strings])
    return Example(group, peak, 3, " ".join(strings[1:-1]), "code", strings, special, keys, weights)


def view(*, examples: tuple = (), loss: np.ndarray | None = None) -> HeadView:
    """Return what is kept of a head: two strongest examples, and of all tenths but the third."""
    kept = examples or (
        example(None, 0.9),
        example(None, 0.8),
        *(example(n, (n + 1) / 10) for n in range(10) if n != 2),
    )
    doubling = np.r_[1.0, 3.0, np.zeros(12)]
    return HeadView(
        largest=np.r_[3, np.zeros(18, int), 1],
        entropy=np.r_[1, 1, np.zeros(34, int)],
        distance=doubling,
        position=doubling[::-1].copy(),
        bounds=np.linspace(0, 1, 11),
        examples=kept,
        queries=(TokenRow("saw", 3.5, 0.7, 12),),
        keys=(TokenRow("cat", 2.25, 0.5, 9), TokenRow("dog", 1.0, 0.2, 4)),
        pairs=(PairRow("saw", "cat", 8.4, 12, 5.0),),
        classes=("word", "<i>sign"),
        attention=np.array([[0.4, 0.1], [np.nan, 0.0]]),
        chance=np.array([[0.2, 0.2], [np.nan, 0.2]]),
        loss=np.full(20, np.nan) if loss is None else loss,
    )


def keep(patch: pytest.MonkeyPatch, **kept: Findings) -> None:
    """Have these findings, by their names, as if they were in the store; the first is newest."""

    def known(identity: str = "") -> tuple[Known, ...]:
        return tuple(
            Known(
                name,
                *(each.about[what] for what in ("corpus", "tokens")),
                each.slices,
                each.about["name"],
            )
            for name, each in kept.items()
            if identity in ("", each.about["identity"])
        )

    patch.setattr(findings, "FINDINGS", SimpleNamespace(get=kept.get, kind="findings"))
    patch.setattr(findings, "known", known)
    patch.setattr(views, "view", lambda name, layer, head: view() if name in kept else None)
