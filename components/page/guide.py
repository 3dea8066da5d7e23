"""The guide: what is to be seen, and what to do, for a newcomer."""

import dash_bootstrap_components as dbc
from dash import html

from components.page import sights

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
    html.P(
        ["A model with an encoder and a decoder has three ", html.B("parts"), ", chosen beside "
         "layer and head. In its cross-attention the rows are tokens of the target, which the "
         "decoder writes, and the columns those of the source: queries and keys are of two texts."]
    ),
    html.P(
        ["Of a model of ", html.B("pictures"), " a passage is a picture and a token a patch of it: "
         "a click shows the picture with the attention of that patch laid over, and what every "
         "head looks at from there."]
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


def guide() -> dbc.Offcanvas:
    """Explain the page to a newcomer."""
    title = html.Span("Guide", id="guide-title")  # names the dialog for screen readers
    return dbc.Offcanvas(
        [*GUIDE, *sights.in_guide()],
        id="guide",
        title=title,
        labelledby="guide-title",
        placement="end",
        is_open=False,
    )
