"""How much memory is free, and a limit for each job: what is free when it starts, less a reserve.

The limit is the system's own where there is one (Linux): what would exceed it fails with an error
that becomes a sentence. It holds for each process; for all of them together, and on other systems,
the job manager looks several times a second whether the machine runs short (`is_short`).
"""

import contextlib
import errno
import re
from collections.abc import Iterator
from pathlib import Path

import psutil

try:
    import resource
except ImportError:  # Windows
    resource = None

MEBIBYTE = 2**20
LEAST_RESERVE, SHARE_RESERVED = 512 * MEBIBYTE, 0.05
LEAST_BUDGET = 256 * MEBIBYTE
"""What a job may take of little: half of it, up to this."""
WORTH_ENDING = 128 * MEBIBYTE
"""A job that takes less is not what the machine lacks memory for."""
_TRY = "Try a shorter text or a smaller model, or close other programs."
_SIGNS = re.compile(r"can(no|')t (allocate memory|start new)|bad_alloc", re.I)
_budget: int | None = None
"""What this process may take, if that was said."""


def free() -> int:
    """Return how many bytes could be taken now: the machine's, or a container's if it has less."""
    machine = psutil.virtual_memory().available
    return min(machine, *_of_container())


def total() -> int:
    """Return how many bytes the machine has."""
    return psutil.virtual_memory().total


def reserve() -> int:
    """Return how many bytes are left to all else."""
    return max(LEAST_RESERVE, int(SHARE_RESERVED * psutil.virtual_memory().total))


def is_short() -> bool:
    """Tell whether so little is free that the system may soon end processes of its choice."""
    return free() < reserve() // 2


def limit(share: int = 1, budget: int | None = None) -> None:
    """Limit what this process may take from now on.

    Parameters
    ----------
    share : int
        So many processes share what is free.
    budget : int, optional
        Bytes; as `budget_of` said it for all of them, before any had begun.
    """
    global _budget
    with contextlib.suppress(OSError):  # should the system end something: this, not the web process
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    _budget = budget_of(share) if budget is None else budget
    _set(_taken() + _budget)


def budget_of(share: int) -> int:
    """Return how many bytes each of some processes may take of what is free now."""
    now = free()
    return max(now - reserve(), min(now // 2, LEAST_BUDGET)) // share


def allow(more: int) -> None:
    """Raise the limit, if one is set, by a number of bytes.

    A file that is mapped to be read counts as data, though the system can take its memory back.
    """
    if _budget is not None and resource and hasattr(resource, "RLIMIT_DATA"):
        soft, _ = resource.getrlimit(resource.RLIMIT_DATA)
        if soft != resource.RLIM_INFINITY:
            _set(soft + more)


def of_tree(pid: int) -> int:
    """Return how many bytes would be free if a process and its children ended."""
    total = 0
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for each in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += each.memory_full_info().uss
    return total


def lacked(error: BaseException) -> bool:
    """Tell whether an error is one of missing memory, or was caused by one."""
    return any(_is_of_memory(each) for each in _chain(error))


def sentence() -> str:
    """Return what to tell the user when this process got no more memory."""
    if _budget is None:
        return f"There was not enough memory. {_TRY}"
    return (
        f"There was not enough memory: {_size(_budget)} could be taken (what was free when this "
        f"began, less a reserve), and more was asked for. {_TRY}"
    )


def ended(taken: int) -> str:
    """Return what to tell the user of a job that was ended because the machine ran short."""
    return (
        f"This computation was ended before the machine ran out of memory: it had taken "
        f"{_size(taken)}. {_TRY}"
    )


def _set(limit: int) -> None:
    if resource and hasattr(resource, "RLIMIT_DATA"):
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _taken() -> int:
    """Return this process's data, as the limit counts it."""
    info = psutil.Process().memory_info()
    return getattr(info, "data", info.rss)


def _of_container(root: Path = Path("/sys/fs/cgroup")) -> Iterator[int]:
    """Yield what a container's limit leaves, if there is one."""
    for folder, most, used, spare in (
        (root, "memory.max", "memory.current", "inactive_file"),
        (root / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        with contextlib.suppress(OSError, ValueError):  # none, or no limit
            left = int((folder / most).read_text()) - int((folder / used).read_text())
            stat = (folder / "memory.stat").read_text()
            found = re.search(rf"^{spare} (\d+)", stat, re.M)  # files that can be read again
            yield left + (int(found[1]) if found else 0)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _is_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, RuntimeError) and bool(_SIGNS.search(str(error)))


def _size(number: int) -> str:
    if number >= 1024 * MEBIBYTE:
        return f"{number / 2**30:.1f} GiB"
    return f"{number // MEBIBYTE} MiB"
