"""What the "?" of a map and of its options opens."""

from dash import html

from compute.contrasts.kinds import KINDS

MAP = [
    html.P(
        "Every token of the text is here twice: as a query (what it looks for, circle) and as a "
        "key (what it offers, diamond). A query near a key should mean high attention."
    ),
    html.P(
        "A flat picture cannot keep all distances. Click a point: lines lead to where its "
        "attention really goes, thicker and stronger for more."
    ),
    html.P(
        "At first a map shows the 1st to the 99th percentile of the points and some room around. "
        "Double click for all of them, the farthest too; once more for the beginning."
    ),
    html.P(
        "Some models (DeBERTa, XLNet, Funnel) add to q·k what depends on the tokens and on how far "
        "apart they are. Inside passages the attention maps are fitted to all of it; between "
        "passages, and in all other maps, only q·k counts. Heatmap, lines and trust always count "
        "all of it."
    ),
]
MAP_OPTIONS = [
    html.P(
        "Steps: of the attention map (200), epochs of UMAP (200), iterations of t-SNE (300, as in "
        "AttentionViz; more of them settle it). Empty means the default."
    ),
    html.P(
        "Queries × c, keys ÷ c (the scale c of AttentionViz): attention stays the same, the map "
        "by PCA, UMAP or t-SNE does not; the attention map never depends on it."
    ),
    html.P(
        "Property, of the map by one: "
        + ", ".join(f"{kind.form} ({kind.title.lower()})" for kind in KINDS.values())
        + ". The number after same@ is the offset from the key: −1 is the token before it."
    ),
    html.P(
        "Vectors (models with rotary positions only): before rotation, queries and keys say what "
        "tokens mean and not where they are. Attention uses the rotated ones, and trust always "
        "means that attention; the attention maps are made of it."
    ),
    html.P(
        "Hide special tokens leaves [CLS], [SEP] and their like out of map and heatmap; rows are "
        "renormalised. Weight by value norm multiplies attention by the length of the key's value "
        "vector, renormalised: a key with a short value adds little, however much it is looked at."
    ),
    html.P(
        "Held-out trust: the same T for passages that were placed without their own "
        "attention, by their likeness to the rest (five rounds). Use this number to claim that "
        "geometry predicts attention; the badge says how true the picture in front of you is."
    ),
    html.P(
        "Lines: from the selected query to the keys it attends to (or from a key to the queries "
        "that look at it), so many, and only from that attention on."
    ),
]
