"""What the "?" of the grids opens."""

from dash import html

HEAD_GRID = [
    html.P(
        "Every head of the model, layers downwards, heads to the right, coloured by one number."
    ),
    html.P("Hover for the number and its 95 % interval, click to open the head. Arrow keys walk."),
    html.P(
        "In cross-attention other scores are offered: whether the target looks at the token of the "
        "source that it has next, or has here, and in which order it goes through the source. What "
        "counts places of one text, such as the token before, has no meaning there."
    ),
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
