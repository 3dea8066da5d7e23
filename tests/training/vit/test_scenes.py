"""Boards with twins: what is on them, what is true of each patch, and how they are drawn."""

import numpy as np
import pytest

from training.vit import drawing, scenes
from training.vit.drawing import COLOURS, GRID, SHAPES
from training.vit.scenes import COLUMN, ELSEWHERE, EMPTY, NOBODY, NONE, ROW, Scenes

DRAWN = scenes.draw_scenes(np.random.default_rng(5), 400)


def test_boards_have_exactly_one_pair_of_equal_objects_or_none() -> None:
    for board, twins, label in zip(*vars_of(DRAWN), strict=True):
        kinds = board[board != EMPTY]
        assert scenes.FEWEST <= len(kinds) <= scenes.MOST
        assert len(kinds) - len(set(kinds)) == (label != NONE)
        if label == NONE:
            assert (twins == -1).all()
            continue
        one, two = twins
        assert one != two and board[one] == board[two] != EMPTY
        same_row, same_column = one // GRID == two // GRID, one % GRID == two % GRID
        assert (same_row, same_column) == {
            ROW: (True, False),
            COLUMN: (False, True),
            ELSEWHERE: (False, False),
        }[label]


def test_every_class_and_every_kind_comes_about_equally_often() -> None:
    assert np.bincount(DRAWN.labels).min() > 70
    kinds = DRAWN.kinds[DRAWN.kinds != EMPTY]
    assert np.bincount(kinds, minlength=scenes.KINDS).min() > 40


def test_counts_and_places_of_a_board_made_by_hand() -> None:
    kinds = np.full((1, 64), EMPTY)
    kinds[0, [0, 3, 27]] = [4, 9, 4]  # cell 27 is in row 3 and column 3
    made = Scenes(kinds, np.array([[0, 27]]), np.array([ELSEWHERE]))
    rows, columns = (part.reshape(8, 8) for part in scenes.counts(made))
    assert rows[:, 5].tolist() == [2, 0, 0, 1, 0, 0, 0, 0]
    assert columns[6].tolist() == [1, 0, 0, 2, 0, 0, 0, 0]
    row, column = scenes.twin_places(made)
    assert (row[0, 0], column[0, 0]) == (3, 3) and (row[0, 27], column[0, 27]) == (0, 0)
    assert (np.delete(row[0], [0, 27]) == NOBODY).all()


def test_objects_are_drawn_in_their_cell_in_their_colour() -> None:
    kinds = np.full((1, 64), EMPTY)
    blue = SHAPES.index("square") * len(COLOURS) + list(COLOURS).index("blue")
    kinds[0, 19] = blue  # row 2, column 3
    picture = drawing.draw(kinds, np.random.default_rng(0))[0]
    assert picture.shape == (64, 64, 3) and picture.dtype == np.float32
    cell = picture[16:24, 24:32]
    assert cell[3:5, 3:5].mean((0, 1)) == pytest.approx(COLOURS["blue"], abs=0.04)
    paper = picture.copy()
    paper[16:24, 24:32] = picture[0, 0]
    assert paper.min() > 0.75 and picture.min() >= 0 and picture.max() <= 1


def test_shapes_differ_and_a_kind_looks_alike_wherever_it_is() -> None:
    masks = drawing._MASKS
    assert masks.min() == 0 and masks.max() == 1
    for shape in range(len(SHAPES)):
        assert np.array_equal(masks[shape, 1, 1, 1:, 1:], masks[shape, 0, 0, :-1, :-1])
        for other in range(shape):
            assert abs(masks[shape, 0, 0] - masks[other, 0, 0]).sum() > 3


def vars_of(drawn: Scenes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return drawn.kinds, drawn.twins, drawn.labels
