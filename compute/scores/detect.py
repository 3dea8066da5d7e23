"""The measure of TransformerLens' `detect_head`, so that numbers can be compared with it.

A head's attention on a text is compared with the pattern that a kind of head would have. Two error
measures: ``mul``, the share of all attention that lies on the pattern (its docstring recommends it
for exploring), and ``abs``, one minus the absolute differences summed per token (its demo shows
it). As there, nothing is left out, not even the first token. Causal models
only. Nothing here needs torch.
"""

from dataclasses import dataclass

import numpy as np

from compute import store
from compute.attention.exact import attend, check_whole
from compute.errors import HeadscopeError
from compute.progress import Progress, unseen
from compute.runs import Run

VERSION = 1
PATTERNS = ("previous", "duplicate", "induction")
MEASURES = ("mul", "abs")
TITLES = {
    "previous": "Previous token",
    "duplicate": "Duplicate token",
    "induction": "Induction on the text",
}
_LOOKED_FOR = {
    "previous": "the token just before",
    "duplicate": "every earlier equal token",
    "induction": "every token after an earlier equal one",
}
NOTE = (
    "As in TransformerLens, all tokens count: also those that have nothing to find. So mul stays "
    "below 1 even for a perfect head, at about 0.5 on a text that comes twice."
)


@dataclass(frozen=True)
class Detected:
    """How alike each head's attention is to the patterns, averaged over passages.

    Attributes
    ----------
    mul, abs : float64 (patterns, layers, heads)
        In the order of `PATTERNS`.
    """

    mul: np.ndarray
    abs: np.ndarray

    def of(self, measure: str, pattern: str) -> np.ndarray:
        """Return one measure (of `MEASURES`) for one pattern (of `PATTERNS`), (layers, heads)."""
        return getattr(self, measure)[PATTERNS.index(pattern)]


def definition(measure: str, pattern: str) -> str:
    """Say in a sentence what a number is."""
    if measure == "mul":
        return f"Share of all attention that lies on {_LOOKED_FOR[pattern]}."
    return (
        f"1 − Σ |attention − pattern| / tokens, where the pattern is 1 at {_LOOKED_FOR[pattern]} "
        "and 0 elsewhere; −1 to 1."
    )


def key(run_key: str) -> str:
    """Return the name in the store of what was found in a run."""
    return store.key("detected", VERSION, run_key)


DETECTED = store.record("detected", Detected)


def measure(run: Run, progress: Progress = unseen) -> Detected:
    """Compare all heads with the three patterns.

    Parameters
    ----------
    run : Run
        Of a causal model.
    progress : Progress, in passages

    Returns
    -------
    Detected
        Means over the passages of two tokens or more.

    Raises
    ------
    HeadscopeError
        If the model is not causal, or no passage is long enough.
    """
    run.check_all()
    if not run.model.causal:
        raise HeadscopeError(
            f"TransformerLens' measure is for causal models, and {run.model.name} is not causal."
        )
    lengths = np.diff(run.tokens.starts)
    passages = np.flatnonzero(lengths > 1).tolist()
    if not passages:
        raise HeadscopeError("Every passage has a single token. Choose a text with longer ones.")
    for passage in passages:
        check_whole(run, passage)
    shape = (len(MEASURES), len(PATTERNS), run.model.layers, run.model.heads)
    total = np.zeros(shape)
    for done, passage in enumerate(passages):
        ids = run.tokens.ids[run.span(passage)]
        targets = [pattern(name, ids) for name in PATTERNS]
        for layer in range(run.model.layers):
            attention = _attention(run, layer, passage)
            for p, target in enumerate(targets):
                for m, name in enumerate(MEASURES):
                    total[m, p, layer] += likeness(attention, target, name)
        progress(done + 1, len(passages))
    return Detected(*(total / len(passages)))


def pattern(name: str, ids: np.ndarray) -> np.ndarray:
    """Return where a perfect head of a kind would look, float32 (m, m) of zeros and ones.

    Parameters
    ----------
    name : str
        ``previous``: the token before. ``duplicate``: every earlier equal token. ``induction``:
        every token after an earlier equal one.
    ids : int (m,)
    """
    if name == "previous":
        return np.eye(len(ids), k=-1, dtype=np.float32)
    same = np.tril(ids[:, None] == ids[None, :], -1).astype(np.float32)
    if name == "duplicate":
        return same
    after = np.zeros_like(same)
    after[:, 1:] = same[:, :-1]
    return np.tril(after)


def likeness(attention: np.ndarray, target: np.ndarray, measure: str) -> np.ndarray:
    """Return how alike attention (..., m, m) is to a pattern (m, m), float64 (...)."""
    attention = attention.astype(np.float64)
    if measure == "mul":
        return (attention * target).sum((-1, -2)) / attention.sum((-1, -2))
    return 1 - np.abs(attention - target).mean((-1, -2)) * len(target)


def _attention(run: Run, layer: int, passage: int) -> np.ndarray:
    """Return the attention (heads, m, m) of all heads of a layer over a passage."""
    group, span = run.model.heads // run.model.kv_heads, run.span(passage)
    keys = np.repeat(run.k[layer][:, span], group, axis=0)
    return attend(run, layer, slice(None), passage, run.q[layer][:, span], keys)
