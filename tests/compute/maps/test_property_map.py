"""The map by a property: known places, what it says of itself, and what is refused."""

from dataclasses import replace

import numpy as np
import planted
import pytest
from clouds import random_cloud
from stored import random_cross

from compute.errors import HeadscopeError
from compute.maps import cloud, projection
from compute.trust.heldout import held_out
from compute.trust.trust import trust


def fit(points, said: str = "same@0", dims: int = 2, **more):
    return projection.fit(points, "property", dims=dims, options={"property": said}, **more)


def test_words_that_meet_lie_together() -> None:
    run = planted.same_word()
    points = cloud.cloud(run, 0, 0)
    layout = fit(points)
    word = run.tokens.ids
    for places in (layout.q, layout.k):
        centres = np.stack([places[word == w].mean(0) for w in range(planted.WORDS)])
        # A regular hexagon, each word's queries beside its keys.
        far = np.linalg.norm(centres, axis=1)
        assert far.std() < 0.12 * far.mean()
    of_q, of_k = (
        np.stack([places[word == w].mean(0) for w in range(planted.WORDS)])
        for places in (layout.q, layout.k)
    )
    apart = np.linalg.norm(of_q[:, None] - of_k[None], axis=-1)
    assert (apart.argmin(1) == np.arange(planted.WORDS)).all()
    assert layout.info["rank"] == 2 and layout.info["share"] > 0.95


def test_both_sides_have_one_size_and_products_keep_their_sign() -> None:
    points = cloud.cloud(planted.same_word(), 0, 0)
    layout = fit(points)
    size = [np.sqrt(((p - p.mean(0)) ** 2).sum(1).mean()) for p in (layout.q, layout.k)]
    assert size[0] == pytest.approx(size[1], rel=1e-4)
    word = points.tokens.ids
    same = word[:, None] == word[None]
    products = layout.q @ layout.k.T
    assert products[same].mean() > 0 > products[~same].mean()


def test_three_dimensions_have_the_first_two_in_them() -> None:
    points = cloud.cloud(planted.same_word(), 0, 0)
    flat, deep = fit(points), fit(points, dims=3)
    ratio = deep.q[:, :2] / flat.q
    assert deep.q.shape[1] == 3 and np.ptp(ratio) < 1e-3 * np.abs(ratio).mean()


def test_trust_is_measured_like_that_of_others() -> None:
    points = cloud.cloud(planted.same_word(spread=0.1), 0, 0)
    assert trust(points, fit(points)).score > 0.8
    assert held_out(points, fit)["score"] > 0.6


def test_the_property_is_one_of_the_text() -> None:
    points = cloud.cloud(planted.without_effect(), 0, 0)
    layout = fit(points, "regex:^[0-2]$")
    low = points.tokens.ids < 3
    assert abs(layout.k[low, 0].mean() - layout.k[~low, 0].mean()) > 4 * layout.k[low, 0].std()
    with pytest.raises(HeadscopeError, match="There is no property"):
        fit(points, "colour")


@pytest.mark.usefixtures("cache")
def test_what_has_no_such_map_is_said() -> None:
    with pytest.raises(HeadscopeError, match="of one text"):
        fit(random_cloud())
    with pytest.raises(HeadscopeError, match="of one text"):
        fit(cloud.cloud(random_cross(), 0, 0))
    few = cloud.cloud(planted.same_word(planted.ids(12, 6)), 0, 0)
    with pytest.raises(HeadscopeError, match=r"are \d+ pairs in which the key is the query's"):
        fit(few)


def test_without_a_property_it_is_the_same_token() -> None:
    points = cloud.cloud(planted.same_word(), 0, 0)
    assert np.array_equal(projection.fit(points, "property").q, fit(points).q)


def test_some_passages_keep_their_tokens() -> None:
    points = cloud.cloud(planted.same_word(), 0, 0)
    some, rows = cloud.part(points, np.array([3, 7]))
    assert some.tokens.strings == tuple(points.tokens.strings[row] for row in rows)
    assert np.array_equal(some.tokens.ids, points.tokens.ids[rows])
    assert cloud.part(replace(points, tokens=None), np.array([3]))[0].tokens is None
