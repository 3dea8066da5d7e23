"""Jobs on the workers of a Dask scheduler, seen from the server; stands for `running.Runner`."""

import contextlib
import os
import pickle
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from compute import store
from compute.engine import desk as desks
from compute.engine.desk import Desk
from compute.engine.tries import TIMES
from compute.errors import HeadscopeError
from compute.jobs import worker
from compute.jobs.aside import is_spread
from compute.jobs.remote import hosts
from compute.jobs.remote.host import Run, Setup
from compute.jobs.remote.hosts import Errand
from compute.jobs.running import ENDED, QUEUED, Job
from compute.jobs.worker import FAILED
from compute.version import page_version

if TYPE_CHECKING:
    from distributed import Future

NOBODY = "Waiting for a worker: the Dask scheduler has none now."
LOOK, IDLE = 0.25, 1.0
"""Seconds between two signs for the hosts: while there are jobs, and else."""
SOON = 1.0
"""Seconds after which a job that has not begun is said to wait, and of which all places may go."""
_ITS_OWN = "HEADSCOPE_CACHE", worker.MODULES, worker.SERVER
_ALSO = "HF_HUB_OFFLINE", "HF_TOKEN"


class Remote:
    """Runs jobs on the workers of a scheduler, which gives them their turn.

    Parameters
    ----------
    desk : Desk
    preload : sequence of str
        Modules that the templates there import.
    waiting : callable, optional
        Told a sentence; returns the progress to show meanwhile.
    silence : float
        Seconds: so long do hosts go on that hear nothing from here.
    """

    def __init__(
        self,
        desk: Desk,
        preload: Sequence[str],
        waiting: Callable[[str], Sequence[object]] | None,
        silence: float,
    ):
        self._desk, self._waiting = desk, waiting
        self._setup = Setup(
            tuple(preload),
            None,
            _variables(desk.scheduler),
            silence,
            page_version(),
            str(store.root().resolve()),
        )
        self._name = f"headscope-{uuid.uuid4().hex}"
        self._lock, self._wake = threading.Lock(), threading.Event()
        self._number = 0
        self._jobs: dict[int, Job] = {}
        self._begun: set[int] = set()
        self._places: set[str] = set()
        desk.hear(self._name, self._hear)
        threading.Thread(target=self._keep_in_touch, daemon=True).start()

    def run(self, job: Job) -> tuple[str, str]:
        """Run a job; see `running.Runner.run`."""
        try:
            with self._wanted(job) as number:
                kind, text = self._run(job, number)
        except HeadscopeError as error:
            kind, text = FAILED, str(error)
        except Exception as error:
            kind, text = FAILED, worker.sentence("starting the computation", error)
        return kind, text if kind != FAILED else job.why or text

    def end(self, job: Job, why: str) -> None:
        """End a job at once, whether it runs or waits for its turn."""
        job.why = why
        job.turn.set()

    def warm_up(self, then: Callable[[], None] | None) -> None:
        """Have a function run aside on each machine where jobs will run; when the first comes."""
        self._setup = replace(self._setup, then=then)

    def close(self) -> None:
        """End what runs for this server, everywhere."""
        self._desk.ask(self._places, hosts.leave, self._name)
        self._desk.close()

    @contextlib.contextmanager
    def _wanted(self, job: Job) -> Iterator[int]:
        with self._lock:
            self._number += 1
            number = self._number
            self._jobs[number] = job
        try:
            yield number
        finally:
            with self._lock:
                del self._jobs[number]
                self._begun.discard(number)
            self._wake.set()

    def _run(self, job: Job, number: int) -> tuple[str, str]:
        order = Run(number, pickle.dumps(job.target), job.aside, is_spread(job.target))
        errand = Errand(self._name, self._setup, order)
        for _ in range(TIMES):
            present = self._wait_for_a_worker(job)
            if job.why:
                break
            given = self._desk.give(hosts.attend, errand, workers=present, urgent=not job.aside)
            try:
                outcome = self._result(job, number, given, present)
            finally:
                desks.stop(given)
            if outcome:
                return outcome
        return FAILED, ENDED

    def _wait_for_a_worker(self, job: Job) -> set[str]:
        while not (present := self._desk.present()) and not job.why:
            job.progress = self._shown(NOBODY)
            job.turn.wait(IDLE)
        job.progress = None
        return present

    def _result(
        self, job: Job, number: int, given: "Future", places: set[str]
    ) -> tuple[str, str] | None:
        """Wait for the end of a job, by itself or as it is to be ended; None: all places are gone.

        Of those to which it was given one is enough: the scheduler sees that another has it.
        """
        given.add_done_callback(lambda _: job.turn.set())
        while not job.turn.wait(SOON):
            if number not in self._begun:
                job.progress = self._shown(QUEUED)
            if not self._desk.present() & places:
                return None
        return (FAILED, "") if job.why else desks.fetch(given, killed=ENDED)

    def _hear(self, message: dict) -> None:
        """Take note of where a job has begun."""
        self._places = self._places | {message["worker"]}
        with self._lock:
            if message["job"] in self._jobs:
                self._begun.add(message["job"])
                self._jobs[message["job"]].progress = None
        self._wake.set()

    def _keep_in_touch(self) -> None:
        while True:
            self._wake.wait(LOOK if self._jobs else IDLE)
            self._wake.clear()
            try:
                self._look()
            except Exception as error:  # printed; it goes on
                worker.sentence("looking after the computations", error)

    def _look(self) -> None:
        with self._lock:
            wanted, upto = {*self._jobs}, self._number
        for place, news in self._desk.ask(
            self._places, hosts.ask, self._name, wanted, upto
        ).items():
            if news is None:
                self._places = self._places - {place}
            for each in news or ():
                job = self._jobs.get(each.number)
                if job:
                    job.progress = self._shown(each.shown) if each.waits else each.shown

    def _shown(self, sentence: str) -> Sequence[object] | None:
        return self._waiting(sentence) if self._waiting else None


def _variables(scheduler: str) -> tuple[tuple[str, str], ...]:
    """Return what this server was told by variables, such as the device; not what is its own."""
    names = {name for name in os.environ if name.startswith("HEADSCOPE_")} - {*_ITS_OWN}
    told = {name: os.environ[name] for name in sorted(names | {*_ALSO} & {*os.environ})}
    return tuple((told | {"HEADSCOPE_SCHEDULER": scheduler}).items())
