"""What the stage "Why" says: choices, explanations, and sentences made of numbers."""

import numpy as np
from dash import html

from components.parts.numbers import signed
from compute.why.results import Explained, over_passages
from compute.why.subject import PLACES

KINDS = {
    "edge": "one edge: a query and a key",
    "strongest": "the strongest line from every token",
    "rule": "all edges of a rule",
    "picked": "the lines between lassoed points",
    "induction": "induction on random tokens",
}
METHODS = [("mean", "its mean over the passage"), ("zero", "zero")]
EVERY = "Takes out every earlier head, not only the 20 that are proposed; it may take a while."
EMPTY = (
    "Which edges of this head shall be explained? Click a cell of a heatmap in Heads and press "
    "“Why?”, or choose here, then press Explain."
)
OTHER_HEAD = "L{}H{} is not explained yet. Press Explain."
NO_EDGE = (
    "Which edge? Click a cell of the heatmap in Heads and press “Why?”, or type a passage (from "
    "1), a query and a key (tokens from 0, special ones counted)."
)
NO_LASSO = "No points are selected. Draw a lasso round queries and keys of the map in Heads first."

ROUNDED = 0.02
"""Of the parts' sizes: a gap that half precision leaves."""
LITTLE = 0.01
"""Attention below which a head hardly looks somewhere."""

STAGE = [
    html.P(
        "The contrast of an edge is its logit less the mean logit of all keys that the query may "
        "see: what makes this key stand out. It is split into what wrote into the query and the "
        "key before this layer: token and position embeddings, every earlier head, MLPs, and "
        "what is the same for all texts."
    ),
    html.P(
        "That is a proposal. Then earlier heads are really taken out, one after the other, and "
        "what is listed and coloured is what that changed: on the query side, on the key side, "
        "and on both at once."
    ),
]
PARTS = [
    html.P(
        "Each side's parts add up to the whole contrast; the two sides are two ways to split the "
        "same number, so they are never added. Norms are held as they were. What a head wrote by "
        "way of another head or an MLP counts for those; MLPs are not opened."
    ),
]
GRID = [
    html.P(
        "How much of the contrast goes when a head is taken out and only its effect on this "
        "side's vectors is kept. Green: the head raises the contrast; purple: it lowers it. Heads "
        "that are empty were not taken out: the parts say that they matter less. A click opens a "
        "head."
    ),
]
TABLE = [
    html.P(
        "Effect: the contrast before less after the head was taken out, in logits, with its 95 % "
        "interval over passages. A star: the interval leaves out zero and, where other edges of "
        "the same distances could be compared, what happens to those; never with fewer than five "
        "passages. Direct: what the head wrote into that side itself."
    ),
    html.P("“Without it” opens the same text without the head in column B, in Heads."),
]
BROUGHT = [
    html.P(
        "A head writes what it reads at other tokens. This splits its direct part by the token "
        "that it was read at: attention there times what its value gives to the contrast."
    ),
]
_FROM = {
    "same": "the token itself",
    "before": "the token before",
    "first": "the first token",
    "others": "other tokens",
}


def said(found: Explained) -> str:
    """Say what is explained: its contrast and its attention."""
    name = f"L{found.layer}H{found.head}"
    many = found.edges > 1
    where = f" ({found.edges:,} in {_passages(found)})" if many else ""
    mean = "on average " if many else ""
    return (
        f"{name}, {found.words}{where}: {mean}a contrast of {signed(found.contrast.mean())} "
        f"logits and attention {found.attention.mean():.3f}."
    )


def _passages(found: Explained) -> str:
    count = len(found.passages)
    unit = "sequence" if found.words.startswith("the edges of induction") else "passage"
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def note(found: Explained) -> str:
    """Say what should be known of the numbers besides."""
    notes = list(found.notes)
    if found.attention.mean() < LITTLE:
        notes.insert(0, "The head hardly looks there, so there is little to explain.")
    if found.layer == 0:
        notes.append("It is in the first layer: no earlier head wrote anything.")
    return " ".join(notes)


def check(found: Explained) -> str:
    """Say whether the parts add up."""
    gap = float(abs(found.gap).max())
    if found.complete:
        return (
            f"Checked: each side's parts add up to the contrast, within {gap:.0e} logits. Written "
            "directly, norms held fixed."
        ).replace("e-", "e−")
    worst = found.gap.mean(1)[np.argmax(abs(found.gap.mean(1)))]
    if gap <= ROUNDED * _size(found):
        return (
            f"The parts add up to the contrast within {gap:.1g} logits only, as where a model "
            "computes in half precision. Written directly, norms held fixed."
        )
    return (
        f"The parts do not add up: {signed(worst)} logits are not attributed. This model has "
        "parts that are not found, such as experts or positions without a table. The measured "
        "effects hold all the same."
    )


def _size(found: Explained) -> float:
    """Return what the parts of a side are together, whatever their signs, at the least."""
    passages = len(found.passages)
    parts = (found.token, found.position, found.rest, found.heads, found.mlps)
    sizes = [abs(part).reshape(len(part), passages, -1).sum(2) for part in parts]
    return float(np.sum(sizes, 0).min())


def places(found: Explained, side: int, head: tuple[int, int]) -> str:
    """Say from where a head brought its part, if one place gives most of it."""
    shares, direct = found.places[side][head], found.heads[side].mean(0)[head]
    if abs(direct) < 0.02 * max(abs(found.contrast.mean()), 1e-9):
        return ""
    at = int(np.argmax(abs(shares)))
    share = shares[at] / direct
    return f"{min(share, 1):.0%} from {_FROM[PLACES[at]]}" if share >= 0.5 else "from many tokens"


def measured(found: Explained) -> str:
    """Say how many heads were taken out."""
    earlier = found.heads.shape[2] * found.heads.shape[3]
    if not earlier:
        return "There are no earlier heads."
    how = "their mean over the passage" if found.method == "mean" else "zero"
    rest = "" if len(found.measured) == earlier else ", those that the parts propose"
    return (
        f"{len(found.measured):,} of {earlier:,} earlier heads were taken out{rest}; {how} took "
        "their place."
    )


def strongest(found: Explained) -> str:
    """Say which head matters most on each side, if one does."""
    if not len(found.measured):
        return ""
    if found.attention.mean() < LITTLE or found.contrast.mean() <= 0:
        return ""  # a share of next to nothing says nothing
    effects = over_passages(found.effects).mean
    told = []
    for side, what in enumerate(("queries", "keys")):
        n = int(np.argmax(effects[:, side]))
        share = effects[n, side] / found.contrast.mean()
        if share >= 0.1:
            layer, head = found.measured[n]
            told.append(f"L{layer}H{head} in the {what} ({min(share, 9.99):.0%} goes without it)")
    return f"It rests most on {' and on '.join(told)}." if told else ""
