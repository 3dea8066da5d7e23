"""The real app in a process of its own, as a user starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import psutil
from playwright.sync_api import Page

ROOT = Path(__file__).parent.parent
PATIENCE = 150  # seconds; on an idle machine nothing takes a tenth of it

BROWSER = {
    "executable_path": os.environ.get("CHROMIUM") or "/usr/bin/chromium",
    "args": ["--no-sandbox", "--enable-unsafe-swiftshader"],
}


class Server:
    """The app as a user starts it, with a cache folder and a home for its token of its own.

    Its page needs no token, if nothing else is said: tests/gate is about that.

    Attributes
    ----------
    app : Path
    within : tuple of str
        A command that the app is started by, such as one with a disk of its own.
    env : dict
        More of its environment.
    """

    app = ROOT / "app.py"
    within: tuple[str, ...] = ()
    env: Mapping[str, str] = {}

    def __init__(self, cache: Path, *options: str, token: bool = False, home: Path | None = None):
        self.cache, self.options = cache, options if token else ("--no-token", *options)
        cache.mkdir(exist_ok=True)
        self.home = home or cache.with_name(f"{cache.name}-home")
        self.log = cache / "server.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self.launch()
        until(self.answers, "the server's first answer")

    def launch(self) -> None:
        env = os.environ | {
            "HEADSCOPE_CACHE": str(self.cache),
            "XDG_DATA_HOME": str(self.home),
            "HF_HUB_OFFLINE": "1",
            "PYTHONUNBUFFERED": "1",
            **self.env,
        }
        env.pop("OMP_NUM_THREADS", None)  # that is for the tests' own processes
        app = [sys.executable, self.app, "--port", str(self.port), *self.options]
        with self.log.open("a") as log:
            self.process = subprocess.Popen([*self.within, *app], env=env, stdout=log, stderr=log)

    def opening(self) -> str:
        """Return the address that the terminal shows: with the token, if there is one."""
        return re.findall(r"http://\S+", self.log.read_text())[-1]

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return urllib.request.urlopen(f"{self.url}health", timeout=5).status == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(PATIENCE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def gone(pid: int) -> bool:
    """Tell whether a process has ended."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until(look: Callable[[], object], what: str = "it", page: Page | None = None) -> object:
    """Wait for a condition and return its value; a page goes on living meanwhile."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if value := look():
            return value
        if page:
            page.wait_for_timeout(50)
        else:
            time.sleep(0.02)
    raise AssertionError(f"waited too long for {what}")


def jobs(server) -> list[psutil.Process]:
    """The processes of running jobs: children of the template that they are forked from."""
    found, web = [], psutil.Process(server.process.pid)
    for process in web.children(recursive=True):
        try:
            # of lower priority: what compiles UMAP aside, after the start
            forked = process.ppid() != web.pid and process.nice() == web.nice()
            if forked and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found
