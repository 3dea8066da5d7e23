"""What the "?" of each panel opens: how to read it, in a few sentences and a formula."""

from dash import html

from compute import limits

HEAD_GRID = [
    html.P(
        "Every head of the model, layers downwards, heads to the right, coloured by one number."
    ),
    html.P("Hover for the number and its 95 % interval, click to open the head. Arrow keys walk."),
]
INDUCTION = [
    html.P(
        "Induction on random repeats: random tokens come again, so that nothing but the repeat can "
        "tell a head where to look. "
        "In a causal model the score is the attention from a token of the second copy to the token "
        "that followed its first copy (prefix matching, Olsson et al. 2022)."
    ),
    html.P(
        "In a masked model one token of the second copy is masked; the score is the attention from "
        "the mask to the same token's first copy (retrieval: the head brings back what is "
        "hidden). Mean over trials, 0 to 1. “Corrected” means that slips of the study that "
        "introduced it (C. Chen 2023) are mended; the Lab measures it as published, too."
    ),
    html.P(
        "Induction on the text, a colour of the grid above, is another number: what a head does "
        "on your own text. A head can have much of one and little of the other."
    ),
]
KEPT = [
    html.P(
        "Points that you selected in the map (lasso or box, in its toolbar) can be given a name. "
        "They are kept for this text on this machine, shown again in any head, and saved with the "
        "words around them."
    ),
    html.P(
        "They belong to one text as one model reads it. Results that were deleted to make room are "
        "no loss: open the text again. After a change of text or model they are not offered, but "
        "stay in the cache folder."
    ),
    html.P(
        "“Rank heads” says in which heads the attention of the selected queries goes to the "
        "selected keys, beside what equal attention would give, with 95 % intervals over passages."
    ),
]
SHORTLIST = [
    html.P(
        "Heads that you starred (☆ beside a head's layer and number) or wrote a note on. A click "
        "opens one. They are kept for this model on this machine, whatever text is open, until you "
        "take star and note away; deleting results leaves them alone."
    ),
    html.P(
        "CSV and Parquet hold the notes with all scores and their intervals; HTML has pictures of "
        f"the starred heads (at most {limits.SHORTLIST}), in one page that opens offline."
    ),
]
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
        "Held-out trust: the same score T for passages that were placed without their own "
        "attention, by their likeness to the rest (five rounds). Use this number to claim that "
        "geometry predicts attention; the badge says how true the picture in front of you is."
    ),
    html.P(
        "Lines: from the selected query to the keys it attends to (or from a key to the queries "
        "that look at it), so many, and only from that attention on."
    ),
]
HEATMAP = [
    html.P(
        "Each row is a query, each column a key; a row says how the token shares its attention."
    ),
    html.P(
        [
            *("attention", html.Sub("ij"), " = softmax", html.Sub("j")),
            *("(q", html.Sub("i"), " · k", html.Sub("j"), " / √d), exact, from the model's own "),
            "vectors; rows sum to 1.",
        ]
    ),
    html.P(
        "Colours: from 0 to 1 they mean the same in every head. If all is faint, choose clipped "
        "(they end at the 99th percentile of the cells that a query may see), logarithmic (from "
        "0.001; all below looks the same) or row by row (shares of the row's largest). The mouse "
        "always shows the attention itself. Two heads that are compared have one scale."
    ),
    html.P(
        "Leave sinks out: special tokens and, in causal models, each passage's first token get "
        "much attention from heads with nothing to do. Their columns turn grey, from 0 to 1, and "
        "the colours end at the most that goes to another token."
    ),
    html.P(
        "Drag over a part to see it large, double-click for the whole. Bars at the edges mark the "
        "query (blue) and the key (orange) that are selected."
    ),
]
DIFFERENCE = [
    html.P("Attention of head A minus attention of head B, over the same passage."),
    html.P(
        "Teal: A looks there more. Purple: B does. Zero is in the middle, and both ends are "
        "as far from it: at the largest difference, or, if colours are to end at the 99th "
        "percentile, at that of the differences."
    ),
]
SECOND = [
    html.P(
        "Column B can show another head of the same model, another model, another text, or the "
        "model with some heads switched off. On one text the tokens of both are matched by their "
        "characters: what you select, point at or zoom in one is so in the other."
    ),
    html.P(
        "Lay over A: a map has no up or down and no size of its own, so B's is turned, mirrored "
        "and moved to where its shared tokens come nearest to A's (Procrustes), and drawn as "
        "large. The residual says what remains: 0 the same picture, 1 nothing in common. Above "
        "0.95 less than a tenth of B's spread follows A's; then B lies over A only if you say so."
    ),
]
GUIDE = [
    html.H3("What you see"),
    html.P(
        "A transformer layer holds several attention heads. In each, every token makes a query and "
        "a key; the better they match, the more the token attends there. Headscope shows these "
        "vectors and this attention, for every head of a model you choose, on a text you choose."
    ),
    html.P(
        ["The ", html.B("map"), " in the middle has every token twice: as a query, a blue circle "
         "(what it looks for), and as a key, an orange diamond (what it offers). A query near a "
         "key should mean high attention; places have no other meaning and no unit. Rings are the "
         "tokens of the open passage."]
    ),
    html.P(
        "A clump in the map is a group of tokens whose queries (or keys) are alike in this head: "
        "they look at, or are looked at from, much the same places. It says nothing of how much "
        "they attend to each other unless both colours lie in it, and a gap or an empty middle "
        "may come from the way the map was drawn: look whether Trust is high, and click a point."
    ),
    html.P(
        [html.B("Trust"), " says how far near does mean attended in this picture: 1 as far as any "
         "picture could, 0 no more than chance. It leaves special tokens such as [CLS] out, and "
         "does not say whether the head matters."]
    ),
    html.P(
        ["The ", html.B("grids"), " on the left have a cell for each head, layers downwards: how "
         "much it does of one thing, on your text above, on random tokens that come twice below. "
         "The ", html.B("heatmap"), " on the right is one passage: each row is a token that looks, "
         "each column one that is looked at, darker for more attention (in dark, brighter)."]
    ),
    html.H3("What to do"),
    html.Ol(
        [
            html.Li("Pick a head: click the grid on the left, or use the arrow keys."),
            html.Li("Click a point of the map: its passage opens as a heatmap, lines show where "
                    "its attention goes."),
            html.Li("Click a cell of the heatmap: the map shows that query and that key."),
            html.Li("Press Compare to put a second head beside the first, for the same token."),
            html.Li("Choose another model or your own text at the top. A sentence that you add "
                    "follows the last passage, with its own heatmap, also in All heads."),
        ]
    ),
    html.H3("Keys"),
    html.P(
        [
            html.Kbd("←"), " ", html.Kbd("→"), " head   ",
            html.Kbd("↑"), " ", html.Kbd("↓"), " layer   ",
            html.Kbd("Shift"), " and an arrow: head B   ",
            html.Kbd("["), " ", html.Kbd("]"), " passage   ",
            html.Kbd("/"), " find a token   ",
            html.Kbd("Esc"), " deselect",
        ]
    ),
]  # fmt: skip
