"""What the "?" of the stage "All heads" opens."""

from dash import html

STAGE = [
    html.P(
        "The map of every head: rows are layers, columns heads. At first each is placed without a "
        "fit; “Refine all” fits them one after the other, and keeps them for the next time."
    ),
    html.P(
        "Hover for a larger picture and the head's scores, click to open it, Shift-click to put it "
        "in B beside the open one. A token that you search lights up in every head."
    ),
    html.P(
        "The score that dims and ranks heads is the one chosen on the left. With one scale per "
        "head, tiles do not tell how large a map is; with one for all, they do. Half a percent of "
        "the points on either side may lie beyond a tile and are drawn on its edge."
    ),
]
