"""Large arrays on disk: indexed as NumPy's, and a file cut short is told, not fatal."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from compute.store import Damaged, OnDisk

SHAPE = (3, 4, 5, 2)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, OnDisk]:
    array = np.arange(np.prod(SHAPE), dtype=np.float32).reshape(SHAPE)
    path = tmp_path_factory.mktemp("arrays") / "a.npy"
    np.save(path, array)
    return array, OnDisk(path)


@pytest.mark.parametrize(
    "index",
    [
        1,
        -1,
        (1, 2),
        (np.int64(1), -4, 3),
        (0, 0, 0, 1),
        slice(1, 3),
        slice(None, None, 2),
        slice(3, 1),
        slice(None, None, -1),
        (slice(None), [0, 2, 1]),
        (slice(None), np.array([[0, 1], [3, 3]])),
        (1, slice(None), slice(1, 4)),
        (slice(1, None), slice(None), slice(1, 4), 0),
        (2, slice(None), np.array([4, 0, 1])),
        np.array([2, 0]),
        np.array([True, False, True]),
        np.array([], int),
        (1, 2, np.array([[0, 1], [3, 4]])),
        (1, Ellipsis, np.array([0, 1, 1])),
        (1, None, np.array([0, 2])),
        np.array(1),
        np.arange(12).reshape(3, 4) % 5 == 0,
        Ellipsis,
    ],
    ids=str,
)
def test_it_gives_what_numpy_gives(both, index):
    array, stored = both
    found = np.asarray(stored[index])
    assert found.dtype == array.dtype and found.shape == array[index].shape
    assert (found == array[index]).all()


@given(arrays.basic_indices(SHAPE, allow_newaxis=False))
def test_it_gives_what_numpy_gives_for_any_basic_index(both, index):
    array, stored = both
    assert np.array_equal(np.asarray(stored[index]), array[index])


@given(st.data())
def test_it_gives_what_numpy_gives_for_stretches_of_tokens(both, data):
    array, stored = both
    picks = data.draw(
        arrays.arrays(
            np.int64, arrays.array_shapes(max_dims=2, max_side=6), elements=st.integers(-5, 4)
        )
    )
    assert np.array_equal(stored[1][:, picks], array[1][:, picks])


def test_it_knows_its_shape_and_reads_all_of_it(both):
    array, stored = both
    assert (stored.shape, stored.ndim, len(stored), stored.nbytes) == (SHAPE, 4, 3, array.nbytes)
    assert np.array_equal(np.asarray(stored), array)
    assert np.asarray(stored, dtype=np.float64).dtype == np.float64
    assert isinstance(stored[0], OnDisk) and isinstance(stored[0, 0], np.ndarray)


@pytest.mark.parametrize("index", [3, -4, (0, 4), np.array([3]), (1, 0, np.array([-6]))], ids=str)
def test_what_is_not_there_is_an_index_error(both, index):
    with pytest.raises(IndexError):
        np.asarray(both[1][index])


def test_a_file_cut_short_while_it_is_open_is_told(tmp_path: Path):
    path = tmp_path / "a.npy"
    np.save(path, np.ones((4, 1000), np.float32))
    stored = OnDisk(path)
    assert stored.whole()
    os.truncate(path, 9000)
    assert not stored.whole()
    assert stored[0].sum() == 1000  # what is there can be read
    with pytest.raises(Damaged, match="damaged while it was in use"):
        stored[3]
    with pytest.raises(Damaged):
        OnDisk(path)


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY\x01\x00\x10\x00{'a': 1}       "])
def test_a_file_that_is_no_array_is_told(tmp_path: Path, content: bytes):
    path = tmp_path / "a.npy"
    path.write_bytes(content)
    with pytest.raises(Damaged):
        OnDisk(path)
    with pytest.raises(Damaged):
        OnDisk(tmp_path / "none.npy")


def test_an_array_of_python_objects_is_refused(tmp_path: Path):
    path = tmp_path / "a.npy"
    np.save(path, np.array([{}], object), allow_pickle=True)
    with pytest.raises(Damaged):
        OnDisk(path)


def test_it_outlives_its_file_but_says_that_it_is_gone(tmp_path: Path):
    path = tmp_path / "a.npy"
    np.save(path, np.arange(6.0).reshape(2, 3))
    stored = OnDisk(path)
    path.unlink()
    assert not stored.whole()
    assert stored[1].tolist() == [3, 4, 5]
