"""The app in a process of its own; its cache, home and files lie in one throw-away folder."""

import contextlib
import signal
import subprocess
from pathlib import Path

import psutil
import shared


class Server(shared.Server):
    """A running app, whose folder of work is its home.

    Attributes
    ----------
    log : Path
        What the app printed.
    """

    def __init__(self, folder: Path):
        home = folder / "home"
        for each in (home, folder / "cache"):
            each.mkdir(parents=True)
        own = {"HOME": home, "HF_HOME": folder / "cache" / "hub", "PYTHONDONTWRITEBYTECODE": 1}
        there = "sh", "-c", 'cd && exec "$@"', "sh"  # in its home
        self.within = ("env", *(f"{name}={value}" for name, value in own.items()), *there)
        self.folder = folder
        super().__init__(folder / "cache", home=home)

    def alive(self) -> bool:
        """Tell whether the web process is still there."""
        return self.process.poll() is None

    def said(self) -> str:
        """Return what the app printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def memory(self) -> int:
        """Return the memory of the web process alone, in bytes."""
        return psutil.Process(self.process.pid).memory_info().rss

    def stop(self) -> None:
        """End the app and all its jobs."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        with contextlib.suppress(subprocess.TimeoutExpired):
            super().stop(signal.SIGTERM)
        for each in children:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        self.process.kill()
