"""Work that nobody waits for stands back: in its process, and when turns are given."""

import json
import multiprocessing
import os
from functools import partial

from compute.jobs import aside, worker


@aside.aside
def patient(_set_progress):
    """Tell how far this process stands back."""
    return os.nice(0)


def busy(_set_progress):
    """Do the same, while somebody waits for it."""
    return os.nice(0)


def told(work) -> int:
    """Run a job's function in a process as jobs have one; return its result."""
    context = multiprocessing.get_context("fork")
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=worker.run, args=(work, True, ValueError, {}, writer))
    process.start()
    kind, _, text = reader.recv_bytes().decode().partition(" ")
    process.join()
    assert kind == worker.DONE
    return json.loads(text)


def test_a_job_done_aside_takes_what_others_leave() -> None:
    assert told(patient) == aside.LEAST > told(busy)


def test_a_job_is_done_aside_if_its_function_says_so() -> None:
    assert aside.is_aside(partial(partial(worker.run, patient, True, ValueError), {}))
    assert not aside.is_aside(partial(partial(worker.run, busy, True, ValueError), {}))
