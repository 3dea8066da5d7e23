"""What was found in several corpora, added: as if one had been measured that holds them all.

Every step is the same in any order, so is the result, to the last bit.
"""

from collections.abc import Iterable
from dataclasses import replace

from compute.corpus import findings
from compute.corpus.findings import Whole
from compute.corpus.keeping import ids_of
from compute.errors import HeadscopeError
from compute.summaries.summary import BROKEN, Summary, check, check_apart

_NAMED = 3
_OF_PART = "corpus", "tokens", "passages", "documents", "wanted", "seed"
_OF_MODEL = "model", "name", "identity", "task", "causal", "layers", "heads"


def merge(found: Iterable[tuple[str, Whole]]) -> Whole:
    """Add what was found; one after the other is read, so that it may be many.

    Parameters
    ----------
    found : iterable of (str, Whole)
        At least two: what the person calls each, and what was found.

    Raises
    ------
    HeadscopeError
        If they were measured differently, or some text is in more than one of them.

    Notes
    -----
    All sums are those of the whole. Its random sample is the one of the smallest share: a corpus of
    which few passages could come into the sample leaves few of the others in it.
    """
    summary: Summary | None = None
    abouts: list[dict] = []
    strings: dict[int, str] = {}
    special: set[int] = set()
    for name, each in found:
        summary = each.summary if summary is None else _plus(summary, each.summary, name)
        abouts.append(each.findings.about)
        special |= set(each.special)
        for number, string in each.strings.items():
            strings[number] = min(string, strings.get(number, string))
    if len(abouts) < 2:
        raise HeadscopeError("There is nothing to merge. Name at least two folders.")
    shown = {number: strings[number] for number in ids_of(summary).tolist()}
    told = findings.of(summary, _about(abouts))
    return Whole(told, summary, shown, tuple(sorted(special)))


def _plus(summary: Summary, other: Summary, name: str) -> Summary:
    try:
        check(summary.kind, other.kind)
        check_apart(summary, other)
    except HeadscopeError as error:
        raise HeadscopeError(f"{name} can't be merged with the others. {error}") from error
    both = summary.plus(other)
    kind = replace(both.kind, model=min(summary.kind.model, other.kind.model))
    return replace(both, kind=kind)


def _about(abouts: list[dict]) -> dict:
    """Return what is said of the whole, from what is said of its parts."""
    parts = [part for about in abouts for part in _parts(about)]
    titles = sorted({part["corpus"] for part in parts})
    more = f" and {len(titles) - _NAMED} more" if len(titles) > _NAMED else ""
    one = min(abouts, key=lambda about: [f"{about[name]}" for name in _OF_MODEL])
    return {
        **{name: one[name] for name in _OF_MODEL},
        "corpus": ", ".join(titles[:_NAMED]) + more,
        "left_out": sorted(pair for about in abouts for pair in about["left_out"]),
        "notes": sorted({note for about in abouts for note in about["notes"]}),
        "broken": sum(about["broken"] for about in abouts),
        "broken_lines": sorted(pair for about in abouts for pair in about["broken_lines"])[:BROKEN],
        "merged": sorted(parts, key=lambda part: [f"{part[name]}" for name in _OF_PART]),
    }


def _parts(about: dict) -> list[dict]:
    """Return the corpora that were measured at once, of which something is the sum."""
    return about.get("merged") or [{name: about[name] for name in _OF_PART}]
