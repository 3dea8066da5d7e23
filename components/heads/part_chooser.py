"""Which part of an encoder–decoder a column shows: its selector, beside layer and head.

Models of one stack have no parts: then it is hidden (assets/page/headscope.js).
"""

from dash import html

from components.parts.controls import hint, labelled, select

TITLES = [("encoder", "Encoder"), ("decoder", "Decoder"), ("cross", "Cross-attention")]
HELP = [
    html.P(
        "This model reads two texts: its encoder reads the source, its decoder writes the target, "
        "one token after the other. Each part has layers and heads of its own."
    ),
    html.Ul(
        [
            html.Li([html.B("Encoder"), ": source tokens look at all source tokens."]),
            html.Li([html.B("Decoder"), ": target tokens look at themselves and earlier ones."]),
            html.Li(
                [
                    html.B("Cross-attention"),
                    ": target tokens (queries, the rows of the heatmap) look at source tokens "
                    "(keys, its columns). Here the decoder finds what to write next.",
                ]
            ),
        ]
    ),
    html.P(
        "The target is the text's own (“source ⇥ target” in a line), or else what the model itself "
        "writes; the note at the top says so then."
    ),
]


def chooser(side: str) -> html.Div:
    """Return the selector of a column, hidden at first."""
    parts = [labelled("Part", select(f"part-select{side}", TITLES)), hint(f"part{side}", HELP)]
    return html.Div(parts, id=f"part-field{side}", className="part-field", hidden=True)
