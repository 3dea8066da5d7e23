"""What the "?" of the stage "All heads" opens."""

from dash import html

STAGE = [
    html.P(
        "Every head as a tile: rows are layers, columns heads. At first a map is placed without a "
        "fit: such previews are pale and hatched, and their shapes mean nothing yet. While you "
        "look, each head is fitted, the open one and those near the mouse first, and kept for the "
        "next time. That stands back from all else; you can pause it. What would take longer "
        "than 20 minutes begins when you ask for it."
    ),
    html.P(
        "“Attention” shows what every head does in one passage: rows are queries, columns keys. "
        "It is the passage that is open in Heads, at first the first one; your own sentence too. "
        "Choose another by its number, or with [ and ]."
    ),
    html.P(
        "Hover for a larger picture and the head's scores, with the words of the passage if it is "
        "attention. Click to open the head, Shift-click to put it in B beside the open one; from "
        "the keyboard, arrows and Enter. A token that you search lights up in every map."
    ),
    html.P(
        "The score that dims and ranks heads is the one chosen on the left. With one scale per "
        "head, maps do not tell how large they are; with one for all, they do. Half a percent of "
        "the points on either side may lie beyond a tile and are drawn on its edge. What maps "
        "leave out in models that add to q·k (DeBERTa, XLNet) is told in Heads, under the map."
    ),
]
