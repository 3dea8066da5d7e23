"""What the lab's choices are called, and what the "?" of its panels open."""

from dash import html

DESIGNS = {
    "standard": "two copies",
    "shuffled": "second copy shuffled",
    "triple": "three copies",
    "four": "four copies",
    "unrepeated": "no repeat (a null)",
}
PROTOCOLS = {"corrected": "corrected", "as published": "as published"}
PROTOCOL_WORDS = {
    "corrected": "As the study meant it, its slips mended: the model's own special tokens, no "
    "token twice but for the repeat, edges left out.",
    "as published": "The study's own procedure (C. Chen 2023), slips of the index included.",
}
MEASURING = "Measuring; this takes some seconds."
NOTHING = "Nothing is measured yet."
NEVER = "Nothing can be measured here."
DRAWN = (
    "Frames mark the cells that the chosen read-out averages. The bars' axis is the same for all "
    "heads: it ends at the most that any of them has."
)
CHOICES = [
    html.P(
        "Sequences of random tokens in which everything comes again: only the repeat can tell a "
        "head where to look. In masked models one token of the second copy (of three: the middle "
        "one) is hidden behind the mask. Shuffled and not repeated sequences are controls."
    ),
    html.P(
        "Corrected: the model's own special tokens, ordinary tokens of its vocabulary, each only "
        "once, edges dropped. As published: the study's own procedure (C. Chen 2023), slips of "
        "the index included, to compare with its figures."
    ),
]
GRIDS = [
    html.P(
        "One grid per read-out, layers downwards, heads to the right, all on one scale from 0 to "
        "1: the share of attention that goes where the sentence under the grid says."
    ),
    html.P(
        "z = (score − null) / standard error; of two nulls the nearer one counts: sequences "
        "without a repeat, and untrained weights. Greyed cells do not differ from the null. "
        "The 95 % interval is a bootstrap over trials."
    ),
]
HEAD = [
    html.P(
        "The attention of this head in the first of the measured sequences: rows are queries, "
        "columns keys. Framed are the cells that the chosen read-out averages; “Hide frames” "
        "takes the frames away."
    ),
    html.P(
        "The spectrum has the mean attention at every offset from the token's other instance: a "
        "head that retrieves peaks at 0, one that matches prefixes at +1."
    ),
]
ABLATION = [
    html.P(
        "The chosen heads are switched off: their output is set to zero, or to its mean at the "
        "same positions of sequences that do not repeat. Then all is measured again."
    ),
    html.P(
        "Loss: −ln of the probability of the right token, in nats. Difference: score without "
        "minus score with the heads; a head that rises takes over (a backup head). "
        "Heads before and beside the ablated ones can't change."
    ),
]
MODELS = [
    html.P(
        "The same sequences' seed in several models of one kind. Depth is relative, 0 to 1 "
        "from the first layer's beginning to the last one's end, so that models of different size "
        "can be laid side by side."
    ),
    html.P("Line: the strongest head of each layer, with its 95 % interval."),
]
CURVE = [
    html.P(
        "If the strongest heads carry induction, the loss rises as they go, and stays where random "
        "heads of the same layers go instead. A rise that comes late means that others can stand "
        "in."
    ),
]
COPYING = [
    html.P(
        "A head that matches prefixes copies if it raises the logit of the token it looks at "
        "(teal), and suppresses it if it lowers it (purple). Only both together make an induction "
        "head as Olsson et al. 2022 define it. Causal models."
    ),
    html.P("Greyed: the 95 % interval over sequences holds zero."),
]
ICL = [
    html.P(
        "Does the model predict a token better when it has seen more of the text before? The same "
        "tokens are predicted with a short and with a long context."
    ),
    html.P("Score = loss(long) − loss(short), in nats: negative is learning in context."),
]
DETECT = [
    html.P(
        "How alike a head's attention on the open text is to what a perfect head of a kind would "
        "do, as `detect_head` of TransformerLens (Nanda and Bloom 2022) measures it, so that "
        "numbers can be compared. mul and abs are its two error measures."
    ),
    html.P(
        "mul = Σ attention on the pattern / Σ attention. abs = 1 − Σ |attention − pattern| / "
        "tokens. Mean over passages; nothing is left out, as there by default."
    ),
    html.P("Random repeated tokens (the read-outs above) tell kinds of heads apart better."),
]
