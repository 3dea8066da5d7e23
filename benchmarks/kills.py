"""Does anything outlive a killed server? Kills at random moments, on a machine that is busy.

``python benchmarks/kills.py --kills 200`` starts the app, lets it do one thing, kills the web
process alone and counts what it had started and is still there. Cache and home are in a throw-away
folder; two loops keep the processor busy meanwhile.
"""

import contextlib
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import psutil
import typer
from shared import Server as App
from shared import servers, until
from visitor import Visitor

ALLOWED, PATIENCE = 15.0, 60.0
"""Seconds in which everything must be gone; and after which what is not is ended from here."""
MARK = "HEADSCOPE_KILLS"
BUSY = "while True: pass"
TEXTS, METHODS = ("prose", "questions", "code"), ("umap", "tsne")


class Server(App):
    """The app in a process of its own, all of whose descendants carry a mark."""

    def __init__(self, folder: Path, code: Path):
        self.folder, self.mark, home = folder, uuid.uuid4().hex, folder / "home"
        (folder / "cache").mkdir(exist_ok=True)
        self.within = ("env", f"{MARK}={self.mark}", f"HOME={home}", f"NUMBA_CACHE_DIR={code}")
        super().__init__(folder / "cache", home=home)

    def start(self) -> None:
        """Start it, and wait for nothing."""
        self.launch()

    def ready(self) -> Visitor:
        """Wait for the page."""
        until(self.answers)
        visitor = Visitor(self)
        threading.Thread(target=self._give_signs, args=(visitor.end_id,), daemon=True).start()
        return visitor

    def _give_signs(self, page: str) -> None:
        """Say that a page is there, as it does itself, until the server is not."""
        url = f"{self.url}health?page={page}"
        while self.process.poll() is None:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(url, timeout=30).close()
            time.sleep(2)

    def family(self) -> list[psutil.Process]:
        """Return the processes that carry the mark, whoever their parent is now."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                living = process.status() != psutil.STATUS_ZOMBIE
                if living and process.environ().get(MARK) == self.mark:
                    found.append(process)
        return found

    def jobs(self) -> list[psutil.Process]:
        """Return the processes of jobs and of what they started."""
        return servers.jobs(self)

    def kill(self) -> float:
        """Kill the web process alone; return the seconds until all others were gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        killed, told = time.monotonic(), False
        while left := self.family():
            seconds = time.monotonic() - killed
            if seconds > ALLOWED and not told:
                told = True
                for process in left:
                    describe(process)
            if seconds > PATIENCE:
                for process in left:
                    process.kill()
                return float("inf")
            time.sleep(0.1)
        return time.monotonic() - killed


def is_aside(process: psutil.Process) -> bool:
    """Tell whether a process is of lower priority: what compiles UMAP after the start."""
    with contextlib.suppress(psutil.Error):
        return process.nice() > psutil.Process().nice()
    return False


def describe(process: psutil.Process) -> None:
    """Print what a process is that should be gone."""
    with contextlib.suppress(psutil.Error):
        times = process.cpu_times()
        print(
            f"   left: {process.pid} of {process.ppid()}, {process.status()}, "
            f"nice {process.nice()}, {process.num_threads()} threads, "
            f"{times.user + times.system:.0f} s of work, {process.cmdline()[-1][:100]}",
            flush=True,
        )


def opening(visitor: Visitor, model: str, text: str) -> str:
    """Ask for a text to be opened; return the handle of the job."""
    wanted = {"request.data": {"model": model, "text": text}}
    return visitor.ask("opened-result.data", wanted).json["job"]


def new_text(folder: Path, chance: random.Random) -> str:
    """Write a text of one's own that nobody opened yet; MiniLM reads it for seconds."""
    from compute import texts

    os.environ["HEADSCOPE_CACHE"] = str(folder / "cache")
    line = "the cat and the dog of the house " * 8
    content = "\n".join(f"{chance.random()} {i} {line}" for i in range(150))
    return texts.save_user(texts.from_user(content, name="Long"))


# The moments: each brings a server to where it is killed a little later, at random.


def while_starting(server: Server, chance: random.Random) -> float:
    """Kill it before or just after it listens."""
    return 2.5


def while_the_template_imports(server: Server, chance: random.Random) -> float:
    """Kill it while the libraries are loaded."""
    server.ready()
    return 8


def while_umap_compiles(server: Server, chance: random.Random) -> float:
    """Kill it while another process compiles, at low priority."""
    server.ready()
    until(lambda: any(map(is_aside, server.family())))
    return 12


