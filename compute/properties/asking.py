"""A property of the pairs of a run, made ready: what is fitted, held out and looked at."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from compute import limits
from compute.contrasts import kinds, marks, pairs
from compute.contrasts.marks import Marks
from compute.contrasts.pairs import Pairs
from compute.contrasts.units import Units, units
from compute.errors import HeadscopeError
from compute.models.model import of_pictures
from compute.notes import selections
from compute.properties import chance
from compute.runs import Run, labels

SEED = 0
FILE = "file"
"""A property that begins so names a file of labels, and after another colon one of its labels."""
SELECTION = "selection"
"""One that begins so names a selection that was kept of the run: its queries with its keys."""


@dataclass(frozen=True)
class Question:
    """A property of the pairs of a run.

    Attributes
    ----------
    run : Run
    marks : Marks
        Of which pairs it holds.
    units : Units
        What is fitted and what is held out.
    """

    run: Run
    marks: Marks
    units: Units

    @cached_property
    def drawn(self) -> dict[int, tuple[Pairs, Pairs]]:
        """Pairs to fit and pairs held out, by the number of the sight that layers have."""
        return {pattern: self._draw(pattern) for pattern in set(self.run.pattern)}

    @cached_property
    def _exchanged(self) -> dict[int, list[Pairs]]:
        return {}

    def exchanged(self, layer: int) -> list[Pairs]:
        """Return the fitted pairs of a layer on the vectors of other passages; see `chance`."""
        pattern = self.run.pattern[layer]
        if pattern not in self._exchanged:
            fit, _ = self.pairs(layer)
            self._exchanged[pattern] = chance.exchanged(self.marks, self.units, fit, SEED)
        return self._exchanged[pattern]

    def pairs(self, layer: int) -> tuple[Pairs, Pairs]:
        """Return the pairs of a layer that are fitted, and those held out."""
        return self.drawn[self.run.pattern[layer]]

    def _draw(self, pattern: int) -> tuple[Pairs, Pairs]:
        rng = np.random.default_rng(SEED)
        sight = self.run.sights[pattern]
        return tuple(pairs.draw(self.marks, self.units, sight, half, rng) for half in (0, 1))


def ask(run: Run, said: str | Marks) -> Question:
    """Return the question whether a property makes queries and keys of a run match.

    Parameters
    ----------
    said : str or Marks
        A property of `contrasts.kinds`; ``file:labels.csv``: both tokens have the same label;
        ``file:labels.csv:verb``: the key has this one; ``selection:name``: query and key are in a
        selection that was kept; or marks, as of two sets that were not.

    Raises
    ------
    HeadscopeError
        If it is no property, holds of nothing in this text, the text is too short, or the
        attention of the model is not made of stored queries and keys of one text.
    """
    check(run)
    found = said if isinstance(said, Marks) else marks_of(run, said)
    return Question(run, found, units(run.tokens.starts))


def check_said(said: str) -> None:
    """Raise `HeadscopeError` if this is no property, before any text is opened."""
    kind, _, rest = said.partition(":")
    if kind not in (FILE, SELECTION):
        kinds.read(said)
    elif not rest:
        raise HeadscopeError(
            "Something is missing after the colon: file:labels.csv, file:labels.csv:verb, or "
            "selection:name."
        )


def check(run: Run) -> None:
    """Raise `HeadscopeError` for runs whose attention properties can't explain."""
    if run.grid is not None:
        raise of_pictures(run.model.name)
    if not run.square:
        raise HeadscopeError(
            f"In the cross-attention of {run.model.name} queries and keys are of two texts, which "
            "properties don't compare yet. Choose the encoder or the decoder, or another model."
        )
    if run.added is not None:
        raise HeadscopeError(
            f"{run.model.name} adds to q·k what depends on the tokens, so its queries and keys "
            "alone don't say why it looks somewhere. Choose another model."
        )


def refusal(run: Run) -> str:
    """Return why no property of a run can be looked at; empty if one can."""
    try:
        check(run)
        units(run.tokens.starts)
    except HeadscopeError as problem:
        return str(problem)
    return ""


def of_sets(run: Run, queries: list[int], keys: list[int]) -> Marks:
    """Return the property to be a selected query with a selected key; see `marks.of_sets`."""
    sinks = run.tokens.sinks(run.model.causal)
    return marks.of_sets(run.tokens, sinks, np.array(queries), np.array(keys))


def marks_of(run: Run, said: str) -> Marks:
    """Return of which pairs of a run a property holds; see `ask`."""
    check_said(said)
    sinks = run.tokens.sinks(run.model.causal)
    kind, _, rest = said.partition(":")
    if kind == SELECTION:
        found = selections.load(run.key, (len(run.tokens),) * 2, rest)
        if found is None:
            raise HeadscopeError(f"No selection “{rest[:60]}” is kept of this text. Keep it first.")
        return marks.of_sets(run.tokens, sinks, *selections.arrays(found))
    if kind != FILE:
        return kinds.of(said, run.tokens, sinks)
    path, name = (rest, "") if Path(rest).is_file() else rest.rpartition(":")[::2]
    found = labels.by_csv(run, _content(path or rest))
    return marks.of_labels(said, run.tokens, sinks, found, name)


def _content(path: str) -> bytes:
    try:
        if Path(path).stat().st_size > limits.LABELS_FILE:
            raise HeadscopeError(f"{path} is too large for a file of labels.")
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise HeadscopeError(
            f"The file of labels “{path[:200]}” can't be read. Write file:PATH, or file:PATH:LABEL."
        ) from error
