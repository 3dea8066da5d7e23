"""A head's examples from a corpus: passages whose words are shaded (assets/corpus/examples.js)."""

import json

import numpy as np
from dash import html

from components.corpus import words
from compute.corpus.views import Example, HeadView

TENTHS = 10
TOP, EVERY = "top", "every"
GROUPS = [
    (TOP, "strongest of all"),
    (EVERY, "one of each tenth"),
    *((str(n), words.group(n)) for n in reversed(range(TENTHS))),
]
SHADES = [
    ("looks", "what the framed word looks at"),
    ("gets", "how much each is looked at"),
    ("gives", "how much each looks"),
]
MOST = 10
"""Passages that are listed at once."""
AROUND = 12
"""Words shown on either side of the pair that a passage is an example for."""
NONE = (
    "No kept passage is in this group. Many passages may share one largest attention, as in a head "
    "that always looks at one token, or too few were read: choose another group."
)


def chosen(found: HeadView, group: str) -> list[tuple[int, Example]]:
    """Return the examples of a group, each with its place among all."""
    numbered = list(enumerate(found.examples))
    if group == TOP:
        return [each for each in numbered if each[1].group is None]
    if group == EVERY:
        firsts = {each[1].group: each for each in reversed(numbered)}
        return [firsts[n] for n in reversed(range(TENTHS)) if n in firsts]
    return [each for each in numbered if each[1].group == int(group)]


def listed(found: HeadView, group: str, shade: str, name: str, links: bool = True) -> list:
    """Return the rows of a group; without `links` a word tells nothing of its own."""
    some = chosen(found, group)
    if not some:
        return [html.P(NONE, className="note")]
    mixed = group == EVERY
    return [_row(number, example, shade, name, links, mixed) for number, example in some[:MOST]]


def said(found: HeadView, group: str) -> str:
    """Say which passages a group holds."""
    if not group.isdecimal():
        every = "Of each tenth of all passages one, the strongest tenth first."
        return every if group == EVERY else "The passages where it looks hardest at one token."
    low, high = found.bounds[int(group) : int(group) + 2]
    said = f"Passages whose largest attention is from {low:.2f} to {high:.2f}"
    count = len(chosen(found, group))
    return f"{said}: {MOST} of the {count:,} in the sample." if count > MOST else f"{said}."


def shades(example: Example, shade: str) -> np.ndarray:
    """Return how dark each word is, from 0 to 1: float (T,)."""
    if shade == "gives":
        return np.minimum(1, example.weights.sum(1))
    weights, keys = example.weights, example.keys
    if shade == "looks":
        weights, keys = weights[example.place], keys[example.place]
    got = np.bincount(keys.ravel(), weights.ravel(), len(example.strings))
    return got / got.max() if shade == "gets" and got.max() > 0 else np.minimum(1, got)


def _row(
    number: int, example: Example, shade: str, name: str, links: bool, mixed: bool
) -> html.Article:
    pair = [example.place] + ([] if example.looked_at is None else [example.looked_at])
    head = [
        html.B(f"{example.peak:.2f}"),
        html.Span(" · " + " → ".join(f"“{example.strings[place]}”" for place in pair)),
        *([html.Span(f" · {words.group(example.group)}")] if mixed else []),
        *([html.Span(f" · {example.part}", className="corpus-part")] if example.part else []),
    ]
    whole = html.Button("Whole passage", className="text-button corpus-whole")
    opened = html.Button("Open this sequence", className="text-button corpus-sequence")
    more = [whole, opened] if links else [whole]
    label = f"{name}, passage with {example.peak:.2f}: arrow keys go from word to word"
    passage = json.dumps(_passage(example, shade, pair), separators=(",", ":"))
    return html.Article(
        [
            html.Div([html.Span(head), *more], className="corpus-row-head"),
            # The browser makes its words: as components of the page they would slow it down.
            html.Div(
                className="corpus-words",
                tabIndex=0,
                role="group",
                **{"aria-label": label, "data-passage": passage},
            ),
        ],
        className="corpus-example",
        **{"data-number": number},
    )


def _passage(example: Example, shade: str, pair: list[int]) -> dict:
    """Return what the browser draws.

    Returns
    -------
    dict
        ``words``; ``shades`` of each in percent; ``special`` and ``near``, the places of sinks and
        of the words around the pair, the others are hidden until all are asked for; ``place`` of
        the query; ``links``, of each word what it looks at: [key, thousandths, …].
    """
    return {
        "words": example.strings,
        "shades": np.rint(100 * np.minimum(1, shades(example, shade))).astype(int).tolist(),
        "special": np.flatnonzero(example.special).tolist(),
        "near": np.flatnonzero(_near(len(example.strings), pair)).tolist(),
        "place": example.place,
        "links": _links(example),
    }


def _near(count: int, pair: list[int]) -> np.ndarray:
    """Tell which of so many words are around a pair: bool (count,)."""
    places, first, last = np.arange(count), min(pair) - AROUND, max(pair) + AROUND
    if last - first > 6 * AROUND:  # far apart: the words around each of the two
        return abs(places[:, None] - pair).min(1) <= AROUND
    return (places >= first) & (places <= last)


def _links(example: Example) -> list[list[int]]:
    rows = []
    for keys, weights in zip(example.keys.tolist(), example.weights.tolist(), strict=True):
        pairs = [(k, round(1000 * w)) for k, w in zip(keys, weights, strict=True) if w > 0]
        rows.append([number for pair in pairs for number in pair])
    return rows
