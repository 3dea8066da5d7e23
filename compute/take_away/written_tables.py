"""What a head writes as tables: rows for CSV files, and short summaries."""

from collections.abc import Iterator

import numpy as np

from compute.scores.intervals import Estimate
from compute.texts.tokens import Tokens
from compute.writes.at_place import Written
from compute.writes.over_text import Overall

COLUMNS = ("part", "token", "id", "position", "effect", "low", "high", "rank", "attention", "often")
COLUMNS += ("count",)
_NO = float("nan")


def of_place(result: Written, tokens: Tokens, passage: int) -> Iterator[tuple]:
    """Yield `COLUMNS`: the token to predict, those raised and lowered, and the source tokens.

    Parameters
    ----------
    tokens : Tokens
        Of the text that was measured.
    passage : int
        Which of its passages, from 0.
    """
    if result.target >= 0:
        at = result.target_string, result.target, result.place
        yield _row("target", *at, result.effect, rank=result.effect_rank)
    yield from _changed(result, place=result.place)
    span = tokens.span(passage)
    words = zip(tokens.strings[span], tokens.ids[span].tolist(), strict=True)
    parts = zip(words, result.sources[0], result.attention, strict=True)
    for position, ((token, number), effect, attention) in enumerate(parts):
        yield _row("source", token, number, position, effect, attention=attention)


def of_text(result: Overall) -> Iterator[tuple]:
    """Yield `COLUMNS`: the mean over the text, that by position, and tokens raised and lowered."""
    count = int(result.counts.sum())
    share = float(result.raising.mean)
    yield _row("text", "", _NO, _NO, *result.mean, often=share, count=count)
    for position in np.flatnonzero(result.counts).tolist():
        here = (part[position] for part in result.by_position)
        yield _row("position", "", _NO, position, *here, count=int(result.counts[position]))
    yield from _changed(result)


def summary_of_place(result: Written) -> dict:
    """Return the main numbers of a position, JSON-able."""
    names = ("target_string", "effect", "effect_rank", "rank", "rank_without", "size", "hidden")
    return {name: _plain(getattr(result, name)) for name in names} | _ends(result)


def summary_of_text(result: Overall) -> dict:
    """Return the main numbers of a text, JSON-able."""
    found = {name: _numbers(getattr(result, name)) for name in ("mean", "raising")}
    return found | {"size": result.size, "hidden": result.hidden} | _ends(result)


def _row(
    part: str,
    token: str,
    number: float,
    place: float,
    effect: float,
    low: float = _NO,
    high: float = _NO,
    *,
    rank: float = _NO,
    attention: float = _NO,
    often: float = _NO,
    count: float = _NO,
) -> tuple:
    return part, token, number, place, effect, low, high, rank, attention, often, count


def _changed(result: Written | Overall, place: float = _NO) -> Iterator[tuple]:
    """Yield the rows of tokens that are raised, and that are lowered, the strongest first."""
    for part in ("raised", "lowered"):
        ids, effects = getattr(result, part), getattr(result, f"{part}_effects")
        often = getattr(result, f"{part}_often", np.full(len(ids), _NO))
        rows = zip(getattr(result, f"{part}_strings"), ids.tolist(), effects, often, strict=True)
        for rank, (token, number, effect, share) in enumerate(rows, start=1):
            yield _row(part, token, number, place, effect, rank=rank, often=share)


def _ends(result: Written | Overall) -> dict:
    found = {part: list(getattr(result, f"{part}_strings")) for part in ("raised", "lowered")}
    errors = {name: getattr(result, f"{name}_error") for name in ("projection", "path")}
    return found | {"errors": errors}


def _numbers(found: Estimate) -> dict:
    return {name: _plain(float(part)) for name, part in found._asdict().items()}


def _plain(value: object) -> object:
    """Return a value as JSON can have it: no number where there is none."""
    return None if isinstance(value, float) and np.isnan(value) else value
