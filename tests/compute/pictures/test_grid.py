"""Which token is which patch."""

from compute.pictures.grid import Grid

GRID = Grid(2, 3, ("[CLS]", "[REG 1]"))


def test_tokens_are_named_and_placed():
    patches = ("r1 c1", "r1 c2", "r1 c3", "r2 c1", "r2 c2", "r2 c3")
    assert GRID.strings == ("[CLS]", "[REG 1]", *patches)
    assert GRID.row.tolist() == [-1, -1, 0, 0, 0, 1, 1, 1]
    assert GRID.column.tolist() == [-1, -1, 0, 1, 2, 0, 1, 2]


def test_boxes_cover_the_picture():
    boxes = GRID.boxes(4, 9)
    assert boxes.tolist()[:2] == [[0, 0, 2, 3], [0, 3, 2, 6]] and boxes.tolist()[-1] == [2, 6, 4, 9]
