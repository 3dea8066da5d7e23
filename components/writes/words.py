"""What the view "What it writes" says: explanations, and sentences made of numbers."""

import numpy as np
from dash import html

from components.parts.numbers import signed, small
from compute.runs import Run
from compute.writes import at_place
from compute.writes.at_place import Written
from compute.writes.over_text import EVERY, Overall

HIDE = (("hidden", "is hidden behind the mask"), ("seen", "is in plain sight"))
EMPTY = (
    "Which tokens does L{}H{} make more likely, and which less? Type a place of the text, or "
    "select a query in Heads, then press Explain. Without a place the whole text is looked at."
)
AGAIN = "L{}H{} is not looked at yet. Press Explain."
SAVE_FIRST = "Nothing is measured yet. Press Explain, then save."
NO_PLACE = "For this head no place was looked at. Type a passage and a token, then press Explain."
HALF = (
    "A place is a passage and a token: type both (passages from 1, tokens from 0, special ones "
    "counted), or leave both empty to look at the whole text alone."
)

_DEFINITION, _FORMULA = at_place.DEFINITION.split("\n")
VIEW = [
    html.P(_DEFINITION),
    html.P(html.Code(_FORMULA)),
    html.P(
        "1 logit more is 2.7 times the odds. What later heads and MLPs make of what the head "
        "writes is not counted, so a head that only feeds others may show next to nothing."
    ),
]
PLACE = [
    html.P(
        "The bars: the tokens of the whole vocabulary that the head raises and lowers most here, "
        "and the one that really comes. Guess number 1 is the one that the model finds likeliest. "
        "A token can be raised and still fall behind, where others are raised more."
    ),
    html.P(
        "Three sums are checked each time, and a model in which one is off is refused: what all "
        "heads of the layer write adds up to what the layer's projection gives; the final state "
        "less what the head wrote is that of a second pass without it; the parts of the words add "
        "up to the effect. Errors are shares of the largest number in a sum."
    ),
]
WORDS = [
    html.P(
        "A head writes what it reads at other tokens. This splits its effect on one token by "
        "where that was read: attention to the word times what the word's value does to the "
        "token's logit. Green words raise the token, purple ones lower it; the stronger the "
        "colour, the more."
    ),
]
TEXT = [
    html.P(
        "Effects at all places of the text at which an ordinary token is predicted. The interval "
        "of 95 % is over passages. The table has the tokens with the largest and the smallest "
        "mean effect, whether they come or not."
    ),
    html.P(
        f"In masked models one of every {EVERY} tokens is hidden at once, and those are looked at."
    ),
]


def quoted(string: str, number: int) -> str:
    """Return a token as sentences name it; by its id where it has no name."""
    return f"“{string}”" if string else f"token {number} of the vocabulary"


def _target(found: Written) -> str:
    return quoted(found.target_string, found.target)


def head(found: Written | Overall) -> str:
    """Return the name of the head."""
    return f"L{found.layer}H{found.head}"


def place(found: Written, passage: int, run: Run) -> str:
    """Say where the head was looked at, and what it does to the token that comes there."""
    string = run.tokens.strings[run.span(passage)][found.place]
    where = f"{head(found)} at “{string}” (token {found.place} of passage {passage + 1})"
    if found.target < 0:
        why = "no token comes after it" if run.model.causal else "the text itself has a mask there"
        return f"{where}: {why}, so what is right to predict is not known."
    if run.model.causal:
        comes = f"{_target(found)} comes next"
    else:
        comes = "which is hidden behind the mask" if found.hidden else "which is in plain sight"
    return (
        f"{where}, {'where ' if run.model.causal else ''}{comes}: it {_does(found)}. {ranks(found)}"
    )


def _does(found: Written) -> str:
    target, size = _target(found), signed(abs(found.effect))
    if float(f"{found.effect:.2f}") == 0:
        return f"hardly changes the logit of {target}"
    if found.effect < 0:
        return f"lowers {target} by {size} logits"
    more = found.effect_rank - 1
    many = f" ({more:,} {'token is' if more == 1 else 'tokens are'} raised more)"
    return f"raises {target} by {size} logits{many if more else ', more than any other token'}"


def ranks(found: Written) -> str:
    """Say which place the token has in the prediction, with the head and without."""
    before, after = found.rank, found.rank_without
    of = f"Among the model's guesses {_target(found)} is number {before:,}"
    if before == after:
        return f"{of}, with the head and without it."
    return f"{of}; without what the head writes it would be number {after:,}."


def comes(run: Run) -> str:
    """Say what the token to predict is: the next one, or the one that stands there."""
    return "comes next" if run.model.causal else "stands there"


def place_note(found: Written) -> str:
    """Say how much of the prediction the head's effect is."""
    size = f"Over the whole vocabulary its effect spreads {found.size:.1%} as wide as the logits."
    small = "Hardly anything is written here: the bars mean little. " if found.size < 0.01 else ""
    return small + size


def place_check(found: Written) -> str:
    """Say which sums were checked, and how far they are off."""
    return (
        "Checked: the heads' parts add up to what their layer writes, within "
        f"{small(found.projection_error)}; taking it away is what the model does without it, "
        f"within {small(found.path_error)}; the words' parts add up to the effects, within "
        f"{small(found.sources_error)}. Written directly, norms held fixed."
    )


def parts(values: np.ndarray, token: str) -> str:
    """Say what the words give to a token together."""
    total = signed(float(values.sum()))
    return f"The words together give {token} {total} logits; a stronger colour is more of it."


def text(found: Overall, run: Run) -> str:
    """Say what the head does over the text to the tokens that really come."""
    count, passages = int(found.counts.sum()), len(run.tokens.starts) - 1
    mean, low, high = (float(part) for part in found.mean)
    interval = f" (95 % interval {signed(low)} … {signed(high)})" if np.isfinite(low) else ""
    hidden = ", each hidden behind the mask" if found.hidden else ""
    where = f"{count:,} places in {passages:,} {'passage' if passages == 1 else 'passages'}"
    return (
        f"At {where}{hidden}, {head(found)} changes the logit of the token that really "
        f"{comes(run)} by {'+' if mean > 0 else ''}{signed(mean)} on average{interval}. It raises "
        f"it at {float(found.raising.mean):.0%} of the places."
    )


def text_note(found: Overall) -> str:
    """Say what the table lists."""
    return (
        "Whatever really comes: the tokens of the vocabulary that are raised and lowered most on "
        f"average, and at how many places each is among the {len(found.raised)} that are raised, "
        "or lowered, most."
    )


def text_check(found: Overall) -> str:
    """Say which sums were checked over the text, and how far they are off."""
    return (
        "Checked: the heads' parts add up to what their layer writes, within "
        f"{small(found.projection_error)} at every place; taking it away is what the model does "
        f"without it, within {small(found.path_error)} (looked at in one place)."
    )
