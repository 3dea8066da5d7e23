"""What was found in a corpus about all heads of a model: scores with their intervals, by slice."""

import contextlib
import json
from dataclasses import dataclass

import numpy as np

from compute import store
from compute.corpus.corpus_scores import CORPUS_SCORES
from compute.scores.intervals import Estimate
from compute.summaries import kept, moments
from compute.summaries.summary import Slice, Summary

VERSION = 1
"""Of what is summed over a stretch of text, and of what is made of it."""


@dataclass(frozen=True)
class Findings:
    """The scores of all heads over a corpus.

    Attributes
    ----------
    about : dict
        What was measured, JSON-able: ``model`` (spec), ``name``, ``identity``, ``task``,
        ``causal``, ``layers``, ``heads``, ``corpus`` (title), ``length`` (tokens of the longest
        passage), ``tokens``, ``passages``, ``documents``, ``broken`` (lines that could not be
        read), ``broken_lines``, ``left_out`` (stretches of text), ``notes``; ``wanted`` (tokens)
        and ``seed``, or ``merged``: these and some others of each corpus that was added.
    names : tuple of str
        Of `CORPUS_SCORES`.
    slices : tuple of str
        The first is "", all of the corpus.
    mean, low, high : float64 (slices, names, layers, heads)
        Score and 95 % interval over documents; NaN where there is no evidence.
    difference, less, more : float64 (slices, names, layers, heads)
        Score in the slice minus that in the rest of the corpus, and its 95 % interval.
    n : int64 (slices, names, layers)
        Tokens that were averaged.
    documents, tokens : int64 (slices,)
    """

    about: dict
    names: tuple[str, ...]
    slices: tuple[str, ...]
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    difference: np.ndarray
    less: np.ndarray
    more: np.ndarray
    n: np.ndarray
    documents: np.ndarray
    tokens: np.ndarray

    def of(self, name: str, part: str = "") -> Estimate:
        """Return mean, low and high (layers, heads) of a score in a slice."""
        at = self.slices.index(part), self.names.index(name)
        return Estimate(self.mean[at], self.low[at], self.high[at])

    def apart(self, name: str, part: str) -> Estimate:
        """Return a slice's score minus that of the rest, low and high (layers, heads)."""
        at = self.slices.index(part), self.names.index(name)
        return Estimate(self.difference[at], self.less[at], self.more[at])


_TABLE = store.record("findings", Findings)


@dataclass(frozen=True)
class Whole:
    """Findings, and all that they are made of.

    Attributes
    ----------
    strings : dict of int to str
        Tokens of the vocabulary as the page shows them: all that the summary names.
    special : tuple of int
        Those of them that are special.
    """

    findings: Findings
    summary: Summary
    strings: dict[int, str]
    special: tuple[int, ...]


def _dump(draft: store.Draft, whole: Whole) -> None:
    _TABLE.dump(draft, whole.findings)
    kept.dump(draft, whole.summary)
    draft.values["strings"] = list(whole.strings.items())
    draft.values["special"] = whole.special
    draft.values["version"] = VERSION


def _build(entry: store.Entry) -> Findings | None:
    """Return findings; none if they are of other definitions."""
    return _TABLE.build(entry) if _is_ours(entry.values) else None


def _is_ours(values: dict) -> bool:
    known = {"names": list(CORPUS_SCORES), "version": VERSION}
    return all(values.get(name) == value for name, value in known.items())


def whole(entry: store.Entry) -> Whole | None:
    """Return findings and all that they are made of; None if they are of other definitions.

    Parameters
    ----------
    entry : store.Entry
        Of `FINDINGS`, there or elsewhere.
    """
    found = _build(entry)
    if found is None:
        return None
    strings, special = (entry.values[name] for name in ("strings", "special"))
    return Whole(found, kept.build(entry), dict(map(tuple, strings)), tuple(special))


FINDINGS: store.Stored = store.Stored("findings", _dump, _build, recent=4)
"""`Whole` is what is put into it, findings what comes out; `views` reads the rest."""


@dataclass(frozen=True)
class Known:
    """Findings that are kept."""

    name: str
    title: str
    tokens: int
    slices: tuple[str, ...]
    model: str


def known(identity: str = "") -> tuple[Known, ...]:
    """Return the kept findings of a model, by its identity, or of all; those used last first."""
    found = []
    for path in (store.root() / FINDINGS.kind).glob(f"*/{store.MANIFEST}"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            values = json.loads(path.read_text(encoding="utf-8"))["values"]
            about = values["about"]
            if identity in ("", about["identity"]) and _is_ours(values):
                own = Known(
                    path.parent.name,
                    about["corpus"],
                    about["tokens"],
                    tuple(values["slices"]),
                    about["name"],
                )
                found.append((path.stat().st_mtime, own))
    return tuple(own for _, own in sorted(found, key=lambda each: each[0], reverse=True))


def of(summary: Summary, about: dict) -> Findings:
    """Return the scores that a summary leads to.

    Parameters
    ----------
    about : dict
        What `Findings.about` says besides what the summary knows.
    """
    names, parts = tuple(CORPUS_SCORES), list(summary.slices.values())
    every = parts[0]
    for part in parts[1:]:
        every = every.plus(part)
    slices = {"": every} | ({} if len(parts) == 1 else summary.slices)
    if len(parts) > 1 and "" in summary.slices:  # documents that are in no slice
        slices = {"": every} | {name: part for name, part in summary.slices.items() if name}
    tables = [[_row(name, part, every) for name in names] for part in slices.values()]
    six = [np.array([[row[at] for row in table] for table in tables]) for at in range(6)]
    known = {"broken": summary.broken, "broken_lines": [list(pair) for pair in summary.named]}
    about = known | about  # who gave the shards out knows of those without any text, too
    about |= {
        "tokens": every.tokens,
        "passages": every.passages,
        "documents": every.documents,
        "length": summary.kind.length,
    }
    order = [summary.kind.scores.index(name) for name in names]
    return Findings(
        about,
        names,
        tuple(slices),
        *six,
        np.stack([part.n[order] for part in slices.values()]),
        np.array([part.documents for part in slices.values()], np.int64),
        np.array([part.tokens for part in slices.values()], np.int64),
    )


def _row(name: str, part: Slice, every: Slice) -> tuple[np.ndarray, ...]:
    """Return mean, low, high of a score in a slice, and of its difference to the rest."""
    score = CORPUS_SCORES[name]
    own = moments.spread(part.moments[name], score.statistic)
    rest = moments.spread(every.moments[name].minus(part.moments[name]), score.statistic)
    wide = moments.half_width(own.error, own.freedom)
    low, high = np.clip([own.value - wide, own.value + wide], score.low, score.high)
    apart = own.value - rest.value
    freedom = np.minimum(own.freedom, rest.freedom)
    wider = moments.half_width(np.hypot(own.error, rest.error), freedom)
    return own.value, low, high, apart, apart - wider, apart + wider
