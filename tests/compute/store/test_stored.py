"""Kinds of results: kept on the disk, and remembered while they lie there."""

import gc
import os
import weakref

import numpy as np
import pytest
from stored import damage, in_threads

from compute import store
from compute.store import Draft, Entry, Recent, Stored, entries

A, B = store.key("a"), store.key("b")
RECENT = 2


def dump(draft: Draft, number: np.ndarray) -> None:
    draft.save("number", number)


def build(entry: Entry) -> np.ndarray:
    return entry.array("number")


def number(value: float) -> np.ndarray:
    return np.full(2, value)


def never() -> np.ndarray:
    raise AssertionError("it is there")


@pytest.fixture(params=[0, RECENT], ids=["read each time", "remembered"])
def things(request) -> Stored[np.ndarray]:
    return Stored("things", dump, build, request.param)


def test_a_result_is_made_once(things):
    assert things.ensure(A, lambda: number(1)).tolist() == [1, 1]
    assert things.ensure(A, never).tolist() == [1, 1]
    assert things.has(A) and not things.has(B)
    assert things.ref(A) == ["things", A] and store.find(*things.ref(A))


def test_a_miss_is_not_remembered(things):
    assert things.get(A) is None
    with pytest.raises(AssertionError):
        things.ensure(A, never)
    things.put(A, number(1))
    assert things.get(A).tolist() == [1, 1]


def test_what_was_dropped_is_gone_and_what_is_made_anew_is_new(things):
    for value in (1, 2):
        assert things.ensure(A, lambda value=value: number(value))[0] == value
        assert things.get(A)[0] == value
        things.drop(A)
        assert things.get(A) is None


def test_what_was_dropped_holds_no_room_on_the_disk(things):
    things.put(A, number(1))
    held = weakref.ref(things.get(A))
    things.drop(A)
    gc.collect()
    assert held() is None


def test_another_cache_folder_is_another_result(things, tmp_path, monkeypatch):
    things.put(A, number(1))
    things.get(A)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("HEADSCOPE_CACHE", str(tmp_path / "other"))
        assert things.get(A) is None
        things.put(A, number(2))
        assert things.get(A)[0] == 2
    assert things.get(A)[0] == 1


@pytest.mark.parametrize("how", ["flip", "cut", "remove", "folder"])
def test_a_damaged_entry_is_made_again(things, how):
    things.put(A, number(1))
    things.get(A)
    damage(store.root() / "things" / A, "number", how)
    assert things.ensure(A, lambda: number(2))[0] == 2
    assert things.get(A)[0] == 2


@pytest.mark.parametrize("name", ["../a", "", None, 3, ["a"], {"a": 1}])
def test_what_is_no_name_is_not_there(things, name):
    assert things.get(name) is None and not things.has(name)
    things.drop(name)


def test_a_result_that_misses_what_it_stands_on_is_not_there():
    rests = Stored("rests", dump, lambda entry: build(entry) if there else None, RECENT)
    there = []
    rests.put(A, number(1))
    assert rests.get(A) is None
    there.append(1)
    assert rests.get(A)[0] == 1


def test_those_used_last_stay_open():
    things = Stored("things", dump, build, RECENT)
    names = [store.key(i) for i in range(RECENT + 1)]
    for name in names:
        things.put(name, number(0))
    first, *_ = [things.get(name) for name in names[:RECENT]]
    assert things.get(names[0]) is first
    things.get(names[-1])
    assert things.get(names[0]) is first
    second = things.get(names[1])
    assert things.get(names[1]) is second


def test_one_that_stays_open_is_not_the_first_to_go(monkeypatch):
    monkeypatch.setattr(entries, "NOTED", 0)
    things = Stored("things", dump, build, RECENT)
    for age, name in enumerate((A, B)):
        things.put(name, number(0))
        things.get(name)
        manifest = store.root() / "things" / name / store.MANIFEST
        os.utime(manifest, (1000 + age, 1000 + age))
    things.get(A)
    store.sweep(store.usage().total - 1)
    assert things.has(A) and not things.has(B)


def test_an_array_that_was_streamed_is_not_written_again():
    things = Stored("things", dump, build)
    with things.writing(A) as draft:
        streamed = draft.create("number", (2,))
        streamed[:] = 5
        file = draft.folder / "number.npy"
        before = file.stat().st_ino
        things.dump(draft, streamed)
        assert file.stat().st_ino == before
    assert things.get(A).tolist() == [5, 5]


def test_many_threads_may_remember_at_the_same_time():
    kept = Recent(RECENT)

    def use(_: str) -> None:
        for i in range(2000):
            name = str(i % 5)
            assert kept.get(name) in (None, name)
            kept.put(name, name)

    in_threads(use)
    assert len(kept) <= RECENT
