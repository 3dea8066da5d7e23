"""What the "?" of a heatmap, and of a difference, opens."""

from dash import html

CROSS = (
    "Rows are queries: tokens that the decoder reads, which look; columns are keys: the encoder's."
)
HEATMAP = [
    html.P(
        "Each row is a query, each column a key; a row says how the token shares its attention."
    ),
    html.P(
        "In cross-attention rows are tokens that the decoder reads, and columns the encoder's. The "
        "words below are two lines then: a click in the first selects a query, in the second a "
        "key; the other line is shaded."
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
        "Of a passage above 1,024 tokens a window of 512 is drawn, around what is selected. Beside "
        "the words stands all of the passage, small: a pixel is the largest attention of the pairs "
        "that it stands for, before anything is left out or weighted, by its square root. Click or "
        "drag there, or use the arrow keys, to move the window anywhere, also to keys far from its "
        "queries; it stays until something outside it is selected."
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
