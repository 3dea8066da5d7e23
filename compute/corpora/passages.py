"""From documents to passages that a model can read, cut at white space.

Words are counted by themselves, each distinct one once, and documents are cut where the sums say;
all that is cut is then tokenised as the model will read it, and cut once more where it is too long.
That takes any tokenizer, and each text is tokenised once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass

import numpy as np

from compute.corpora.chosen import Document
from compute.errors import HeadscopeError
from compute.texts import collections, vocabulary

_WORD = 32
"""Characters; longer words, such as sentences of Chinese, are cut where they must be."""
_CHARACTERS = 2**20
"""Characters that are tokenised at once: a tokenizer keeps hundreds of bytes for each token."""

# White space and the sign between a source and its target: a passage has neither.
_NO_PASSAGE = str.maketrans({"\0": " ", collections.SEPARATOR: " "})


@dataclass(frozen=True)
class Piece:
    """A passage of a document.

    Attributes
    ----------
    text : str
        In one line, as a text that is pasted into the page is kept.
    document : int
        Its document's number in the shard.
    part : str
        The slice.
    tokens : int
        How many tokens it has, special ones counted.
    """

    text: str
    document: int
    part: str
    tokens: int


def pieces(
    documents: Sequence[Document], tokenizer, positions: int | None, length: int
) -> list[Piece]:
    """Cut documents into passages of at most `length` tokens.

    Parameters
    ----------
    documents : sequence of Document
    tokenizer
        Of transformers, fast or not.
    positions : int or None
        The model's longest input.
    length : int
        Tokens in a passage at most, special ones counted.

    Returns
    -------
    list of Piece
        In order. A document gives the fewest that fit, of about equal length. Every token of the
        documents is in one of them, but for such as stand for white space and control characters
        alone, and for a character that alone has more tokens than fit.

    Raises
    ------
    HeadscopeError
        If special tokens leave no room for others, or the tokenizer changes the text for them.
    """
    framed = sum(map(len, vocabulary.frame(tokenizer, found=True)))
    room = min(positions or length, length) - framed
    if room < 1:
        raise HeadscopeError(f"Passages of {length} tokens have no room for text. Allow more.")
    tidied = [collections.tidy(one.text.translate(_NO_PASSAGE)) for one in documents]
    counted = _Counted(tokenizer)
    short = 2 * room  # characters of what fits, as a rule, and need not be counted by its words
    counted.learn(text for text in tidied if len(text) > short)
    # What begins a passage may take some tokens more there than after a word.
    goal = max(room - max(2, room // 64), 1)
    cut = [
        (number, text)
        for number, whole in enumerate(tidied)
        for text in ([whole] if len(whole) <= short else _cut(whole, counted, goal))
    ]
    checked = _checked(cut, counted.lengths, room)
    return [
        Piece(text, number, documents[number].part, count + framed)
        for number, text, count in checked
    ]


class _Counted:
    """How many tokens texts have, and words after another word."""

    def __init__(self, tokenizer) -> None:
        self._tokenizer = tokenizer
        self.of: dict[str, int] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Count the tokens of every word of some texts."""
        new = sorted({word for text in texts for word in _words(text)})
        alone = self.lengths(["a"])[0]
        counts = self.lengths([f"a {word}" for word in new])
        self.of = {word: max(n - alone, 0) for word, n in zip(new, counts, strict=True)}

    def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text, without special ones."""
        found: list[int] = []
        for some in _batches(texts):
            found += map(len, self._tokenised(some))
        return found

    def _tokenised(self, texts: list[str]) -> Sequence[Sized]:
        """Return something as long as each text's tokens."""
        plain = {"add_special_tokens": False, "truncation": False, "padding": False}
        if not getattr(self._tokenizer, "is_fast", False):
            return self._tokenizer(texts, **plain)["input_ids"]
        # It neither cuts nor pads after this. Lists of ids, as it returns them, take as long again.
        self._tokenizer("a", **plain)
        return self._tokenizer.backend_tokenizer.encode_batch_fast(texts, add_special_tokens=False)


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield texts in lists of some `_CHARACTERS`."""
    some: list[str] = []
    size = 0
    for text in texts:
        some.append(text)
        size += len(text)
        if size >= _CHARACTERS:
            yield some
            some, size = [], 0
    if some:
        yield some


def _words(text: str) -> list[str]:
    """Return the words of a tidied text; long ones in parts."""
    words = text.split(" ")
    if max(map(len, words)) <= _WORD:
        return words
    return [part for word in words for part in _parts(word)]


def _parts(word: str) -> list[str]:
    return [word[at : at + _WORD] for at in range(0, len(word), _WORD)]


def _cut(text: str, counted: _Counted, goal: int) -> list[str]:
    """Cut a tidied text into passages of `goal` tokens at most, by the counts of its words."""
    words = _words(text)
    tokens = np.cumsum([counted.of[word] for word in words])
    if tokens[-1] <= goal:
        return [text]
    ends = _ends(text, words)
    found, start, begun, taken = [], 0, 0, 0
    while start < len(words):
        left = int(tokens[-1]) - taken
        even = -(-left // -(-left // goal)) if left else goal
        stop = int(np.searchsorted(tokens, taken + even)) + 1
        if stop > len(words) or tokens[stop - 1] > taken + goal:
            stop = int(np.searchsorted(tokens, taken + goal, side="right"))
        stop = max(stop, start + 1)
        found.append(text[begun : ends[stop - 1]].strip())
        start, begun, taken = stop, int(ends[stop - 1]), int(tokens[stop - 1])
    return found


def _ends(text: str, words: list[str]) -> np.ndarray:
    """Return where each word of a text ends, int64 (words,): the space after it is the next's."""
    ends = np.cumsum([len(word) for word in words])
    spaces, at = np.zeros(len(words), np.int64), 0
    for number, word in enumerate(words):
        if text.startswith(" ", at):
            spaces[number], at = 1, at + 1
        at += len(word)
    return ends + np.cumsum(spaces)


def _checked(
    cut: list[tuple[int, str]], lengths: Callable[[Sequence[str]], list[int]], room: int
) -> list[tuple[int, str, int]]:
    """Return passages with their tokens, in order; those that are too long in halves."""
    waiting = [(number, (at,), text) for at, (number, text) in enumerate(cut)]
    found: list[tuple[tuple[int, ...], int, str, int]] = []
    while waiting:
        waiting = [one for one in waiting if collections.visible(one[2])]
        halves = []
        counts = lengths([text for _, _, text in waiting])
        for (number, place, text), count in zip(waiting, counts, strict=True):
            if 0 < count <= room:
                found.append((place, number, text, count))
            elif count > room and len(text) > 1:
                first, second = _halves(text)
                halves += [(number, (*place, 0), first), (number, (*place, 1), second)]
        waiting = halves
    return [(number, text, count) for _, number, text, count in sorted(found)]


def _halves(text: str) -> tuple[str, str]:
    """Cut a text at the space that is nearest to its middle, or there."""
    middle = len(text) // 2
    spaces = [at for at in (text.rfind(" ", 1, middle), text.find(" ", middle)) if at > 0]
    at = min(spaces, key=lambda at: abs(at - middle)) if spaces else middle
    return text[:at].strip(), text[at:].strip()
