import numpy as np
import pytest
from clouds import random_cloud, tiny_clouds, topic_cloud

from compute.maps import out_of_sample, projection
from compute.maps.cloud import Layout, part
from compute.trust import trust
from compute.trust.heldout import held_out


@pytest.fixture(scope="module")
def split():
    cloud = topic_cloud(passages=30)
    old, _ = part(cloud, np.arange(24))
    new, _ = part(cloud, np.arange(24, 30))
    return old, projection.fit(old, "attention"), new


def test_a_part_has_the_attention_of_the_whole():
    cloud = random_cloud(passages=6, causal=True)
    some, rows = part(cloud, np.array([4, 1]))
    assert np.array_equal(rows, np.r_[48:60, 12:24])
    assert np.array_equal(some.attention(0), cloud.attention(4))
    assert np.array_equal(some.attention(1), cloud.attention(1))


def test_a_known_vector_goes_to_its_own_place(split):
    old, layout, _ = split
    same, rows = part(old, np.array([3]))
    ghosts = out_of_sample.place(old, layout, same, refine=False)
    spread = layout.q.std()
    assert np.median(np.linalg.norm(ghosts.q - layout.q[rows], axis=1)) < spread / 4
    assert np.median(np.linalg.norm(ghosts.k - layout.k[rows], axis=1)) < spread / 4


def test_no_place_between_two_clusters():
    """Equal vectors in two far places: the ghost goes to the one with more of them."""
    q = np.zeros((10, 4), np.float32)
    spots = np.zeros((10, 2), np.float32)
    spots[6:] = 100
    cloud = random_cloud(passages=1, length=10, d=4, ends=False)
    old = projection.Cloud(q, cloud.k, cloud.starts, cloud.sink, cloud.sight)
    new = projection.Cloud(q[:3], cloud.k[:3], np.array([0, 3]), cloud.sink[:3], cloud.sight)
    ghosts = out_of_sample.neighbours(old, Layout(spots, spots), new)
    assert np.allclose(ghosts.q, 0)


def test_new_text_keeps_attention_near_and_old_points_still(split):
    old, layout, new = split
    before = layout.q.copy(), layout.k.copy()
    rough = out_of_sample.place(old, layout, new, refine=False)
    fine = out_of_sample.place(old, layout, new)
    assert trust.score(new, rough) > 0.7
    assert trust.score(new, fine) > 0.85
    assert np.array_equal(before[0], layout.q)
    assert np.array_equal(before[1], layout.k)
    again = out_of_sample.place(old, layout, new)
    assert np.array_equal(fine.q, again.q)


def test_ghosts_of_a_map_with_sizes_have_sizes(split):
    old, _, new = split
    layout = projection.fit(old, "attention-size")
    ghosts = out_of_sample.place(old, layout, new)
    assert ghosts.size.shape == (len(new),)
    assert trust.score(new, ghosts) > 0.8


@pytest.mark.parametrize("case", tiny_clouds())
def test_inputs_at_the_edge(case):
    cloud = tiny_clouds()[case]
    layout = projection.fit(cloud, "attention")
    ghosts = out_of_sample.place(cloud, layout, cloud)
    assert np.isfinite(ghosts.q).all()
    assert np.isfinite(ghosts.k).all()
    found = held_out(cloud, lambda c: projection.fit(c, "pca"))
    assert (found is None) == (len(cloud.starts) < 3)


def test_held_out_is_high_where_vectors_tell_and_zero_where_they_do_not():
    def fit(cloud):
        return projection.fit(cloud, "attention", options={"steps": 60})

    rounds = []
    found = held_out(topic_cloud(), fit, progress=lambda *done: rounds.append(done))
    assert found["score"] > 0.7
    assert found["queries"] == 20 * 14
    assert rounds == [(i, 5) for i in range(1, 6)]
    # In many dimensions, random vectors of other passages say nothing of these: the map itself
    # is good, and what it says of unseen text is little.
    noise = random_cloud(passages=30, d=64, strength=0.8, ends=False)
    assert trust.score(noise, fit(noise)) > 0.6
    assert held_out(noise, fit, rounds=2)["score"] < 0.25
