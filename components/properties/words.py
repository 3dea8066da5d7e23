"""What the view says: choices, explanations, and sentences made of numbers."""

from collections import Counter

import numpy as np
from dash import html

from components.parts.numbers import signed
from components.properties.forms import LASSO
from compute import limits
from compute.contrasts import kinds as known
from compute.errors import HeadscopeError
from compute.properties import verdicts
from compute.properties.asking import SELECTION
from compute.properties.every_head import Property
from compute.properties.numbers import Finding
from compute.properties.verdicts import CAUSAL, VERDICTS

EMPTY = (
    "Does {} look at keys because of a property that they have, or share with the query? Choose "
    "one, then press Measure this head."
)
AGAIN = "{} is not measured yet. Press Measure this head."
TOO_LONG = f"A property can have at most {limits.PROPERTY:,} characters, all on one line."
SAVE_FIRST = "Nothing is measured yet. Press Measure this head or all heads, then save."
NO_LASSO = (
    "No queries and keys are selected. Draw a lasso round some of both in the map of Heads first."
)
OF_LASSO = "The query and the key are among the points that are selected in the map of Heads."
OF_SELECTION = "The query and the key are in this selection, which was kept in Heads."
CODE = "The same on the command line: python -m compute why …"
MAP = "Opens the map of this head in Heads, along the directions of this property"
CHECK = "What happens to its attention when directions are taken out of the queries"

VIEW = [
    html.P(
        "Pairs of a query and a key that have the property are compared with pairs that do not "
        "have it but are as far apart. From what the first have more, q·kᵀ on average, come the "
        "few directions in which queries and keys of such pairs meet (contrastive covariances; "
        "Lee, Belinkov, Viégas and Wattenberg, 2026)."
    ),
    html.P(
        "They are found in one half of the text's passages; everything shown is of the other half. "
        "Then they are taken out of the queries, and the attention is computed again: only if it "
        "leaves the matching keys does the head use the property."
    ),
    html.P(
        "An offset of −1 means: the token before the key is the query's token, which is what an "
        "induction head looks for. On the command line labels of a file can be a property too: "
        "--property file:labels.csv."
    ),
]
FOUND = [
    html.P(
        "To tell pairs apart is not to use that: a head may separate them in directions that do "
        "not change where it looks. So the verdict comes from taking directions out, and from "
        "doing the same with others: 20 times as many at random, and the first principal "
        "components of the queries, along which they differ most."
    ),
    html.P(
        "Not specific: attention leaves the matching keys, but it does so too without directions "
        "that have nothing to do with the property. Then this check cannot say that it is this "
        "property that the head uses."
    ),
    html.P(
        "Not above chance: the head gives such pairs no higher logit than others. Singular values "
        "are compared with those of 100 texts whose passages have exchanged their vectors."
    ),
]
HEADS = [
    html.P(
        "How much attention on matching keys a head loses when the directions of the property are "
        "taken out of its queries. Green: it looks there less; purple: more. Empty: not measured. "
        "Read the verdict too: a head may lose attention without these directions, but as much "
        "without others. A click opens a head."
    ),
]
_MEANING = {
    "few": "",
    "hardly": "Where a head does not look, nothing can be said of why it looks there.",
    "chance": "Whatever this head looks for, it is not this property.",
    "effectless": (
        "To separate is not to use: its queries and keys do tell such pairs apart, but where it "
        "looks does not depend on that."
    ),
    "unspecific": (
        "Attention leaves the matching keys, but it does so too when other directions are taken "
        "out that were chosen without knowing the property. So this does not show that the "
        "property is what the head looks for."
    ),
    "uses": (
        "So the head looks at these keys because of this property: in few directions, and others "
        "do not matter as much."
    ),
}
_COUNTED = {
    "uses": ("uses them", "use them"),
    "unspecific": ("needs them and others (not specific)", "need them and others (not specific)"),
    "effectless": ("separates without an effect", "separate without an effect"),
    "chance": ("is not above chance", "are not above chance"),
    "hardly": ("hardly looks there", "hardly look there"),
    "few": ("has too few pairs", "have too few pairs"),
}


def kinds() -> list[tuple[str, str]]:
    """Return value and title of all kinds of properties that can be chosen."""
    return [
        *((kind.name, kind.title) for kind in known.KINDS.values()),
        (SELECTION, "A kept selection"),
        (LASSO, "The points of the lasso"),
    ]


def has_map(said: str) -> bool:
    """Tell whether there is a map by a property: one that follows from the tokens alone."""
    try:
        known.read(said)
    except HeadscopeError:
        return False
    return True


def plus(value: float) -> str:
    """Return a number with its sign, whichever it is."""
    return f"{'+' if float(f'{value:.2f}') > 0 else ''}{signed(value)}"


def pairs(found: Finding) -> str:
    """Say of which head and of which pairs something was found."""
    return f"L{found.layer}H{found.head} · pairs in which {found.words}"


def verdict(found: Finding) -> str:
    """Return the sentence with what to make of it."""
    return verdicts.sentence(found)


def meaning(found: Finding) -> str:
    """Return what the verdict means, for somebody who reads it for the first time."""
    if found.verdict == "chance" and found.advantage_high < 0:
        return "If anything, this head looks away from such pairs."
    return _MEANING[found.verdict]


def numbers(found: Finding) -> list[tuple[str, str, str]]:
    """Return the names of what was measured, the numbers, and what they mean."""
    interval = ""
    if np.isfinite(found.advantage_low):
        low, high = (plus(value) for value in (found.advantage_low, found.advantage_high))
        interval = f" (95 % interval {low} … {high})"
    above = "" if np.isnan(found.above) else f"; {found.above:.0f} of them above chance"
    share = f"{found.share:.0%}" if found.advantage_low > 0 else "–"
    return [
        (
            "Rank",
            f"{found.rank} of {found.dims}",
            f"directions hold 95 % of what matching pairs have more than others{above}",
        ),
        (
            "Share",
            share.replace("-", "−"),
            "of the advantage is in these directions, in passages that they were not found in",
        ),
        (
            "Advantage",
            plus(found.advantage),
            f"logits that matching pairs have more than others as far apart{interval}",
        ),
        (
            "AUC",
            f"{found.auc:.2f}",
            "is how often a matching pair has a higher logit than another; 0.50 is chance",
        ),
        (
            "Pairs",
            f"{found.fitted:,} + {found.held:,}",
            "to find the directions, and held out to look at them; "
            f"attention is that of {found.queries:,} queries",
        ),
    ]


def without(found: Finding) -> tuple[str, str, str, str]:
    """Return the names of the four attentions of the causal check."""
    many = f"{found.rank} directions" if found.rank > 1 else "1 direction"
    first = f"{found.rank} principal components" if found.rank > 1 else "the principal component"
    return "as it is", f"without its {many}", f"without {found.rank} at random", f"without {first}"


def every(found: Property) -> str:
    """Say how many heads use the property."""
    order = list(VERDICTS)
    counts = Counter(order[number] for number in found.verdict.ravel() if number >= 0)
    told = [
        f"{counts[name]:,} {_COUNTED[name][counts[name] > 1]}" for name in _COUNTED if counts[name]
    ]
    causes = sum(counts[name] for name in CAUSAL)
    none = "" if causes else " In none of them does it have a causal effect."
    return (
        f"Directions of pairs in which {found.words}: of {counts.total():,} heads "
        f"{', '.join(told)}.{none}"
    )
