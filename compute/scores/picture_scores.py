"""The scores of pictures, whose tokens are patches of a grid: where a patch looks from its place.

What is defined for a line of words (the token before, equal tokens, distance in tokens) has no
meaning here. A patch's own row and column, its neighbours and the distance in patches take their
place, and what it gives the model's own tokens, [CLS] and registers.
"""

from collections.abc import Callable

import numpy as np

from compute.scores.head_scores import HEAD_SCORES, POSITION, SPECIAL, SPREAD, HeadScore
from compute.scores.pairs import Pairs, Seen

CLS = "[CLS]"
REGISTERS = "[REG"
SHARED = ("self", "entropy", "relative_entropy")
"""Scores of `HEAD_SCORES` that pictures have too."""
NEIGHBOURS = {"left": (0, -1), "right": (0, 1), "above": (-1, 0), "below": (1, 0)}
"""How many rows down and columns to the right each is."""


def _apart(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Return how many rows and columns the key is from the query, int (r, m)."""
    row, column = pairs.grid.row, pairs.grid.column
    return row[pairs.j] - row[pairs.i], column[pairs.j] - column[pairs.i]


def _same_row(pairs: Pairs) -> np.ndarray:
    down, right = _apart(pairs)
    return pairs.ordinary & (down == 0) & (right != 0)


def _same_column(pairs: Pairs) -> np.ndarray:
    down, right = _apart(pairs)
    return pairs.ordinary & (right == 0) & (down != 0)


def _beside(down: int, right: int) -> Callable[[Pairs], np.ndarray]:
    def weigh(pairs: Pairs) -> np.ndarray:
        rows, columns = _apart(pairs)
        return pairs.ordinary & (rows == down) & (columns == right)

    return weigh


def _distance(pairs: Pairs) -> np.ndarray:
    return pairs.ordinary * np.hypot(*_apart(pairs))


def _patches(pairs: Pairs) -> np.ndarray:
    return pairs.ordinary.astype(float)


def _named(pairs: Pairs, begins: str) -> np.ndarray:
    """Mark the model's own tokens whose names begin so, bool (tokens,)."""
    own = [name.startswith(begins) for name in pairs.grid.before]
    return np.array(own + [False] * (pairs.grid.length - len(own)))


def _cls(pairs: Pairs) -> np.ndarray:
    return pairs.asked & _named(pairs, CLS)


def _registers(pairs: Pairs) -> np.ndarray:
    return pairs.asked & _named(pairs, REGISTERS)


def _is_cls(pairs: Pairs) -> np.ndarray:
    """Mark the queries that are [CLS], bool (p, r)."""
    there = _named(pairs, CLS)[pairs.i[:, 0]]
    return np.broadcast_to(there, pairs.asks.shape)


def _breadth(seen: Seen) -> np.ndarray:
    return seen.entropy / np.log(np.maximum(seen.pairs.visible, 2)).astype(np.float32)


def _share(name: str, title: str, said: str, weigh: Callable, group: str, source: str) -> HeadScore:
    return HeadScore(name, title, "share", 0.0, 1.0, said, source, pairs=(weigh,), group=group)


_OURS = "This project"
_RAGHU = "Mean attention distance of Dosovitskiy et al. 2021 and Raghu et al. 2021, in patches"
_DARCET = "Darcet et al. 2024 (registers)"

PICTURE_SCORES: dict[str, HeadScore] = {
    score.name: score
    for score in (
        _share(
            "row",
            "Same row",
            "How much a patch looks at the others of its row. 1 means always and only there."
            "\nmean over i of Σ a(i, j), row j = row i, j ≠ i",
            _same_row,
            POSITION,
            _OURS,
        ),
        _share(
            "column",
            "Same column",
            "How much a patch looks at the others of its column. 1 means always and only there."
            "\nmean over i of Σ a(i, j), column j = column i, j ≠ i",
            _same_column,
            POSITION,
            _OURS,
        ),
        *(
            _share(
                name,
                f"Neighbour {name if name in ('above', 'below') else f'to the {name}'}",
                "How much a patch looks at this one of its neighbours. Only patches that have one "
                "count.\nmean over i of a(i, j), j one "
                f"{'row' if down else 'column'} {'down' if down > 0 else 'up' if down else name}",
                _beside(down, right),
                POSITION,
                _OURS,
            )
            for name, (down, right) in NEIGHBOURS.items()
        ),
        HEAD_SCORES["self"],
        HeadScore(
            "patches",
            "Distance in patches",
            "patches",
            0.0,
            None,
            "How far away the patches are that a head looks at, in a straight line, in patches. "
            "Every bit of attention counts by its weight."
            "\nΣ a(i, j) √(rows² + columns²) / Σ a(i, j), i and j patches",
            _RAGHU,
            pairs=(_distance, _patches),
            counted=lambda pairs: pairs.asks,
            group=POSITION,
        ),
        HEAD_SCORES["entropy"],
        HEAD_SCORES["relative_entropy"],
        _share(
            "cls",
            "To [CLS]",
            "How much of its attention a patch gives to [CLS], the token that stands for the whole "
            "picture. A large share often means that the head finds nothing to do there."
            "\nmean over i of a(i, [CLS]), i a patch",
            _cls,
            SPECIAL,
            "Clark et al. 2019, for pictures",
        ),
        _share(
            "registers",
            "To registers",
            "How much of its attention a patch gives to registers, tokens that a model keeps for "
            "notes of its own.\nmean over i of Σ a(i, j), i a patch, j a register",
            _registers,
            SPECIAL,
            _DARCET,
        ),
        HeadScore(
            "gathered",
            "Breadth of [CLS]",
            "share",
            0.0,
            1.0,
            "How widely [CLS] looks: the entropy of its attention as a share of the most it could "
            "be. 0 means one token gets all, 1 that all get the same."
            "\nmean over pictures of −Σ a ln a / ln(tokens), a = a([CLS], j)",
            "Clark et al. 2019, normalised, of [CLS] alone",
            queries=_breadth,
            counted=_is_cls,
            group=SPREAD,
        ),
    )
}
