"""The two tasks: what is asked, what the answer is, and from where in the source it comes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from training.pairs.vocabulary import END, LONGEST, SPECIALS

TASKS = ("copy:", "reverse:")
OF_TEXT = 0.5  # share of sequences that are running text; the others are random words
USUAL = 28  # words: as far as reversing can be learned in a few minutes
OF_USUAL = 0.75  # share of batches that are no longer
TOKENS = 2048  # of source and target together, in one batch


class Batch(NamedTuple):
    """Pairs of one length.

    Attributes
    ----------
    source : int64 (rows, words + 2)
        The task, the words, the end.
    target : int64 (rows, words + 1)
        The words as the task wants them, the end.
    places : int64 (rows, words + 1)
        Where in the source each token of the target stands. The end of a reversed target has the
        place of the task: the one before the first word.
    """

    source: np.ndarray
    target: np.ndarray
    places: np.ndarray


def answer(line: str) -> str:
    """Return the target of a source, as ``c b a`` of ``reverse: a b c``.

    Raises
    ------
    ValueError
        If the line doesn't begin with a task.
    """
    task, *words = line.split()
    if task not in TASKS:
        raise ValueError(f"{task!r} is none of {', '.join(TASKS)}")
    return " ".join(words if task == TASKS[0] else words[::-1])


class Sampler:
    """Draws pairs.

    Parameters
    ----------
    text : int64 (n,)
        Words of running text, one token each, in a row; at least `LONGEST`.
    tasks : (int, int)
        The tokens of the two tasks.
    """

    def __init__(self, text: np.ndarray, tasks: tuple[int, int], seed: int):
        self.text, self.tasks = text, np.array(tasks)
        self.words = np.unique(text)
        if self.words.min() < len(SPECIALS):
            raise ValueError("special tokens are not words")
        self.rng = np.random.default_rng(seed)

    def batch(self, longest: int = LONGEST - 2) -> Batch:
        """Return pairs of one number of words between 1 and `longest`, most of them to `USUAL`."""
        most = min(USUAL, longest) if self.rng.random() < OF_USUAL else longest
        words = int(self.rng.integers(1, most + 1))
        return self.of(words, rows=max(8, TOKENS // (2 * words + 3)))

    def of(self, words: int, rows: int, distinct: bool = False) -> Batch:
        """Return pairs of so many words; with `distinct`, no word comes twice."""
        drawn = np.stack([self._draw(words, distinct) for _ in range(rows)])
        reverse = self.rng.random(rows) < 0.5
        end = np.full((rows, 1), END)
        source = np.hstack([self.tasks[reverse.astype(int)][:, None], drawn, end])
        places = np.arange(1, words + 2)
        places = np.where(reverse[:, None], words + 1 - places, places)
        target = np.take_along_axis(source, places, axis=1)
        target[:, -1:] = end
        return Batch(source, target, places)

    def _draw(self, words: int, distinct: bool) -> np.ndarray:
        if not distinct and self.rng.random() < OF_TEXT:
            start = self.rng.integers(0, len(self.text) - words + 1)
            return self.text[start : start + words]
        return self.rng.choice(self.words, words, replace=not distinct)


def running_words(encoded: Sequence[Sequence[int]], pieces: Sequence[str]) -> np.ndarray:
    """Return the tokens that are whole words, of all documents in a row; int64 (n,).

    Parameters
    ----------
    encoded : sequence of sequences of int
        The tokens of each document.
    pieces : sequence of str
        What each token of the vocabulary is written as. ``##`` begins the rest of a word: the
        pieces of such a word are left out, and so is what has no letters.
    """
    rest = np.array([piece.startswith("##") for piece in pieces])
    letters = np.array([piece.isalpha() for piece in pieces])
    ids = np.concatenate([np.array([*line, END], dtype=np.int64) for line in encoded])
    begins_word = np.append(rest[ids[1:]], False)
    return ids[letters[ids] & ~begins_word]
