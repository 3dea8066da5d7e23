"""Words of a passage, each shaded by a number of its token (assets/why/why.css)."""

from collections.abc import Collection, Sequence

import numpy as np
from dash import html

from components.parts.numbers import signed


def shaded(strings: Sequence[str], values: np.ndarray, here: Collection[int] = ()) -> list:
    """Return the words of a passage: darker the larger their values (T,) are, in logits.

    Parameters
    ----------
    here : collection of int
        Places in the passage that are marked.
    """
    most = max(float(abs(values).max(initial=0)), 1e-9)
    words = []
    for place, (string, value) in enumerate(zip(strings, values, strict=True)):
        share = round(100 * min(1, abs(float(value)) / most))
        kind = "rises" if value >= 0 else "falls"
        marked = " why-here" if place in here else ""
        word = html.Span(
            string,
            className=f"why-word {kind}{marked}",
            style={"--share": f"{share}%"},
            title=f"token {place}: {signed(float(value), 3)} logits",
        )
        words += [word, " "]
    return words
