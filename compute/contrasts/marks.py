"""Of which pairs a property holds: a number on each query and on each key, equal where it does."""

from dataclasses import dataclass

import numpy as np

from compute import store
from compute.errors import HeadscopeError
from compute.runs.labels import Labels
from compute.texts.tokens import Tokens

_NO_LABELS = ("other", "special", "first")
"""Classes of tokens that got no label."""


@dataclass(frozen=True)
class Marks:
    """A property of pairs (i, j) of a text's tokens.

    Attributes
    ----------
    said : str
        What names the property, as ``same@-1``.
    words : str
        The same in words, after "pairs in which": ``the token before the key is the query's``.
    asks, offers : int64 (n,)
        The property holds where ``asks[i] == offers[j]`` and this is not negative.
    queries, keys : bool (n,)
        Which queries and which keys may be in a pair, matching or not.
    pairwise : bool
        It is a property of both tokens, not of the key alone.
    shift : int
        ``offers[j]`` is taken from the token at ``j + shift``, which must not be the query itself.
    by_place : bool
        It follows from the places alone, so that other passages have it at the same places.
    apart : int64 (n,) or None
        Pairs of tokens with one number here are in no pair: they would match for another reason.
    """

    said: str
    words: str
    asks: np.ndarray
    offers: np.ndarray
    queries: np.ndarray
    keys: np.ndarray
    pairwise: bool
    shift: int = 0
    by_place: bool = False
    apart: np.ndarray | None = None

    def holds(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Return of which pairs the property holds, by the numbers of tokens, broadcast."""
        asked = self.asks[i]
        return (asked == self.offers[j]) & (asked >= 0)

    def counts(self, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Return which pairs count at all, matching or not."""
        fine = self.queries[i] & self.keys[j]
        if self.pairwise:
            fine = fine & (i != j) & (i != j + self.shift)
        return fine if self.apart is None else fine & (self.apart[i] != self.apart[j])

    @property
    def digest(self) -> str:
        """A name for which pairs it holds of, from everything above but the words."""
        arrays = self.asks, self.offers, self.queries, self.keys, self.apart
        lists = [None if array is None else array.tolist() for array in arrays]
        return store.key(self.said, *lists, self.pairwise, self.shift, self.by_place)


def of_class(said: str, words: str, tokens: Tokens, sinks: np.ndarray, chosen: np.ndarray) -> Marks:
    """Return the property of a key to be in a class, whatever the query is.

    Parameters
    ----------
    sinks : bool (n,)
        Tokens where heads rest that have nothing to do: in no pair, unless they are in the class.
    chosen : bool (n,)
        The tokens of the class.

    Raises
    ------
    HeadscopeError
        If it has all tokens or none.
    """
    others = ~sinks & ~chosen
    if not chosen.any() or not others.any():
        how = "No token" if not chosen.any() else "Every token"
        raise HeadscopeError(
            f"{how} of this text is in “{said}”, so there is nothing to compare. Choose a property "
            "that some of its tokens have, or another text."
        )
    return Marks(
        *(said, words, np.zeros(len(tokens), np.int64), np.where(chosen, 0, -1)),
        *(~sinks, others | chosen),
        pairwise=False,
    )


def of_labels(said: str, tokens: Tokens, sinks: np.ndarray, labels: Labels, name: str) -> Marks:
    """Return the property of a key to have a label, or of both tokens to have the same one.

    Parameters
    ----------
    name : str
        The label; where it is empty, that queries and keys have the same label.

    Raises
    ------
    HeadscopeError
        If there is no such label.
    """
    if not name:
        own = [at for at, each in enumerate(labels.names) if each not in _NO_LABELS]
        codes = np.where(np.isin(labels.of, own), labels.of, -1)
        words = "query and key have the same label"
        return Marks(said, words, codes, codes, ~sinks, ~sinks, pairwise=True)
    if name not in labels.names:
        raise HeadscopeError(
            f"No token of this text is “{name}”; there are {', '.join(labels.names)}."
        )
    chosen = labels.of == labels.names.index(name)
    return of_class(said, f"the key is “{name}”", tokens, sinks, chosen)


def of_sets(tokens: Tokens, sinks: np.ndarray, queries: np.ndarray, keys: np.ndarray) -> Marks:
    """Return the property to be a selected query with a selected key.

    Parameters
    ----------
    queries, keys : int arrays
        Numbers of the selected tokens.

    Raises
    ------
    HeadscopeError
        If queries or keys are missing, or all are selected.
    """
    if not len(queries) or not len(keys):
        raise HeadscopeError("Select queries and keys: one of both is missing.")
    asking, asked = (np.zeros(len(tokens), bool) for _ in range(2))
    asking[queries], asked[keys] = True, True
    words = "query and key are selected"
    if (asking | sinks).all():
        return of_class("selected", "the key is selected", tokens, sinks, asked)
    asks, offers = (np.where(some, 0, -1) for some in (asking, asked))
    able = ~sinks | asking, ~sinks | asked
    return Marks("selected", words, asks, offers, *able, pairwise=True)
