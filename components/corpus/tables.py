"""A head's tokens and pairs in a corpus, and two heads' scores side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from dash import html

from components.parts.controls import table
from components.shown import corpora
from compute.corpus.corpus_scores import CORPUS_SCORES
from compute.corpus.findings import Findings
from compute.corpus.views import HeadView, PairRow, TokenRow

SHOWN = 20
TOKENS = ("Token", "Lift", "Attention", "Seen")
PAIRS = ("Query", "Key", "Attention", "Seen", "Lift")


@dataclass(frozen=True)
class Looked:
    """A head in a slice of findings.

    Attributes
    ----------
    found : Findings
    at : (layer, head)
    part : str
        The slice; empty for all.
    """

    found: Findings
    at: tuple[int, int]
    part: str = ""

    @property
    def title(self) -> str:
        """Model, head, corpus and slice in words."""
        layer, head = self.at
        about, part = self.found.about, f", slice “{self.part}”" if self.part else ""
        return f"{about['name']} L{layer}H{head}, “{about['corpus']}”{part}"

    def of(self, score: str) -> tuple[float, float, float]:
        """Return a score with its interval; NaN where there is none."""
        if score not in self.found.names:
            return (np.nan,) * 3
        return tuple(float(part[self.at]) for part in self.found.of(score, self.part))


def tokens(found: HeadView) -> list:
    """Return the tables of query tokens, key tokens and pairs."""
    return [
        _section("Query tokens, by lift", table(TOKENS, map(_token, found.queries[:SHOWN]))),
        _section("Key tokens, by lift", table(TOKENS, map(_token, found.keys[:SHOWN]))),
        _section("Strongest pairs", table(PAIRS, map(_pair, found.pairs[:SHOWN]))),
    ]


def _section(title: str, content: object) -> html.Div:
    return html.Div([html.H3(title), content], className="corpus-table")


def _token(row: TokenRow) -> list:
    return [_named(row.token), _lift(row.lift), f"{row.mean:.3f}", f"{row.count:,}"]


def _pair(row: PairRow) -> list:
    numbers = f"{row.attention:.3f}", f"{row.count:,}", _lift(row.lift)
    return [_named(row.query), _named(row.key), *numbers]


def _named(token: str) -> html.Span:
    return html.Span(token, className="corpus-token")


def _lift(value: float) -> html.B:
    return html.B(f"{value:.3g} ×" if np.isfinite(value) else "–")


def facts(looked: Looked, names: Sequence[str]) -> str:
    """Say some scores of a head with their intervals."""
    told = [(CORPUS_SCORES[name], looked.of(name)) for name in names]
    return " · ".join(
        f"{score.title[0].lower()}{score.title[1:]} {corpora.said(*values)}"
        for score, values in told
        if np.isfinite(values[0])
    )


def beside(one: Looked, other: Looked) -> html.Div:
    """Return all scores of two heads side by side, with their differences."""
    rows = []
    for name, score in CORPUS_SCORES.items():
        a, b = one.of(name), other.of(name)
        if np.isfinite(a[0]) or np.isfinite(b[0]):
            rows.append([html.Span(score.title, title=score.definition), _cell(a), _cell(b),
                         _difference(a, b)])  # fmt: skip
    titles = ("Score", "Left", "Right", "Left − right")
    return html.Div(table(titles, rows), className="corpus-beside-table")


def _cell(values: tuple[float, float, float]) -> list | str:
    if not np.isfinite(values[0]):
        return "–"
    mean, _, interval = corpora.said(*values, digits=3).partition(" ")
    return [html.B(mean), html.Span(f" {interval}", className="count", title="95 % interval")]


def _difference(a: tuple, b: tuple) -> html.B | str:
    difference = a[0] - b[0]
    if not np.isfinite(difference):
        return "–"
    said = f"{difference:+z.3f}".replace("-", "−")
    return html.B(said) if apart(a, b) else said


def apart(a: tuple, b: tuple) -> bool:
    """Tell whether two values' intervals, (mean, low, high), don't touch."""
    return bool(a[1] > b[2] or b[1] > a[2])
