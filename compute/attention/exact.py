"""Attention of one head over one passage, from the stored vectors: exact, and at once."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from compute.errors import HeadscopeError
from compute.runs import Run
from compute.runs.halves import rounded

WHOLE = 2048
"""Tokens of a passage whose attention is held at once, in 16 megabytes."""
CELLS = 2**21
"""Attention weights of rows of a longer one that are held at once."""


def of_passage(run: Run, layer: int, head: int, passage: int) -> np.ndarray:
    """Return the attention of one head over one passage.

    Returns
    -------
    float32 (m, s)
        Row i: how much token i attends to each key of its passage; rows sum to 1 (to less in
        models whose heads have a sink of their own).

    Raises
    ------
    HeadscopeError
        If the model has no such head, or the passage is too long to be shown whole.
    """
    check_whole(run, passage)
    queries, keys = run.vectors(layer, head, passage)
    return attend(run, layer, head, passage, queries, keys)


def in_rows(run: Run, layer: int, head: int, passage: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield a head's attention over a passage, some rows (r, s) at a time: at most some `CELLS`."""
    queries, keys = run.vectors(layer, head, passage)
    step = max(1, CELLS // len(keys))
    for start in range(0, len(queries), step):
        rows = slice(start, min(start + step, len(queries)))
        yield rows, attend(run, layer, head, passage, queries[rows], keys, rows)


def check_whole(run: Run, passage: int) -> None:
    """Raise `HeadscopeError` if a passage is too long for the attention of all its tokens."""
    m, s = (span.stop - span.start for span in (run.span(passage), run.key_span(passage)))
    if m * s > WHOLE**2:
        between = f"all {m:,} tokens" if run.square else f"{m:,} and {s:,} tokens"
        raise HeadscopeError(
            f"The attention between {between} of passage {passage + 1} is too much to be held at "
            f"once; that of {WHOLE:,} is not. The heatmap shows a part of it."
        )


def without_special(
    run: Run, passage: int, weights: np.ndarray, rows: slice = slice(None)
) -> np.ndarray:
    """Return attention (r, s) with special tokens left out: NaN there, the rest renormalised.

    A row that gives ordinary tokens nothing stays at zero.
    """
    asking = run.tokens.special[run.span(passage)][rows]
    special = run.keys.special[run.key_span(passage)]
    rest = np.where(special, 0, weights)
    total = rest.sum(1, keepdims=True)
    out = np.divide(rest, total, out=np.zeros_like(rest), where=total > 0)
    out[asking, :] = np.nan
    out[:, special] = np.nan
    return out


def by_value_norm(run: Run, layer: int, head: int, passage: int, weights: np.ndarray) -> np.ndarray:
    """Return attention (r, s) times the length of each key's value vector, rows renormalised.

    A key that is looked at but whose value is short adds little to the output (Kobayashi et al.
    2020); AttentionViz offers the same for GPT-2.

    Raises
    ------
    HeadscopeError
        If vectors were imported without values.
    """
    if run.v_norm is None:
        raise HeadscopeError(
            "The lengths of value vectors were not imported, so attention can't be weighed by "
            "them. Import the vectors with --values."
        )
    group = run.model.heads // run.model.kv_heads
    scaled = weights * run.v_norm[layer, head // group, run.key_span(passage)]
    total = scaled.sum(1, keepdims=True)
    return np.divide(scaled, total, out=np.zeros_like(scaled), where=total > 0)


def attend(
    run: Run,
    layer: int,
    head: int | slice,
    passages: int | np.ndarray,
    queries: np.ndarray,
    keys: np.ndarray,
    rows: slice = slice(None),
) -> np.ndarray:
    """Return the attention of a passage's queries over its keys.

    Parameters
    ----------
    run, layer
        Whose rules (sight, softcap, sinks, bias) apply.
    head : int or slice
        One head, or all of a layer (`slice(None)`).
    passages : int or int (p,)
        Which passages; several of one length are the first axis.
    queries : float32 (..., r, d)
        As `Run.vectors` gives them; a slice of heads is their last axis before (r, d).
    keys : float32 (..., m, d)
    rows : slice
        Which of the passage's m queries these are, if not all.

    Returns
    -------
    float32 (..., r, m)
    """
    steps = partial(rounded, dtype=run.model.dtype)
    logits = _logits(run, layer, head, passages, queries, keys, rows)
    logits = np.where(
        run.sight(layer).cells(keys.shape[-2], _asked(rows, queries)), logits, -np.inf
    )
    top = logits.max(-1, keepdims=True)
    sink = 0.0
    if run.sinks is not None:
        extra = np.asarray(run.sinks[layer, head])[..., None, None]
        top = np.maximum(top, extra)
        # In the precision of the sinks, as `Call` has it.
        half = np.array_equal(steps(run.sinks[layer]), run.sinks[layer])
        beyond = steps if half else np.asarray
        sink = np.exp(beyond(extra - top))
        logits, top = beyond(logits - top), np.float32(0)
    weights = np.exp(logits - top)
    return steps((weights / (weights.sum(-1, keepdims=True) + sink)).astype(np.float32))


def _asked(rows: slice, queries: np.ndarray) -> slice:
    """Return which places these queries have in their passage."""
    return slice(queries.shape[-2]) if rows == slice(None) else rows


def _logits(
    run: Run,
    layer: int,
    head: int | slice,
    passages: int | np.ndarray,
    queries: np.ndarray,
    keys: np.ndarray,
    rows: slice,
) -> np.ndarray:
    """Return logits before the mask, in the order of the model's own code: each step is rounded."""
    steps = partial(rounded, dtype=run.model.dtype)
    logits = steps(queries @ np.swapaxes(keys, -1, -2))
    logits = steps(logits * np.float32(run.scaling[layer]))
    if run.softcap:
        cap = np.float32(run.softcap)
        logits = steps(steps(np.tanh(steps(logits / cap))) * cap)
    if (bias := run.bias(layer)) is not None:
        logits = steps(logits + bias.cells(keys.shape[-2], _asked(rows, queries), head))
    if run.added is not None:
        several = [run.added_to(layer, head, p)[..., rows, :] for p in np.atleast_1d(passages)]
        logits = steps(logits + (several[0] if np.ndim(passages) == 0 else np.stack(several)))
    return logits
