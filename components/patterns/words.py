"""What the "?" of the stage "Patterns" open."""

from dash import html

FIND = [
    html.P(
        "Paint cells of the heatmap (click or drag; again to take back), or choose a rule: all "
        "heads are ranked by the attention they put there."
    ),
    html.P(
        "Excess = attention on the pattern minus what position alone would give: the head's mean "
        "attention at each offset over the whole text. Rules that are themselves a position, such "
        "as the token before, are compared with equal attention to all keys instead. Mean over all "
        "queries that have such a key, with 95 % intervals over passages."
    ),
    html.P(
        "Of pictures the rules are of rows, columns and neighbours. "
        "In cross-attention rows are tokens of the target, columns those of the source, and the "
        "rules are those that can join two texts; an offset of 0 is the same place in both."
    ),
    html.P(
        "Order: for painted cells by the attention on them, for rules by the excess, if you choose "
        "nothing else. A head that always looks one token back has all attention and no excess on "
        "that diagonal: position explains it."
    ),
]
CLASSES = [
    html.P(
        "Rows are the class of the token that looks, columns that of the token looked at. The "
        "number is the mean attention from a row's token to all tokens of the column's class. In "
        "cross-attention the former are of the target, the latter of the source."
    ),
    html.P(
        "Lift = that mean over chance, which is equal attention to all keys in view: 1 × is no "
        "preference. Click a cell to rank all heads by it. The number in brackets after a class "
        "says how many tokens it has (of pictures: a model's own, patches at the border, and those "
        "inside); cells that rest on fewer than 20 are hatched. Hover for the 95 % interval, a "
        "bootstrap over passages."
    ),
    html.P(
        "Your own classes: one “name = pattern” a line (a regular expression that fits the whole "
        "token, the first that fits counts), or a CSV with the columns token,label or "
        "passage,position,label (in cross-attention also role: query or key)."
    ),
]
AVERAGE = [
    html.P(
        "Left: attention of the open head by position of query and key, averaged over all passages "
        "that are long enough. Right: by offset, ordinary tokens only, with 95 % intervals over "
        "passages; −1 is the token before."
    ),
]
