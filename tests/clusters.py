"""A Dask scheduler and its workers, each a process of its own, as on a real cluster."""

import json
import os
import subprocess
import sys
from pathlib import Path

from servers import ROOT, until

_HIDDEN = "--no-dashboard", "--host", "127.0.0.1"


class Cluster:
    """A scheduler, and workers that are hired one by one; all end with the block.

    Parameters
    ----------
    folder : Path
        Where they work, and what they say is written.
    **variables : str
        Of all of them.
    """

    def __init__(self, folder: Path, **variables: str):
        self.folder, self.processes = folder, []
        self._variables = {"PYTHONPATH": str(ROOT)} | variables
        self._said = folder / "scheduler.json"

    def __enter__(self) -> "Cluster":
        self.start_scheduler("0")
        until(lambda: self.address or self.scheduler.poll() is not None, "the scheduler")
        return self

    def start_scheduler(self, port: str) -> None:
        """Start the scheduler, again where it was if that is its port."""
        self.scheduler = self._start("scheduler", *_HIDDEN, "--port", port)

    @property
    def address(self) -> str:
        """Where it listens; empty as long as it does not."""
        try:
            return json.loads(self._said.read_text())["address"]
        except (OSError, ValueError):
            return ""

    def worker(self, *arguments: str, **variables: str) -> subprocess.Popen:
        """Start a worker, with more arguments and variables."""
        few = "--nthreads", "1", "--local-directory", str(self.folder)
        return self._start("worker", *_HIDDEN, *few, *arguments, **variables)

    def _start(self, what: str, *arguments: str, **variables: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "dask", what, "--scheduler-file", str(self._said)]
        with (self.folder / f"{what}.log").open("a") as log:
            process = subprocess.Popen(
                [*command, *arguments],
                cwd=self.folder,
                env=os.environ | self._variables | variables,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
