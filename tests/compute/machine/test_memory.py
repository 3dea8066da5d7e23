"""What a job may take: real allocations by NumPy, torch and processes of a pool."""

import subprocess
import sys
from pathlib import Path

import pytest

from compute.errors import HeadscopeError
from compute.jobs import worker
from compute.machine import memory

ROOT = Path(__file__).parents[3]
linux = pytest.mark.skipif(sys.platform != "linux", reason="the system sets no such limit")

# 300 MiB may be taken here.
LIMITED = """
import numpy as np
import torch
from compute.jobs import worker
from compute.machine import memory, pool

MIB = 2**20
memory.free = lambda: memory.reserve() + 300 * MIB
held = []

def numbers(mib):
    held.append(np.ones(mib * MIB, np.uint8))
    return len(held)

def passing(mib):  # one process may get all items
    return len(np.ones(mib * MIB, np.uint8)) // MIB

def told(do, *what):
    try:
        return do(*what)
    except Exception as error:
        return worker.sentence("computing", error)
    finally:
        held.clear()

if __name__ == "__main__":
    memory.limit()
    print(told(numbers, 200))
    print(told(numbers, 400))
    print(told(torch.ones, 100 * MIB))
    print(told(lambda: [numbers(50) for _ in range(10)]))
    print(told(lambda: sorted(n for _, n in pool.each(passing, [100, 120]))))
    print(told(lambda: list(pool.each(passing, [100, 200]))))
    memory.allow(300 * MIB)
    print(told(numbers, 400))
"""


@linux
def test_what_would_take_too_much_fails_with_a_sentence(tmp_path):
    script = tmp_path / "limited.py"
    script.write_text(LIMITED)
    reply = subprocess.run(
        [sys.executable, script],
        env={"PYTHONPATH": str(ROOT), "HEADSCOPE_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    lines = reply.stdout.splitlines()
    sentence = (
        "There was not enough memory: 300 MiB could be taken (what was free when this began, less "
        "a reserve), and more was asked for. Try a shorter text or a smaller model, or close other "
        "programs."
    )
    assert lines == ["1", sentence, sentence, sentence, "[100, 120]", sentence, "1"], reply.stderr


def test_the_errors_of_missing_memory():
    assert memory.lacked(MemoryError())
    assert memory.lacked(OSError(12, "Cannot allocate memory"))
    assert memory.lacked(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"))
    assert memory.lacked(RuntimeError("can't start new thread"))
    assert not memory.lacked(OSError(28, "No space left on device"))
    assert not memory.lacked(ValueError("can't allocate memory"))


def test_a_sentence_that_hides_missing_memory_is_not_told():
    def fail(with_sentence):
        try:
            raise MemoryError
        except MemoryError as error:
            raise HeadscopeError(with_sentence) from error

    with pytest.raises(HeadscopeError) as wrong:
        fail("The weights are broken.")
    assert worker.sentence("computing", wrong.value).startswith("There was not enough memory.")
    with pytest.raises(HeadscopeError) as right:
        fail("It does not fit into memory.")
    assert worker.sentence("computing", right.value) == "It does not fit into memory."


def test_a_container_may_have_less_than_the_machine(tmp_path, monkeypatch):
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("700000\n")
    (tmp_path / "memory.stat").write_text("anon 1\ninactive_file 200000\n")
    assert list(memory._of_container(tmp_path)) == [500_000]
    (tmp_path / "memory.max").write_text("max\n")
    assert list(memory._of_container(tmp_path)) == []
    monkeypatch.setattr(memory, "_of_container", lambda: iter([memory.reserve() // 4]))
    assert memory.free() == memory.reserve() // 4
    assert memory.is_short()
