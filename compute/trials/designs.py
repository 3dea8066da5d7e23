"""Sequences of repeated random tokens, and where in them the attention is read.

Two protocols. *corrected* (the default): the model's own special tokens around ordinary tokens that
differ from each other; what would lie outside is dropped. *as published*: the procedure of the
study that first looked for induction in BERT (C. Chen, "Exploring Transformer Interpretability",
2023), with its prefix, its range of ids and its slips of the index, to compare with its figures.
"""

from dataclasses import dataclass, replace

import numpy as np

from compute.errors import HeadscopeError

PROTOCOLS = ("corrected", "as published")
COPIES = {"standard": 2, "shuffled": 2, "triple": 3, "four": 4, "unrepeated": 2}
MASKED = ("standard", "shuffled", "triple", "unrepeated")
CAUSAL = ("standard", "shuffled", "four", "unrepeated")
OFFSETS = tuple(range(-5, 6))
SHORTEST = 4

PUBLISHED_PREFIX = 102  # [SEP]
PUBLISHED_IDS = (100, 20_000)


@dataclass(frozen=True)
class Trials:
    """Sequences and what is read in them.

    Attributes
    ----------
    ids : int64 (n, N)
        One sequence per trial.
    queries : int64 (n, Q)
        The places whose attention is read.
    keys : int64 (n, Q, R, A)
        For each query and each of R rows, up to A places whose attention is summed; -1 for none.
    rows : tuple of str
        Names of the R rows: ``earlier-5`` … ``earlier+5`` around the token's other instance (or the
        sum over all earlier ones), ``later-5`` … around the later one, and single places.
    """

    ids: np.ndarray
    queries: np.ndarray
    keys: np.ndarray
    rows: tuple[str, ...]

    def part(self, some: slice) -> "Trials":
        """Return some of the trials."""
        return replace(self, ids=self.ids[some], queries=self.queries[some], keys=self.keys[some])


@dataclass(frozen=True)
class Material:
    """What sequences are made of.

    Attributes
    ----------
    pool : int64 (v,)
        Ids of ordinary tokens.
    before, after : list of int
        Special tokens around.
    mask_id : int or None
        The mask token; None for causal models.
    """

    pool: np.ndarray
    before: list[int]
    after: list[int]
    mask_id: int | None

    @property
    def around(self) -> int:
        """How many special tokens are around."""
        return len(self.before) + len(self.after)


def corrected(
    material: Material, design: str, trials: int, length: int, rng: np.random.Generator
) -> Trials:
    """Make the trials of the corrected protocol.

    Parameters
    ----------
    material : Material
        Its mask id decides between the masked and the causal way.
    design : str
        ``standard``: two copies. ``shuffled``: the second in another order. ``triple`` (masked):
        three copies, the mask in the middle one. ``four`` (causal; Olsson et al. 2022): four
        copies. ``unrepeated``: other tokens in the second copy's place, as a null.
    trials, length : int
        Number of sequences, and of random tokens per copy.

    Raises
    ------
    HeadscopeError
        If the vocabulary is too small.
    """
    distinct = length * (2 if design == "unrepeated" else 1)
    _check_size(material, distinct, f"the design “{design}”")
    drawn = _distinct(material, trials, distinct, rng)
    place = np.broadcast_to(np.arange(length), (trials, length))
    order = rng.permuted(place, axis=1) if design == "shuffled" else place
    first, second = drawn[:, :length], np.take_along_axis(drawn, order, 1)
    if design == "unrepeated":
        second = drawn[:, length:]
    copies = [first, second, *[first] * (COPIES[design] - 2)]
    ids = np.hstack(
        [np.tile(material.before, (trials, 1)), *copies, np.tile(material.after, (trials, 1))]
    ).astype(np.int64)
    if material.mask_id is None:
        return _causal(ids, order, len(material.before), COPIES[design])
    return _masked(ids, order, material, design, rng)


def without_repeat(trials: Trials, material: Material, rng: np.random.Generator) -> Trials:
    """Return trials with the same masks and places to read, and no token twice in a sequence.

    Parameters
    ----------
    trials : Trials
        Of any design and protocol.
    material : Material
        What they were made of.

    Raises
    ------
    HeadscopeError
        If the vocabulary is too small.
    """
    ids = trials.ids.copy()
    body = ids[:, len(material.before) : ids.shape[1] - len(material.after)]
    _check_size(material, body.shape[1], "a sequence without a repeat")
    fresh = _distinct(material, len(ids), body.shape[1], rng)
    body[:] = fresh if material.mask_id is None else np.where(body == material.mask_id, body, fresh)
    return replace(trials, ids=ids)


def _check_size(material: Material, needed: int, what: str) -> None:
    if len(material.pool) < needed:
        raise HeadscopeError(
            f"The vocabulary has only {len(material.pool)} ordinary tokens, and {needed} "
            f"different ones are needed for {what}. Choose a shorter length."
        )