def as_a_job_starts(server: Server, chance: random.Random) -> float:
    """Kill it when a job was just asked for."""
    visitor = server.ready()
    visitor.open("demo-bert", "grammar")  # the libraries are loaded then
    opening(visitor, "minilm", new_text(server.folder, chance))
    return 0.3


def while_a_job_runs(server: Server, chance: random.Random) -> float:
    """Kill it while a model reads."""
    visitor = server.ready()
    opening(visitor, "minilm", new_text(server.folder, chance))
    until(server.jobs)
    return 6


def while_many_processes_work(server: Server, chance: random.Random) -> float:
    """Kill it while a job lays out heads in several processes."""
    visitor = server.ready()
    run = visitor.open("minilm", chance.choice(TEXTS))
    asked = {"run": run["key"], "method": chance.choice(METHODS), "dims": 2, "options": []}
    visitor.ask("trusts-result.data", {"trusts-asked.data": asked})
    until(lambda: len(server.jobs()) > 2)
    return 6


def as_a_job_is_cancelled(server: Server, chance: random.Random) -> float:
    """Kill it at the same time as a job."""
    visitor = server.ready()
    job = opening(visitor, "minilm", new_text(server.folder, chance))
    until(server.jobs)
    body = visitor.body(
        "opened-result.data", {"request.data": {"model": "minilm", "text": "prose"}}
    )
    visitor.send(body, oldJob=job)
    return 0.2


def while_jobs_wait(server: Server, chance: random.Random) -> float:
    """Kill it while two jobs run and others wait for their turn."""
    visitor = server.ready()
    for _ in range(4):
        opening(visitor, "minilm", new_text(server.folder, chance))
    until(server.jobs)
    return 4


MOMENTS = (
    while_starting,
    while_the_template_imports,
    while_umap_compiles,
    as_a_job_starts,
    while_a_job_runs,
    while_many_processes_work,
    as_a_job_is_cancelled,
    while_jobs_wait,
)


@contextlib.contextmanager
def load(count: int) -> Iterator[None]:
    """Keep the processor busy."""
    loops = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()


def one(folder: Path, moment: Callable, chance: random.Random) -> float:
    """Start a server, kill it at a moment, and return how long others outlived it."""
    code = folder / "numba"
    if moment is while_umap_compiles:
        code = Path(tempfile.mkdtemp(dir=folder))
    server = Server(folder, code)
    try:
        until_then = moment(server, chance)
        time.sleep(chance.uniform(0, until_then))
    except KeyboardInterrupt:
        server.kill()
        raise
    except Exception as error:  # killed where it was
        print(f"   {moment.__name__}: not reached ({error!r})", flush=True)
    return server.kill()


def main(
    kills: Annotated[int, typer.Option(help="How many servers are killed.")] = 200,
    seed: Annotated[int, typer.Option(help="Of the moments.")] = 0,
    busy: Annotated[int, typer.Option(help="Loops that keep the processor busy.")] = 2,
    only: Annotated[str, typer.Option(help="A part of a moment's name.")] = "",
) -> None:
    """Kill servers at random moments and count what outlives them."""
    moments = [moment for moment in MOMENTS if only in moment.__name__]
    folder = Path(tempfile.mkdtemp(prefix="headscope-kills-"))
    (folder / "home").mkdir()
    times: dict[str, list[float]] = {moment.__name__: [] for moment in moments}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with load(busy):
            for i in range(kills):
                moment = moments[i % len(moments)]
                seconds = one(folder, moment, random.Random(f"{seed} {i}"))
                times[moment.__name__].append(seconds)
                print(f"{i + 1:4d} {moment.__name__:28s} {seconds:6.1f} s", flush=True)
    except KeyboardInterrupt:
        print("Stopped early.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\n| killed … | servers | all gone within 15 s | median | slowest |")
    print("|---|---|---|---|---|")
    for name, took in times.items():
        if took:
            gone = sum(seconds <= ALLOWED for seconds in took)
            print(
                f"| {name.replace('_', ' ')} | {len(took)} | {gone} | "
                f"{statistics.median(took):.1f} s | {max(took):.1f} s |"
            )
    everything = [seconds for took in times.values() for seconds in took]
    print(f"\n{sum(s <= ALLOWED for s in everything)} of {len(everything)} ended.")
    raise SystemExit(not all(seconds <= ALLOWED for seconds in everything))


if __name__ == "__main__":
    typer.run(main)
