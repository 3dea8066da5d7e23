"""Training data: windows of text, and sequences in which something is repeated.

Six of ten sequences hold a repeat, three quarters of those of random tokens: predicting these needs
a head that finds the earlier copy, and nothing else helps.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from training.vocabulary import BERT_SPECIALS, BOS, CLS, MASK, SEP, SIZE

SHORTEST = 32
REPEATED = 0.6  # share of sequences with a repeat
RANDOM = 0.75  # share of repeats whose material is random tokens
TOKENS = 2048  # in one batch

NOISE, COPY, TEXT = 0, 1, 2
"""What a token is: unpredictable, there in another copy, or part of running text."""
LOSS_SHARE = {"gpt": (0.1, 1.0, 0.3), "bert": (0.03, 0.25, 0.16)}
"""Share of tokens of each of these that the loss is taken of."""


Draw = Callable[[int], np.ndarray]


class Batch(NamedTuple):
    """Sequences of one length.

    Attributes
    ----------
    inputs, targets : int64 (rows, length)
    chosen : bool (rows, length)
        Tokens to predict: from their place in BERT, from the place before in GPT.
    """

    inputs: np.ndarray
    targets: np.ndarray
    chosen: np.ndarray


class Sampler:
    """Draws batches.

    Parameters
    ----------
    kind : str
        ``bert`` or ``gpt``.
    ids : int64 (n,)
        The tokens of all documents in a row, at least 256.
    vocabulary : int
        Number of tokens; special ones come first.
    """

    def __init__(self, kind: str, ids: np.ndarray, seed: int, vocabulary: int = SIZE):
        self.causal = kind == "gpt"
        self.ids, self.vocabulary = ids, vocabulary
        self.first = 1 if self.causal else len(BERT_SPECIALS)
        self.shares = np.array(LOSS_SHARE[kind])
        self.rng = np.random.default_rng(seed)

    def batch(self, longest: int) -> Batch:
        """Return sequences of one even length between 32 and `longest`, log-uniformly drawn."""
        length = 2 * round(SHORTEST / 2 * (longest / SHORTEST) ** self.rng.random())
        rows = [self._sequence(length) for _ in range(max(8, TOKENS // length))]
        targets, roles = (np.stack(part) for part in zip(*rows, strict=True))
        chosen = self.rng.random(targets.shape) < np.where(roles < 0, 0, self.shares[roles])
        inputs = targets if self.causal else self._masked(targets, chosen)
        return Batch(inputs, targets, chosen)

    def body(self, length: int) -> tuple[np.ndarray, np.ndarray]:
        """Return a sequence without special tokens, and what each token is; (length,) both."""
        if self.rng.random() >= REPEATED:
            return self.text(length), np.full(length, TEXT)
        draw, role = (self.noise, NOISE) if self.rng.random() < RANDOM else (self.text, TEXT)
        shape = self.rng.random()
        if shape < 0.45:  # a period, repeated to the end
            period = round(4 * (length / 8) ** self.rng.random())
            return self._tiled(draw(min(period, length // 2)), length, role)
        if shape < 0.75:  # two copies
            tokens, roles = self._tiled(draw(length // 2), length - length % 2, role)
            rest = length % 2
            return np.append(tokens, self.noise(rest)), np.append(roles, np.full(rest, NOISE))
        return self._planted(draw, length, role)

    def noise(self, length: int) -> np.ndarray:
        """Return random tokens, no special ones."""
        return self.rng.integers(self.first, self.vocabulary, length)

    def text(self, length: int) -> np.ndarray:
        """Return a window of the text."""
        start = self.rng.integers(0, len(self.ids) - length)
        return self.ids[start : start + length]

    def _tiled(self, segment: np.ndarray, length: int, role: int) -> tuple[np.ndarray, np.ndarray]:
        roles = np.full(length, COPY)
        if self.causal:  # in the first copy there is nothing to copy from
            roles[: len(segment)] = role
        return np.resize(segment, length), roles

    def _planted(self, draw: Draw, length: int, role: int) -> tuple[np.ndarray, np.ndarray]:
        """Return noise or text with one segment at two random places."""
        around, role_around = (self.noise, NOISE) if self.rng.random() < 0.6 else (self.text, TEXT)
        tokens, roles = around(length).copy(), np.full(length, role_around)
        size = int(self.rng.integers(5, max(6, length // 3)))
        one = int(self.rng.integers(0, length - 2 * size))
        two = int(self.rng.integers(one + size, length - size + 1))
        segment = draw(size)
        for start, what in ((one, role if self.causal else COPY), (two, COPY)):
            tokens[start : start + size] = segment
            roles[start : start + size] = what
        return tokens, roles

    def _sequence(self, length: int) -> tuple[np.ndarray, np.ndarray]:
        """Return a sequence with its special tokens, whose role is -1: they are never predicted."""
        if self.causal:
            tokens, roles = self.body(length - 1)
            return np.insert(tokens, 0, BOS), np.insert(roles, 0, -1)
        tokens, roles = self.body(length - 2)
        tokens = np.concatenate([[CLS], tokens, [SEP]])
        roles = np.concatenate([[-1], roles, [-1]])
        return tokens, np.where(tokens == SEP, -1, roles)

    def _masked(self, targets: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Hide chosen tokens as BERT does: 80 % masked, 10 % replaced, 10 % left as they are."""
        inputs, lot = targets.copy(), self.rng.random(targets.shape)
        inputs[chosen & (lot < 0.8)] = MASK
        replaced = chosen & (lot >= 0.9)
        inputs[replaced] = self.noise(int(replaced.sum()))
        return inputs
