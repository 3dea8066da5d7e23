"""Rules for pairs of tokens that a head may join: what is looked for in all heads.

A rule says for every query of the text which keys belong to the pattern. Queries and keys are
ordinary tokens (see `scores.heads`), but for the first token of a passage where a rule asks for
it. Pairs that a layer's mask hides do not count. In cross-attention queries are of the target and
keys of the source: rules that need both in one text are not of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from compute.attention.blocks import Block, ordinary
from compute.runs import Run
from compute.texts.token_text import bare

OPENERS = {")": "(", "]": "[", "}": "{"}
_ENDS = frozenset(".!?。！？…")
_CLOSING = frozenset("\"'”’»)]}")

Finder = Callable[[Block], np.ndarray]
"""Takes a block, gives the pairs of the pattern, bool (p, r, m)."""


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes
    ----------
    name : str
        Key of `RULES`.
    title : str
        For the page.
    definition : str
        Which keys belong to a query.
    prepare : callable
        Takes the run and the offset; gives a `Finder`.
    baseline : str
        What the attention is compared with: ``position`` (see `scores.by_position`), or
        ``uniform``, equal attention to all visible keys, where the rule is itself a position.
    cross : bool or None
        Whether it is of cross-attention; None for both kinds of attention.
    pictures : bool
        Whether it is of pictures, whose patches have none of the other rules.
    """

    name: str
    title: str
    definition: str
    prepare: Callable[[Run, int], Finder]
    baseline: str
    cross: bool | None = False
    pictures: bool = False


def sentences(run: Run) -> np.ndarray:
    """Return the number of each token's sentence in its passage, from 0; int64 (n,).

    A sentence ends with a token that ends in ``.``, ``!`` or ``?`` (quotes and brackets after it
    still belong to it) before a token that does not.
    """
    tokens, texts = run.tokens, bare(run.tokens)
    numbers = np.zeros(len(tokens), np.int64)
    ended = False
    for i, text in enumerate(texts):
        if tokens.position[i] == 0:
            ended = False
            continue
        numbers[i] = numbers[i - 1]
        if tokens.special[i]:
            continue
        closes = bool(text) and all(c in _ENDS or c in _CLOSING for c in text)
        if ended and not closes:
            numbers[i] += 1
            ended = False
        ended = ended or (text.rstrip("".join(_CLOSING))[-1:] in _ENDS)
    return numbers


def brackets(run: Run) -> list[tuple[int, int]]:
    """Return (closing token, opening token) of all brackets that match inside a passage."""
    pairs, stack = [], []
    for i, text in enumerate(bare(run.tokens)):
        if run.tokens.position[i] == 0:
            stack = []
        if run.tokens.special[i]:
            continue
        for character in text:
            if character in OPENERS.values():
                stack.append((character, i))
            elif character in OPENERS:
                opener = OPENERS[character]
                if stack and stack[-1][0] == opener:
                    pairs.append((i, stack.pop()[1]))
                elif opener in [c for c, _ in stack]:  # something between was never closed
                    while stack[-1][0] != opener:
                        stack.pop()
                    pairs.append((i, stack.pop()[1]))
    return pairs


def _ordinary(run: Run, block: Block) -> np.ndarray:
    asks, keys = ordinary(run)
    return asks[block.asking][:, :, None] & keys[block.places][:, None, :]


def _offset(run: Run, offset: int) -> Finder:
    return lambda block: _ordinary(run, block) & (block.offsets == offset)


def _previous(run: Run, _: int) -> Finder:
    return _offset(run, -1)


def _same(run: Run, _: int) -> Finder:
    def find(block: Block) -> np.ndarray:
        ids = run.tokens.ids[block.asking], run.keys.ids[block.places]
        same = ids[0][:, :, None] == ids[1][:, None, :]
        elsewhere = block.offsets != 0 if run.square else True
        return same & elsewhere & _ordinary(run, block)

    return find


def _coming(run: Run, _: int) -> Finder:
    ids = np.where(run.tokens.special, -1, run.tokens.ids)

    def find(block: Block) -> np.ndarray:
        ended = np.full((len(block.queries), 1), -1)
        after = np.concatenate([ids[block.queries][:, 1:], ended], axis=1)[:, block.rows]
        offered = ordinary(run)[1][block.places][:, None, :]
        return (after[:, :, None] == run.keys.ids[block.places][:, None, :]) & offered

    return find


