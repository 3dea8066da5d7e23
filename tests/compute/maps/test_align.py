"""Maps that are turned, mirrored, resized and moved lie on each other again."""

import numpy as np
import pytest
from patterns import run_of
from stored import random_cross

from compute.errors import HeadscopeError
from compute.maps.cloud import Layout
from compute.maps.procrustes import lay_over, procrustes
from compute.matched.token_alignment import match


def turned(points: np.ndarray, mirror: bool, scale: float) -> np.ndarray:
    angle = 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if mirror:
        turn = turn @ np.diag([1, -1])
    return scale * points @ turn + np.array([3, -5])


@pytest.mark.parametrize("mirror", [False, True])
def test_the_transformation_is_found(mirror: bool) -> None:
    points = np.random.default_rng(0).normal(size=(40, 2))
    fit = procrustes(turned(points, mirror, 2.5), points)
    assert fit.residual == pytest.approx(0, abs=1e-6)
    assert fit.scale == pytest.approx(1 / 2.5)
    assert (np.linalg.det(fit.rotation) < 0) == mirror
    assert fit.points == 40
    assert fit.move(turned(points, mirror, 2.5)) == pytest.approx(points, abs=1e-5)


def test_the_residual_is_what_remains_and_the_same_both_ways() -> None:
    rng = np.random.default_rng(1)
    a = rng.normal(size=(30, 3))
    b = a + rng.normal(size=a.shape) * 0.3
    fit = procrustes(b, a)
    left = np.sqrt(((fit.move(b) - a) ** 2).sum() / ((a - a.mean(0)) ** 2).sum())
    assert fit.residual == pytest.approx(left, abs=1e-5)
    assert procrustes(a, b).residual == pytest.approx(fit.residual, abs=1e-9)
    assert 0.1 < fit.residual < 0.5


def test_maps_of_two_tokenizers_lie_on_each_other_by_their_units() -> None:
    words = run_of(["[CLS]", "playing", "old", "dogs", "bark", "[SEP]"])
    pieces = run_of(["[CLS]", "play", "##ing", "old", "dogs", "bark", "[SEP]"])
    rng = np.random.default_rng(2)
    q, k = rng.normal(size=(2, 6, 2))
    spread = np.array([0, 1, 1, 2, 3, 4, 5])
    away = np.zeros((7, 2))
    away[1], away[2] = 0.4, -0.4  # the pieces lie round their word
    away[0] = away[6] = 9  # special tokens don't count
    moved = Layout(turned(q[spread] + away, True, 3), turned(k[spread] + away, True, 3))
    laid, fit = lay_over(moved, Layout(q, k), match(words, pieces))
    assert fit.residual == pytest.approx(0, abs=1e-6)
    assert fit.points == 8
    assert laid.q[3:6] == pytest.approx(q[2:5], abs=1e-5)
    assert laid.k[3:6] == pytest.approx(k[2:5], abs=1e-5)


def test_what_cannot_be_laid_over() -> None:
    flat, deep = np.zeros((5, 2)), np.zeros((5, 3))
    with pytest.raises(HeadscopeError, match="fewer than three tokens"):
        procrustes(np.eye(2), np.eye(2))
    with pytest.raises(HeadscopeError, match="lie in one place"):
        procrustes(flat, np.random.default_rng(0).normal(size=(5, 2)))
    run = run_of(["a", "b", "c", "d", "e"])
    with pytest.raises(HeadscopeError, match="One map is flat"):
        lay_over(Layout(deep, deep), Layout(flat, flat), match(run, run))


def test_a_map_with_nothing_in_common_is_as_large_as_the_other() -> None:
    run = run_of(["[CLS]", *"abcdefghijklmnop", "[SEP]"])
    rng = np.random.default_rng(3)
    fixed = Layout(*rng.normal(size=(2, 18, 2)))
    laid, fit = lay_over(Layout(*rng.normal(size=(2, 18, 2)) * 40), fixed, match(run, run))
    assert fit.residual > 0.8

    def spread(layout: Layout) -> float:
        points = np.concatenate([layout.q[1:-1], layout.k[1:-1]])
        return float(((points - points.mean(0)) ** 2).sum())

    assert spread(laid) == pytest.approx(spread(fixed), rel=1e-4)


def test_maps_of_cross_attention_lie_on_each_other_by_both_texts(cache) -> None:
    run = random_cross()
    q, k = (np.random.default_rng(i).normal(size=(n, 2)) for i, n in enumerate((54, 72)))
    moved = Layout(*(turned(side, True, 2.5) for side in (q, k)), None, {})
    found, fit = lay_over(moved, Layout(q, k, None, {}), match(run, run))
    assert (found.q, found.k) == (pytest.approx(q, abs=1e-5), pytest.approx(k, abs=1e-5))
    assert fit.points == 6 * 8 + 6 * 11  # special tokens do not count