def _distinct(material: Material, trials: int, count: int, rng: np.random.Generator) -> np.ndarray:
    return np.stack([rng.choice(material.pool, count, replace=False) for _ in range(trials)])


def _masked(
    ids: np.ndarray, order: np.ndarray, material: Material, design: str, rng: np.random.Generator
) -> Trials:
    """Mask one token of the second copy, and find its other instances."""
    trials, length = order.shape
    start, trial = len(material.before), np.arange(trials)
    edge = 1 if design == "shuffled" else 0  # both neighbours are needed there
    masked = rng.integers(edge, length - edge, size=trials)
    query = start + length + masked
    ids[trial, query] = material.mask_id
    own = order[trial, masked]
    rows = _around("earlier", own, start, length)
    if design == "triple":
        rows |= _around("later", own, start + 2 * length, length)
    if design == "shuffled":
        rows["after_left"] = _inside(order[trial, masked - 1] + 1, start, length)
        rows["before_right"] = _inside(order[trial, masked + 1] - 1, start, length)
    rows["previous"] = query - 1
    rows["next"] = _inside(query + 1 - start, start, COPIES[design] * length)
    keys = np.stack(list(rows.values()), axis=1)
    return Trials(ids, query[:, None], keys[:, None, :, None], tuple(rows))


def _around(name: str, own: np.ndarray, start: int, length: int) -> dict[str, np.ndarray]:
    """Return the places at all offsets from a token's place `own` in the copy at `start`."""
    return {f"{name}{o:+d}": _inside(own + o, start, length) for o in OFFSETS}


def _inside(place: np.ndarray, start: int, length: int) -> np.ndarray:
    return np.where((place >= 0) & (place < length), start + place, -1)


def _causal(ids: np.ndarray, order: np.ndarray, start: int, copies: int) -> Trials:
    """Read from every token that comes again, at all earlier instances of it."""
    length = order.shape[1]
    in_order = np.broadcast_to(np.arange(length), order.shape)
    own = np.hstack([order, *[in_order] * (copies - 2)])
    queries = np.broadcast_to(start + np.arange(length, copies * length), own.shape)
    copy = np.arange(copies - 1)
    # With more than two copies all have one order: an instance is at the same place in each.
    instances = start + copy * length + own[:, :, None]
    instances = np.where(copy < (queries[:, :, None] - start) // length, instances, -1)
    rows = {f"earlier{o:+d}": _seen(instances, o, start, queries) for o in OFFSETS}
    previous = np.full_like(instances, -1)
    previous[..., 0] = queries - 1
    rows["previous"] = previous
    return Trials(ids, np.array(queries), np.stack(list(rows.values()), axis=2), tuple(rows))


def _seen(instances: np.ndarray, offset: int, start: int, queries: np.ndarray) -> np.ndarray:
    """Return the places at an offset from earlier instances, between the prefix and the query."""
    places = instances + offset
    kept = (instances >= 0) & (places >= start) & (places < queries[:, :, None])
    return np.where(kept, places, -1)


def published(
    mask_id: int, design: str, trials: int, length: int, rng: np.random.Generator
) -> Trials:
    """Make the trials of the protocol as published: `standard`, `shuffled` or `triple`, masked.

    Notes
    -----
    The prefix is one [SEP]; nothing follows. Ids are drawn with replacement from 100 to 19,999,
    among them unused ones and [MASK]. The masked place ``T + r`` is, for r = 0, the last of the
    first copy, whose "previous instance" is then the [SEP]; places before the sequence count from
    its end. In `shuffled` the study stops with an error when it masks the last token; such draws
    are made again here.
    """
    made = [_published_trial(mask_id, design, length, rng) for _ in range(trials)]
    ids, queries, rows = zip(*made, strict=True)
    keys = np.array([list(r.values()) for r in rows])
    return Trials(np.stack(ids), np.array(queries)[:, None], keys[:, None, :, None], tuple(rows[0]))


def _published_trial(
    mask_id: int, design: str, length: int, rng: np.random.Generator
) -> tuple[np.ndarray, int, dict[str, int]]:
    random = rng.integers(*PUBLISHED_IDS, size=length)
    second = rng.permutation(random) if design == "shuffled" else random
    copies = [random, second, *[random] * (COPIES[design] - 2)]
    ids = np.concatenate([[PUBLISHED_PREFIX], *copies])
    r = int(rng.integers(length - 1 if design == "shuffled" else length))
    query = length + r + (1 if design == "shuffled" else 0)
    ids[query] = mask_id
    if design == "shuffled":
        left, right = (int(np.flatnonzero(ids == ids[query + o])[0]) for o in (-1, 1))
        return ids, query, {"after_left": left + 1, "before_right": (right - 1) % len(ids)}
    rows = {f"earlier{o:+d}": (r + o) % len(ids) for o in OFFSETS}
    if design == "triple":
        rows |= {f"later{o:+d}": (2 * length + r + o) % len(ids) for o in OFFSETS}
    return ids, query, rows
