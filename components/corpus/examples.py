"""A head's examples from a corpus: passages whose words are shaded (assets/corpus/examples.js)."""

import json
from collections.abc import Iterable

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
    weights, pair = example.weights[example.place], [example.place]
    if weights.any():
        pair.append(int(example.keys[example.place][weights.argmax()]))
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
    return html.Article(
        [
            html.Div([html.Span(head), *more], className="corpus-row-head"),
            html.Div(
                list(_words(example, shade, pair)),
                className="corpus-words",
                tabIndex=0,
                role="group",
                **{"aria-label": label, "data-links": _links(example)},
            ),
        ],
        className="corpus-example",
        **{"data-number": number, "data-place": example.place},
    )


def _words(example: Example, shade: str, pair: list[int]) -> Iterable:
    """Yield the words; those that are far from the pair are hidden until all are asked for."""
    dark = shades(example, shade)
    first, last = min(pair) - AROUND, max(pair) + AROUND
    places = np.arange(len(dark))
    close = (places >= first) & (places <= last)
    if last - first > 6 * AROUND:  # far apart: the words around each of the two
        close = abs(places[:, None] - pair).min(1) <= AROUND
    hidden = False
    for place, string in enumerate(example.strings):
        if hidden != (not close[place]):
            hidden = not close[place]
            if hidden:
                yield html.Span("… ", className="corpus-gap")
        share = f"{85 * min(1.0, float(dark[place])):.0f}%"
        names = ["corpus-word"]
        names += ["special"] if example.special[place] else []
        names += ["of-query"] if place == example.place else []
        names += ["far"] if hidden else []
        style = {"style": {"--w": share}} if share != "0%" else {}
        yield html.Span(string, className=" ".join(names), **style)
        yield " "


def _links(example: Example) -> str:
    """Return what each query looks at, for the browser: [key, thousandths, …] by query."""
    rows = []
    for keys, weights in zip(example.keys.tolist(), example.weights.tolist(), strict=True):
        pairs = [(k, round(1000 * w)) for k, w in zip(keys, weights, strict=True) if w > 0]
        rows.append([number for pair in pairs for number in pair])
    return json.dumps(rows, separators=(",", ":"))
