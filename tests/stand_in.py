"""A server with background jobs, and a stand-in for the page in the browser that asks for them."""

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

import pytest
import servers
from servers import until
from visitor import Visitor

HERE = Path(__file__).parent


class Server(servers.Server):
    """The app of manager_app.py in a process of its own, and the traces of its jobs."""

    app = HERE / "manager_app.py"
    within = ("env", "--default-signal=INT")  # which a shell's background jobs ignore

    def __init__(self, folder):
        self.folder, self.pages = folder, []
        paths = os.pathsep.join([str(HERE.parent), str(HERE)])
        self.env = {"JOB_TRACES": str(folder), "PYTHONPATH": paths}
        super().__init__(folder / "cache", token=True)

    def start(self):
        super().start()
        self.ended = threading.Event()
        threading.Thread(target=self.hear_pages, args=(self.ended,), daemon=True).start()

    def hear_pages(self, ended):
        """Give the signs of life of the pages that are open, as assets/page/presence.js does."""
        while not ended.wait(0.3):
            for page in list(self.pages):
                with suppress(OSError, HTTPException):
                    page.fetch(f"/health?page={page.end_id}")

    def pids(self, name):
        """The processes of the jobs of that name, in order."""
        file = self.folder / f"{name}.pids"
        return [int(line) for line in file.read_text().splitlines()] if file.exists() else []

    def running(self, name):
        """Wait for the first process of that job."""
        return until(lambda: self.pids(name), f"job {name}")[-1]

    def child(self, name):
        """Wait for the process that the job of that name started."""
        file = self.folder / f"{name}.child"
        return int(until(lambda: file.exists() and file.read_text(), "the child"))

    def go(self, name):
        """Let the job of that name end."""
        (self.folder / f"{name}.go").touch()

    def stop(self, how=signal.SIGKILL):
        """End it; if it does not, fail with where each of its threads stands."""
        self.ended.set()
        try:
            super().stop(how)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGUSR1)
            until(lambda: "most recent call first" in self.log.read_text(), "its threads")
            self.process.kill()
            pytest.fail(f"the server did not end after {how.name}:\n{self.log.read_text()}")


class Page(Visitor):
    """One page load: asks what Dash's renderer asks, and remembers what it would show."""

    def __init__(self, server):
        super().__init__(server)
        self.call = None
        server.pages.append(self)

    def close(self):
        """Close the tab; `come_back` opens it again as it was."""
        self.server.pages.remove(self)

    def come_back(self):
        self.server.pages.append(self)

    def post(self, output, inputs, **arguments):
        return self.send(self.body(output, inputs), **arguments).json

    def start(self, plan):
        """Start a job; one that still runs is given up, as the renderer does."""
        inputs = {"start.n_clicks": time.monotonic_ns(), "plan.children": plan}
        old = {"oldJob": self.call["job"]} if self.call else {}
        self.call = self.post("result.data", inputs, **old)
        self.progress = []
        return self

    def ask(self):
        """Ask once; return what the page gets when the job has ended, None before."""
        call = {"cacheKey": self.call["cacheKey"], "job": self.call["job"]}
        answer = self.post("result.data", {}, **call)
        if answer is None:
            return {"nothing": True}
        self.progress += [answer["progress"]["text.children"]] if "progress" in answer else []
        if "response" not in answer:
            return None
        self.call = None
        if "sideUpdate" in answer:
            return {"error": answer["sideUpdate"]["error"]["children"]}
        return {"result": answer["response"]["result"]["data"]}

    def outcome(self):
        """Ask until the job has ended."""
        return until(self.ask, "the outcome")

    def sees(self, text):
        """Ask until the page shows this progress, and return the page."""

        def seen():
            assert self.ask() is None
            return text in self.progress

        until(seen, text)
        return self

    def cancel(self):
        self.post("stop.id", {"stop.n_clicks": 1}, cancelJob=self.call["job"])
