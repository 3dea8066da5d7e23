"""The scores that colour a head: their names, scales, definitions and sources."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One score of a head.

    Attributes
    ----------
    name : str
        Its key in `MEASURES`.
    title : str
        Two or three words for the page.
    unit : str
        ``share``, ``nats`` or ``tokens``.
    low, high : float or None
        Ends of its scale; None where the data decide.
    definition : str
        Two sentences; on a line of its own the formula, with a(i, j) the attention of token i to j.
    source : str
        Where the definition comes from.
    """

    name: str
    title: str
    unit: str
    low: float
    high: float | None
    definition: str
    source: str


_HEADVIS = "HeadVis (Luger, Kamath et al. 2026)"

MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure(
            "previous",
            "Previous token",
            "share",
            0.0,
            1.0,
            "How much a token looks at the token just before it. 1 means always and only there."
            "\nmean over i of a(i, i−1), both tokens ordinary",
            "Elhage et al. 2021; TransformerLens, offset −1",
        ),
        Measure(
            "duplicate",
            "Duplicate token",
            "share",
            0.0,
            1.0,
            "How much a token looks at other occurrences of the same token in its passage: earlier "
            "ones in causal models, all others in bidirectional ones. Only tokens that have one "
            "count.\nmean over i of Σ a(i, j), token j = token i, j ≠ i",
            "Wang et al. 2022 (IOI), extended to bidirectional models",
        ),
        Measure(
            "induction",
            "Induction",
            "share",
            0.0,
            1.0,
            "How much a token looks at what followed other occurrences of the same token: earlier "
            "ones in causal models, all others in bidirectional ones. Only tokens that have one "
            "count, and looking at oneself does not."
            "\nmean over i of Σ a(i, j+1), token j = token i, j ≠ i, j+1 ≠ i",
            f"{_HEADVIS}, which also drops weights below 0.01",
        ),
        Measure(
            "self",
            "Self",
            "share",
            0.0,
            1.0,
            "How much a token looks at itself. 1 means always and only there."
            "\nmean over i of a(i, i)",
            _HEADVIS,
        ),
        Measure(
            "entropy",
            "Entropy",
            "nats",
            0.0,
            None,
            "How widely a token's attention is spread over its passage, special tokens included. "
            "0 means one token gets all.\nmean over i of −Σ a(i, j) ln a(i, j)",
            "Clark et al. 2019",
        ),
        Measure(
            "relative_entropy",
            "Relative entropy",
            "share",
            0.0,
            1.0,
            "The entropy as a share of the most it could be with as many tokens in view. "
            "1 means all get the same."
            "\nmean over i of −Σ a(i, j) ln a(i, j) / ln(tokens i may see)",
            "Clark et al. 2019, normalised",
        ),
        Measure(
            "special",
            "Special tokens",
            "share",
            0.0,
            1.0,
            "How much of its attention a token gives to special tokens such as [CLS] and [SEP]. "
            "A large share often means that the head finds nothing to do there."
            "\nmean over i of Σ a(i, j), j special",
            "Clark et al. 2019",
        ),
        Measure(
            "first",
            "First token",
            "share",
            0.0,
            1.0,
            "How much of its attention a token gives to the first token of its passage, in causal "
            "models. A large share often means that the head finds nothing to do there."
            "\nmean over i of a(i, 0)",
            "Vig and Belinkov 2019; Xiao et al. 2024 (attention sinks)",
        ),
        Measure(
            "distance",
            "Distance",
            "tokens",
            0.0,
            None,
            "How far away the ordinary tokens are that a head looks at, in tokens and in either "
            "direction. Every bit of attention counts by its weight."
            "\nΣ a(i, j) |i − j| / Σ a(i, j), j ordinary",
            "Vig and Belinkov 2019",
        ),
        Measure(
            "spread",
            "Spread of distance",
            "tokens",
            0.0,
            None,
            "How much that distance varies: its standard deviation over all attention of the head. "
            "0 means that the head always looks equally far."
            "\n√(Σ a |i − j|² / Σ a − distance²), j ordinary",
            f"{_HEADVIS} (as variance)",
        ),
    )
}
