"""Passages on a head's page: words are shaded by what the strongest query looks at."""

from collections.abc import Sequence
from itertools import islice

import numpy as np

from compute.corpus.views import GROUPS, Example, HeadView
from compute.take_away.markup import Markup, join, tag

EACH = 3
"""Passages of each tenth that are shown."""
NAMED = 3
"""Keys that a word names when one points at it."""


def examples(view: HeadView) -> Markup:
    """Return the strongest passages of the corpus, then some of each tenth, the strongest first."""
    told = (
        "Framed in blue is the token whose attention to another one is the largest of the "
        "passage; the stronger the shade of a word, the more of it that word gets. Point at a word "
        "to read what it looks at itself. Grey words are sinks, which are left out. Tenths are of "
        "all passages, by that largest attention."
    )
    parts = [tag("p", told, class_="faint")]
    strongest = [each for each in view.examples if each.group is None]
    parts += _group("The strongest of the corpus", strongest)
    for group in reversed(range(GROUPS)):
        low, high = view.bounds[group : group + 2].tolist()
        some = list(islice((each for each in view.examples if each.group == group), EACH))
        parts += _group(f"Tenth {group + 1}: {low:.3f} to {high:.3f}", some)
    return join(parts)


def _group(title: str, some: Sequence[Example]) -> list[Markup]:
    return [tag("h3", title), *map(_example, some)] if some else []


def _example(example: Example) -> Markup:
    looked_at = _looked_at(example, example.place)
    gets = dict(looked_at)
    words = []
    for place, string in enumerate(example.strings):
        kinds = ["word"]
        kinds += ["asks"] if place == example.place else []
        kinds += ["sink"] if example.special[place] else []
        named = ", ".join(
            f"{example.strings[key]} {weight:.2f}"
            for key, weight in _looked_at(example, place)[:NAMED]
        )
        shade = f"background: rgba(217, 101, 11, {0.08 + 0.52 * gets.get(place, 0):.2f})"
        words.append(
            tag(
                "span",
                string,
                class_=" ".join(kinds),
                style=shade if place in gets else None,
                title=f"{string} → {named}" if named else None,
            )
        )
    text = join(part for word in words for part in (word, " "))
    return tag(
        "figure", tag("p", text, class_="words"), tag("figcaption", _told(example, looked_at))
    )


def _looked_at(example: Example, place: int) -> list[tuple[int, float]]:
    """Return what a token looks at, with how much, the strongest first."""
    kept = np.flatnonzero(example.weights[place])
    keys, weights = example.keys[place][kept], example.weights[place][kept]
    return [(int(key), float(weight)) for key, weight in zip(keys, weights, strict=True)]


def _told(example: Example, looked_at: list[tuple[int, float]]) -> str:
    query = example.strings[example.place] if example.strings else ""
    pair = f": “{query}” → “{example.strings[looked_at[0][0]]}”" if looked_at else ""
    part = f" Slice: {example.part}." if example.part else ""
    return f"{example.peak:.3f}{pair}. {len(example.strings):,} tokens.{part}"
