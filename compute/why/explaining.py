"""Explains edges from beginning to end: splits, proposes, and measures what was proposed."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from compute.models.model import Model
from compute.progress import Progress, unseen
from compute.why import effects, parts, proposals
from compute.why.results import Explained
from compute.why.subject import ONE_SIDED, SIDES, Subject
from compute.why.traced import WAYS

CHUNK = 10
"""Heads after which what is known so far is handed on."""


def explain(
    model: Model,
    subject: Subject,
    *,
    method: str = "mean",
    count: int | None = proposals.COUNT,
    progress: Progress = unseen,
) -> Iterator[Explained]:
    """Explain edges, and hand on what is known: first the split, then ever more measured effects.

    Parameters
    ----------
    method : str
        One of `subject.METHODS`.
    count : int or None
        How many of the proposed heads are taken out; None for every earlier head.
    progress : Progress
        In heads times passages.

    Yields
    ------
    Explained
        The last one is whole.

    Raises
    ------
    HeadscopeError
        If an edge runs to a key that its query doesn't see.
    """
    found = _split(model, subject, method)
    yield found
    if not subject.layer:  # nothing came before it
        return
    found = replace(found, said=_said(model, subject))
    earlier = subject.layer * model.info.heads
    said = {side: dict(zip(WAYS, found.said[at], strict=True)) for at, side in enumerate(ONE_SIDED)}
    chosen = proposals.first(said, earlier if count is None else min(count, earlier))
    done, total = 0, len(chosen) * len(subject.pieces)
    for start in range(0, len(chosen), CHUNK):
        some = chosen[start : start + CHUNK]
        made = []
        for piece in subject.pieces:
            base = done
            step = lambda n, base=base: progress(base + n, total)  # noqa: E731
            made.append(effects.measure(model, subject, piece, some, method, step))
            done += len(some)
        found = _more(found, some, made)
        yield found


def _said(model: Model, subject: Subject) -> np.ndarray:
    """Return what each attribution says of each head, mean over passages; see `Explained`."""
    said = [proposals.attributions(model, subject, piece) for piece in subject.pieces]
    return np.array(
        [[np.mean([one[side][way] for one in said], 0) for way in WAYS] for side in ONE_SIDED]
    )


def _split(model: Model, subject: Subject, method: str) -> Explained:
    splits, start = [], []
    for piece in subject.pieces:
        splits.append(parts.split(model, subject, piece))
        start.append(effects.before(model, subject, piece))
    sides = [parts.joined([one[side] for one in splits]) for side in ONE_SIDED]
    none = np.zeros((len(subject.pieces), 0, len(SIDES)))
    heads = np.stack([side.heads for side in sides])
    shape = heads.shape[2:]
    single = len(subject.pieces) == 1
    per_side = {
        name: np.stack([getattr(side, name) for side in sides])
        for name in ("gap", "token", "position", "rest", "mlps")
    }
    return Explained(
        words=subject.words,
        layer=subject.layer,
        head=subject.head,
        edges=subject.edges,
        method=method,
        passages=np.array([piece.passage for piece in subject.pieces], np.int64),
        contrast=np.array([contrast for contrast, _ in start]),
        attention=np.array([attention for _, attention in start]),
        complete=all(side.complete for side in sides),
        heads=heads,
        places=np.stack([side.places.mean(0) for side in sides]),
        sources=np.stack([s.sources for s in sides]) if single else np.zeros((2, *shape, 0)),
        said=np.zeros((len(ONE_SIDED), len(WAYS), *shape)),
        measured=np.zeros((0, 2), np.int64),
        effects=none,
        changes=none,
        others=none,
        notes=subject.notes,
        **per_side,
    )


def _more(found: Explained, heads: list[tuple[int, int]], made: list[effects.Changed]) -> Explained:
    def joined(name: str, of: str) -> np.ndarray:
        return np.concatenate([getattr(found, name), [getattr(one, of) for one in made]], 1)

    return replace(
        found,
        measured=np.concatenate([found.measured, np.array(heads, np.int64).reshape(-1, 2)]),
        effects=joined("effects", "contrast"),
        changes=joined("changes", "attention"),
        others=joined("others", "others"),
    )
