"""What to make of what was measured: one word for lists, one sentence for a reader."""

from collections.abc import Callable
from dataclasses import dataclass

from compute.contrasts.pairs import FEWEST
from compute.properties.numbers import Finding

LOOKS = 0.01
"""Attention on matching keys below which nothing is said of its cause."""
AUC = 0.6
"""Of held-out matching pairs against their controls, at least."""
PART = 0.1
"""Of the attention on matching keys: to lose less is no effect."""
SAME = 0.8
"""Of the effect: where principal components have so much, it is not specific."""


@dataclass(frozen=True)
class Verdict:
    """What can be said of a head and a property.

    Attributes
    ----------
    name : str
        Key of `VERDICTS`.
    title : str
        For lists.
    fits : callable
        Whether it is this, for what none before it fits.
    words : callable
        The sentence for it.
    """

    name: str
    title: str
    fits: Callable[[Finding], bool]
    words: Callable[[Finding], str]


def of(found: Finding) -> Verdict:
    """Return the first verdict that fits."""
    return next(verdict for verdict in _ALL if verdict.fits(found))


def sentence(found: Finding) -> str:
    """Return what to make of a finding."""
    return VERDICTS[found.verdict].words(found)


def above_chance(found: Finding) -> bool:
    """Tell whether held-out pairs are told from their controls at all."""
    return found.advantage_low > 0 and found.auc >= AUC and found.above != 0


def _share(value: float) -> str:
    return f"{value:.3f}"


def _few(found: Finding) -> str:
    return (
        f"There are {found.fitted} matching pairs with a control to fit and {found.held} to check, "
        f"and {FEWEST} of each are needed. Open a longer text, or choose a more frequent property."
    )


def _hardly(found: Finding) -> str:
    return f"It hardly looks there: {_share(found.attention)} of its attention is on matching keys."


def _by_chance(found: Finding) -> str:
    how = "no closer than"
    if found.advantage_low > 0:
        how = "hardly closer than"
    elif found.advantage_high < 0:
        how = "farther apart than"
    return (
        f"Not above chance: queries and keys of such pairs are {how} those of other pairs at the "
        f"same places (logit {_signed(found.advantage)}, AUC {found.auc:.2f})."
    )


def _changes(found: Finding) -> str:
    return f"{_share(found.attention)} → {_share(found.removed)}"


def _instead(found: Finding) -> str:
    """Say what attention does in place of falling."""
    if found.effect < -PART * found.attention:
        return "even rises"
    if found.effect < PART * found.attention:
        return "is as before"
    return "falls no more clearly than by chance"


def _no_effect(found: Finding) -> str:
    return (
        f"It separates such pairs (logit {_signed(found.advantage)}), but that has no causal "
        f"effect: without it the attention on matching keys {_instead(found)} ({_changes(found)})."
    )


def _not_specific(found: Finding) -> str:
    by = f"its first {found.rank} principal components" if found.rank > 1 else "its first component"
    if _at_random_alike(found):
        by = "directions drawn at random"
    these = f"these {found.rank} directions" if found.rank > 1 else "this direction"
    without = found.principal if not _at_random_alike(found) else min(found.random)
    return (
        f"Not specific: without {these} the attention on matching keys goes {_changes(found)}, but "
        f"so it does without {by} (→ {_share(without)})."
    )


def _uses(found: Finding) -> str:
    return (
        f"It uses it: without {found.rank} of {found.dims} directions of its queries the attention "
        f"on matching keys goes {_changes(found)}, without as many at random → "
        f"{_share(sum(found.random) / len(found.random))}."
    )


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _causes_nothing(found: Finding) -> bool:
    return not (found.low > 0 and found.effect >= PART * found.attention)


def _at_random_alike(found: Finding) -> bool:
    return found.low <= found.attention - min(found.random)


_ALL = (
    Verdict(
        "few",
        "too few pairs",
        lambda found: min(found.fitted, found.held) < FEWEST,
        _few,
    ),
    Verdict("hardly", "hardly looks there", lambda found: not found.attention >= LOOKS, _hardly),
    Verdict("chance", "not above chance", lambda found: not above_chance(found), _by_chance),
    Verdict("effectless", "separates, no causal effect", _causes_nothing, _no_effect),
    Verdict(
        "unspecific",
        "not specific",
        lambda found: (
            _at_random_alike(found) or found.attention - found.principal >= SAME * found.effect
        ),
        _not_specific,
    ),
    Verdict("uses", "uses it", lambda found: True, _uses),
)
VERDICTS: dict[str, Verdict] = {verdict.name: verdict for verdict in _ALL}
CAUSAL = ("uses", "unspecific")
"""Those of heads whose attention is another without the directions."""
