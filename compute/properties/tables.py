"""What was found of heads and a property, as rows of a table."""

from compute.properties.every_head import Property, rows
from compute.properties.numbers import NUMBERS, Finding, numbers_of
from compute.properties.verdicts import VERDICTS

WHOLE = ("fitted", "held", "rank", "above", "queries")
COLUMNS = ("layer", "head", "property", "verdict", "dims", *NUMBERS)


def of_head(found: Finding) -> list[tuple]:
    """Return the row of one head, in the order of `COLUMNS`."""
    title = VERDICTS[found.verdict].title
    about = found.layer, found.head, found.said, title, found.dims
    return [(*about, *_plain(numbers_of(found)))]


def of_heads(found: Property) -> list[tuple]:
    """Return the rows of all heads, those first that lose most without it."""
    return [
        (row.layer, row.head, found.said, VERDICTS[row.verdict].title, found.dims,
         *_plain(row.numbers))
        for row in rows(found)
    ]  # fmt: skip


def _plain(numbers: dict[str, float]) -> list[float | int]:
    """Return numbers with whole ones as such; what was not measured stays NaN."""
    return [
        int(value) if name in WHOLE and value == value else value for name, value in numbers.items()
    ]
