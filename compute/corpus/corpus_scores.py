"""The scores of heads over a corpus: those of one text, and the largest attention."""

from compute.scores.head_scores import HEAD_SCORES, SPREAD, HeadScore

LARGEST = "largest"

CORPUS_SCORES: dict[str, HeadScore] = HEAD_SCORES | {
    LARGEST: HeadScore(
        LARGEST,
        "Largest attention",
        "share",
        0.0,
        1.0,
        "How much a token gives to the one ordinary token that it looks at most. 1 means that it "
        "always looks at a single one.\nmean over i of max a(i, j), j ordinary",
        "HeadVis (Luger, Kamath et al. 2026), there the maximum of a sequence",
        queries=lambda seen: (seen.attention * seen.pairs.ordinary[:, None]).max(3),
        counted=lambda pairs: pairs.asks,
        group=SPREAD,
    )
}
"""By their names; `seen` sums what each is made of."""
