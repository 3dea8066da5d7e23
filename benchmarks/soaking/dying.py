"""A server that is killed and started again, with all that it started, and what it leaves."""

import contextlib
import os
import random
import signal
import statistics
import time
from pathlib import Path

import psutil
import servers

MARK = "HEADSCOPE_SOAK"


class Dying(servers.Server):
    """The real app, which can be killed; its descendants are known by a mark."""

    def __init__(self, folder: Path):
        self.back = 0.0  # since when it is there; 0: it is not
        self.killed = {"jobs": 0, "servers": 0}
        self.slow = 0  # times that it did not answer in time after a start
        self.sizes: list[list[tuple[int, int]]] = []  # of web process and template, in each life
        self.mark = str(folder)
        super().__init__(folder / "cache")

    def start(self) -> None:
        """Start it."""
        os.environ[MARK] = self.mark
        try:
            super().start()
        except AssertionError:  # a busy machine, or it ended: whoever looks after the tabs sees it
            self.slow += 1
        finally:
            del os.environ[MARK]  # the browser does not carry it
        self.back = time.monotonic()
        self.sizes.append([])

    def kill(self, chance: random.Random) -> None:
        """Kill or stop it, and start it again a little later."""
        self.back = 0.0
        self.killed["servers"] += 1
        self.stop(chance.choices([signal.SIGKILL, signal.SIGTERM], (2, 1))[0])
        time.sleep(chance.uniform(0, 5))
        for _ in range(3):
            self.start()
            if self.process.poll() is None:
                break

    def kill_a_job(self, chance: random.Random) -> None:
        """Kill the process of a running job, or a process that works for it."""
        if jobs := self.jobs():
            with contextlib.suppress(psutil.Error):
                chance.choice(jobs).kill()
                self.killed["jobs"] += 1

    def jobs(self) -> list[psutil.Process]:
        """Return the processes of jobs: what the template started, and so on."""
        with contextlib.suppress(psutil.Error):
            return servers.jobs(self)
        return []  # there is no server

    def family(self) -> list[psutil.Process]:
        """Return everything that carries the mark and lives."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get(MARK) == self.mark and _lives(process):
                    found.append(process)
        return found

    def drafts(self) -> list[str]:
        """Return the drafts that lie in the cache."""
        return [p.name for p in self.cache.glob("*/.*")]

    def inode(self, key: str) -> int:
        """Return what tells a run's folder from one that was written again."""
        with contextlib.suppress(OSError):
            return (self.cache / "runs" / key).stat().st_ino
        return 0

    def weigh(self) -> None:
        """Note how much memory the web process and the template take."""
        with contextlib.suppress(psutil.Error):
            web = psutil.Process(self.process.pid)
            template = [
                p.memory_info().rss for p in web.children() if "forkserver" in " ".join(p.cmdline())
            ]
            self.sizes[-1].append((web.memory_info().rss, max(template, default=0)))

    def memory(self) -> str:
        """Return the memory of the longest life, early and late, in MB."""
        life = max(self.sizes, key=len)
        if len(life) < 6:
            return "too short a life to say"
        third = len(life) // 3
        early, late = life[third : 2 * third], life[2 * third :]
        return "; ".join(
            f"{name} {statistics.median(p[i] for p in early) / 1e6:.0f} MB, "
            f"later {statistics.median(p[i] for p in late) / 1e6:.0f} MB"
            for i, name in enumerate(("web process", "template"))
        )


def _lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.status() != psutil.STATUS_ZOMBIE
    return False
