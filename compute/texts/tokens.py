"""The tokens of a text, passage by passage."""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

_UNKNOWN = re.compile(r"[\[<]\|?unk(nown)?\|?[\]>]", re.IGNORECASE)
"""What tokenizers call the token for all that they don't know: [UNK], <unk>, <|unk|>."""


@dataclass(frozen=True)
class Tokens:
    """The tokens of all passages, in order.

    Attributes
    ----------
    strings : tuple of str
        Each token as the page shows it (``##ing``, ``·the``).
    ids : int32 (n,)
    passage : int32 (n,)
        Number of the token's passage.
    position : int32 (n,)
        Place in its passage, from 0, special tokens counted.
    special : bool (n,)
        [CLS], [SEP], BOS and their like.
    starts : int64 (passages + 1,)
        Passage p is ``starts[p]:starts[p + 1]``.
    """

    strings: tuple[str, ...]
    ids: np.ndarray
    passage: np.ndarray
    position: np.ndarray
    special: np.ndarray

    @cached_property
    def starts(self) -> np.ndarray:
        """First token of every passage, and the end of the last."""
        cuts = np.flatnonzero(np.diff(self.passage)) + 1
        return np.concatenate([[0], cuts, [len(self.ids)]]).astype(np.int64)

    @cached_property
    def unknown(self) -> np.ndarray:
        """Which are the tokenizer's token for what it doesn't know, bool (n,); never special ones.

        It is known by its name, as the page shows it: then older runs, too, say how many there are.
        """
        named = {s for s in set(self.strings) if _UNKNOWN.fullmatch(s)}
        return np.array([s in named for s in self.strings], bool) & ~self.special

    def span(self, passage: int) -> slice:
        """Return where the tokens of a passage are."""
        return slice(int(self.starts[passage]), int(self.starts[passage + 1]))

    def some(self, numbers: np.ndarray) -> "Tokens":
        """Return some of the tokens, by their numbers."""
        arrays = (self.ids, self.passage, self.position, self.special)
        strings = tuple(self.strings[number] for number in numbers.tolist())
        return Tokens(strings, *(array[numbers] for array in arrays))

    def __len__(self) -> int:
        return len(self.ids)

    def sinks(self, causal: bool) -> np.ndarray:
        """Tokens that trust and maps leave out: special ones, in causal models also each first."""
        return self.special | (self.position == 0) if causal else self.special
