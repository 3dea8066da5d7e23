"""Queries and keys are copied beside the pass: the same numbers, and nothing lost or piled up."""

import threading
import weakref

import numpy as np
import pytest
import torch
from stored import quiet
from tiny import Text

from compute import runs, store
from compute.errors import HeadscopeError
from compute.runs import kept, vectors
from compute.runs.beside import WAITING, beside


class Thing:
    """Something that a piece of work holds."""


def test_work_is_done_in_order_by_the_end_of_the_block():
    done = []
    with beside() as hand:
        for number in range(50):
            hand(lambda n=number: done.append((n, threading.get_ident())))
    assert [n for n, _ in done] == list(range(50))
    assert {thread for _, thread in done} - {threading.get_ident()} and len(done) == 50


def test_what_waits_does_not_pile_up():
    held: weakref.WeakSet[Thing] = weakref.WeakSet()
    most = 0
    with beside() as hand:
        for _ in range(50):
            held.add(thing := Thing())
            hand(lambda it=thing: str(it))
            del thing
            most = max(most, len(held))
    assert 0 < most <= WAITING + 1 and not held


def test_an_error_comes_out_and_ends_what_waits():
    done, gate = [], threading.Event()

    def fail() -> None:
        gate.wait()
        raise HeadscopeError("no room")

    with pytest.raises(HeadscopeError, match="no room"), beside() as hand:
        hand(fail)
        hand(lambda: done.append(1))
        gate.set()
        for _ in range(5):
            hand(lambda: done.append(2))
    assert 2 not in done
    with pytest.raises(HeadscopeError, match="no room"), beside() as hand:
        hand(fail)


def test_a_block_that_fails_leaves_no_thread():
    before, gate, done = threading.active_count(), threading.Event(), []
    with pytest.raises(KeyboardInterrupt), beside() as hand:
        hand(gate.wait)
        hand(lambda: done.append(1))
        threading.Timer(0, gate.set).start()
        raise KeyboardInterrupt
    assert threading.active_count() <= before + 1  # the timer may still be ending


@pytest.mark.parametrize("family", ["bert", "llama", "modernbert", "gptj", "deberta-v2"])
def test_the_vectors_are_the_same_as_without(load, family, monkeypatch):
    model, place, threads = load(family), kept.place, set()

    def seen(*args) -> None:
        threads.add(threading.get_ident())
        place(*args)

    monkeypatch.setattr(kept, "place", seen)
    monkeypatch.setattr(vectors, "BATCH", 40)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    found = vectors.extract(model, Text(), store.key("beside"), quiet)
    inside = model.net._can_set_attn_implementation()
    assert (threading.get_ident() in threads) != inside and len(threads) == 1
    threads.clear()
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)  # the pass has all cores
    alone = vectors.extract(model, Text(), store.key("alone"), quiet)
    assert threads == {threading.get_ident()}
    for name in ("q", "k", "v_norm"):
        assert np.array_equal(getattr(found, name)[:], getattr(alone, name)[:])


def test_an_error_while_copying_is_told_and_leaves_nothing(load, monkeypatch):
    def fail(*_) -> None:
        raise MemoryError("no more")

    monkeypatch.setattr(kept, "place", fail)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    with pytest.raises(MemoryError, match="no more"):
        vectors.extract(load("bert"), Text(), store.key("x"), quiet)
    assert runs.RUNS.get(store.key("x")) is None
    assert not list((store.root() / runs.RUNS.kind).iterdir())


def test_long_passages_wait_for_nothing(load, monkeypatch):
    threads, place = set(), kept.place

    def seen(*args) -> None:
        threads.add(threading.get_ident())
        place(*args)

    monkeypatch.setattr(kept, "place", seen)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    monkeypatch.setattr(vectors, "BATCH", 1)
    vectors.extract(load("bert"), Text(), store.key("x"), quiet)
    assert threads == {threading.get_ident()}


@pytest.mark.parametrize("kind, dtype", [("float32", torch.float32), ("uint16", torch.bfloat16),
                                         ("float16", torch.float16)])  # fmt: skip
@pytest.mark.parametrize("lengths", [[4], [4, 1, 3]])
def test_each_vector_is_put_in_its_place(kind, dtype, lengths):
    array, lengths = np.zeros((2, 4, 20, 6), kind), np.array(lengths)
    starts = np.array([9, 0, 15])[: len(lengths)]
    given = torch.randn(len(lengths), 2, 4, 5).to(dtype)  # half of the heads, and narrower
    kept.place(array, 1, given, starts, lengths)
    expected = np.zeros_like(array)
    bits = given.view(torch.int16).numpy().view("uint16") if kind == "uint16" else given.numpy()
    for row, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        for head in range(4):
            expected[1, head, start : start + length, :5] = bits[row, head // 2, :length]
    assert np.array_equal(array, expected)
