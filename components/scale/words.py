"""What the scale stage says: its criteria, and why the choice rarely matters."""

from dataclasses import dataclass

from dash import html


@dataclass(frozen=True)
class Words:
    """A criterion in words: its title, how the study published it, and a better form."""

    title: str
    published: str
    corrected: str


CRITERIA = {
    "weighted": Words(
        "Weighted correlation",
        "For each query with at least two near keys in its passage: Pearson's correlation of "
        "product q·k and distance |cq − k/c| over these keys, weighted by (threshold − distance)². "
        "Near means below the threshold, the 0.5th percentile of the head's own-passage distances "
        "at all seven c together. The mean over such queries; the c with the smallest wins. Keys "
        "are not moved. Two near keys always give exactly 1 or −1. (The study's notebook puts a "
        "fixed 12 into the weights; this is its text.)",
        "One weighted correlation over 100,000 random pairs of the whole text, special tokens left "
        "out, after the keys were moved onto the queries' centre as on the map. Near pairs are the "
        "nearest 0.5 % at this very c.",
    ),
    "counts": Words(
        "Scaled by counts",
        "The weighted correlation times the head's number of counted queries over the mean number "
        "of all heads at that c. No correlation any more: it can be far below −1, and scales with "
        "many near pairs win. A head without near pairs has 0 everywhere and still gets a c.",
        "The upper end of the correlation's 95 % interval (Fisher), over the sampled pairs nearer "
        "than the 0.5th percentile at all seven c together. Few near pairs make it wide, so that "
        "they can't win by chance.",
    ),
    "norms": Words(
        "Ratio of norms",
        "Median over passages of mean |k| over mean |q|. Without a root, queries and keys change "
        "places: the shorter become the longer.",
        "The root of the ratio of the median norms of the centred clouds, special tokens left out: "
        "at this c both norms are equal.",
    ),
}
STAGE = [
    html.P(
        "Queries times c and keys divided by c leave every product q·k as it is, so attention does "
        "not change; distances do. AttentionViz and the study look for a c at which near means "
        "attended."
    ),
    html.P(
        "Often the choice does not matter. The attention map and the biplot do not depend on c at "
        "all. UMAP and t-SNE go by the angle between vectors, which scaling one cloud does not "
        "change: c acts only through the later move of the keys onto the queries' centre. Had the "
        "keys been moved first, every c would give the same picture. In PCA c does matter: it "
        "decides how the two clouds overlap, and equal norms are a safe choice."
    ),
    html.P(
        "An extreme c shrinks one cloud to a ball: queries and keys part, and the few nearest "
        "pairs say little about the map. Whether a c helped, the trust of the map tells, not "
        "the criterion."
    ),
]
GRIDS = [
    html.P(
        "The c that each criterion chooses for each head: above as the study published it, below "
        "corrected. Teal: queries are stretched (c > 1). Purple: keys are (c < 1). The ratio of "
        "norms gives a number of its own, not one of the seven. Click a head to open it."
    ),
]
CURVES = [
    html.P(
        "The criteria of this head over c; the smaller the better. Dots are the study's seven "
        "scales; a ring marks the best c found between them. Dashed: as published. Vertical "
        "lines: the ratio of norms."
    ),
    html.P(
        "Below, what a criterion should predict: the trust T of the maps beside. 0 is "
        "chance, 1 the best any picture could do."
    ),
    html.P(
        "For one query, distance and product correlate ever better as c grows, whatever the head "
        "does: of |cq − k/c|² = c²|q|² + |k|²/c² − 2 q·k only the last term differs between keys "
        "then. That is why pairs are weighted, or taken over the whole text."
    ),
]
MAPS = [
    html.P(
        "The map of this head at each c, keys moved onto the queries' centre after scaling, as in "
        "AttentionViz. Each map is turned and mirrored to lie as the one at c = 1, and fills its "
        "cell; T is its trust. Click a map to open it large."
    ),
]
SIDE_BY_SIDE = [
    html.P(
        "Every way to lay out this head, at its defaults in 2-D, on the same vectors, each on one "
        "core."
    ),
    html.P(
        "T: trust of the map shown; the attention maps were fitted to this very attention. "
        "Held out: T of passages placed only by their tokens' likeness to other passages' tokens, "
        "each fifth of the text in turn (t-SNE: one fifth)."
    ),
    html.P(
        "Recall@k: share of a query's k most attended keys among its k nearest. Corpus: mean "
        "percentile of q·k of the 10 nearest keys in the whole text, chance 50 %. Mixing: 100 % if "
        "queries and keys lie like one cloud, 0 % if apart."
    ),
]


def definitions() -> html.Dl:
    """Return the criteria with their definitions, both forms of each."""
    parts = []
    for words in CRITERIA.values():
        for form in ("published", "corrected"):
            title = f"{words.title}, {'as published' if form == 'published' else form}"
            parts += [html.Dt(title), html.Dd(getattr(words, form))]
    return html.Dl(parts, className="scale-definitions")
