"""The app in a process of its own; its cache, home and files lie in one throw-away folder."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60  # seconds


class Server:
    """A running app.

    Attributes
    ----------
    log : Path
        What the app printed.
    """

    def __init__(self, folder: Path):
        self.folder, self.log = folder, folder / "server.log"
        self.cache, self.home = folder / "cache", folder / "home"
        self.home.mkdir(parents=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._start()

    def _start(self) -> None:
        own = {
            "HEADSCOPE_CACHE": str(self.cache),
            "HOME": str(self.home),
            "XDG_DATA_HOME": str(self.home / "data"),
            "HF_HOME": str(self.cache / "hub"),
            "HF_HUB_OFFLINE": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [sys.executable, ROOT / "app.py", "--port", str(self.port), "--no-token"]
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                command, env=os.environ | own, cwd=self.home, stdout=log, stderr=log
            )
        end = time.monotonic() + PATIENCE
        while not self.answers():
            if time.monotonic() > end or not self.alive():
                raise RuntimeError(f"The app did not start:\n{self.said()}")
            time.sleep(0.05)

    def answers(self) -> bool:
        """Tell whether the app is healthy."""
        with suppress(urllib.error.URLError, OSError):
            url = f"http://127.0.0.1:{self.port}/health"
            return urllib.request.urlopen(url, timeout=5).status == 200
        return False

    def alive(self) -> bool:
        """Tell whether the web process is still there."""
        return self._process.poll() is None

    def said(self) -> str:
        """Return what the app printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def memory(self) -> int:
        """Return the memory of the web process alone, in bytes."""
        return psutil.Process(self._process.pid).memory_info().rss

    def stop(self) -> None:
        """End the app and all its jobs."""
        children = psutil.Process(self._process.pid).children(recursive=True)
        self._process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
        for each in children:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        self._process.kill()