def _sentence(step: int) -> Callable[[Run, int], Finder]:
    def prepare(run: Run, _: int) -> Finder:
        numbers = sentences(run)

        def find(block: Block) -> np.ndarray:
            apart = numbers[block.places][:, None, :] - numbers[block.asking][:, :, None]
            return (apart == step) & _ordinary(run, block)

        return find

    return prepare


def _first(run: Run, _: int) -> Finder:
    asking = ordinary(run)[0]

    def find(block: Block) -> np.ndarray:
        asks = asking[block.asking]
        if run.square:
            asks = asks & (np.arange(block.rows.start, block.rows.stop) > 0)
        return asks[:, :, None] & (np.arange(block.length) == 0)

    return find


def _brackets(run: Run, _: int) -> Finder:
    pairs = brackets(run)
    passage = run.tokens.passage - run.tokens.passage[0]
    position = run.tokens.position

    def find(block: Block) -> np.ndarray:
        out = np.zeros((*block.asking.shape, block.length), bool)
        at = {int(p): row for row, p in enumerate(block.passages)}
        for closing, opening in pairs:
            place = int(position[closing]) - block.rows.start
            if int(passage[closing]) in at and 0 <= place < out.shape[1]:
                out[at[int(passage[closing])], place, position[opening]] = True
        return out & _ordinary(run, block)

    return find


def _in_grid(joins: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Callable:
    """Return the rule of patches by how many rows and columns the key is from the query."""

    def prepare(run: Run, _: int) -> Finder:
        def find(block: Block) -> np.ndarray:
            down, right = (
                place[None, : block.length] - place[block.rows, None]
                for place in (run.grid.row, run.grid.column)
            )
            return _ordinary(run, block) & joins(down, right) & (block.offsets != 0)

        return find

    return prepare


_ALL = (
    Rule(
        "previous",
        "Previous token",
        "Each token to the one just before it.",
        _previous,
        "uniform",
    ),
    Rule(
        "offset",
        "Fixed offset",
        "Each token to the one a fixed number of places away.",
        _offset,
        "uniform",
        cross=None,
    ),
    Rule(
        "same",
        "Same token",
        "Each token to the other places of its passage where the same token stands; in "
        "cross-attention to those of the source.",
        _same,
        "position",
        cross=None,
    ),
    Rule(
        "coming",
        "Token that comes next",
        "Each place of the target to the token of the source that the target has next.",
        _coming,
        "position",
        cross=True,
    ),
    Rule(
        "next-sentence",
        "Next sentence",
        "Each token to all tokens of the sentence after its own, in its passage.",
        _sentence(1),
        "position",
    ),
    Rule(
        "previous-sentence",
        "Previous sentence",
        "Each token to all tokens of the sentence before its own, in its passage.",
        _sentence(-1),
        "position",
    ),
    Rule(
        "first",
        "First token",
        "Each token to the first one of its passage (or of its source), special or not.",
        _first,
        "uniform",
        cross=None,
    ),
    Rule(
        "brackets",
        "From every ) to its (",
        "Each closing bracket ) ] } to the one that opened it.",
        _brackets,
        "position",
    ),
    Rule(
        "row",
        "Same row",
        "Each patch to the others of its row.",
        _in_grid(lambda down, right: down == 0),
        "uniform",
        pictures=True,
    ),
    Rule(
        "column",
        "Same column",
        "Each patch to the others of its column.",
        _in_grid(lambda down, right: right == 0),
        "uniform",
        pictures=True,
    ),
    Rule(
        "around",
        "Patches around",
        "Each patch to the eight around it, or those of them that there are.",
        _in_grid(lambda down, right: np.maximum(abs(down), abs(right)) == 1),
        "uniform",
        pictures=True,
    ),
)
RULES: dict[str, Rule] = {rule.name: rule for rule in _ALL}


def rules_of(square: bool, pictures: bool = False) -> dict[str, Rule]:
    """Return the rules for attention within one text (`square`), or across; or within pictures."""
    found = {name: rule for name, rule in RULES.items() if rule.pictures == pictures}
    return {name: rule for name, rule in found.items() if rule.cross in (None, not square)}
