"""A server with background jobs, and a stand-in for the page in the browser that asks for them."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from servers import PATIENCE, free_port, until
from visitor import asking

HERE = Path(__file__).parent


class Server:
    """The app of manager_app.py in a process of its own, and the traces of its jobs."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.log = folder / "log"
        self.pages = []
        self.start()

    def start(self):
        env = os.environ | {
            "JOB_TRACES": str(self.folder),
            "HEADSCOPE_CACHE": str(self.folder / "cache"),
            "PYTHONPATH": os.pathsep.join([str(HERE.parent), str(HERE)]),
        }
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, HERE / "manager_app.py", str(self.port)],
                env=env,
                stdout=log,
                stderr=log,
                # Tests that run in the background of a shell would hand on that they ignore it.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
        until(self.answers, "the server")
        self.ended = threading.Event()
        threading.Thread(target=self.hear_pages, args=(self.ended,), daemon=True).start()

    def hear_pages(self, ended):
        """Give the signs of life of the pages that are open, as assets/page/presence.js does."""
        while not ended.wait(0.3):
            for page in list(self.pages):
                with suppress(OSError):
                    urllib.request.urlopen(self.url(f"health?page={page.end_id}"), timeout=5)

    def answers(self):
        assert self.process.poll() is None, self.log.read_text()
        with suppress(urllib.error.URLError, OSError):
            return urllib.request.urlopen(self.url(""), timeout=5).status == 200

    def url(self, path):
        return f"http://127.0.0.1:{self.port}/{path}"

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
        self.process.send_signal(how)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGUSR1)
            until(lambda: "most recent call first" in self.log.read_text(), "its threads")
            self.process.kill()
            pytest.fail(f"the server did not end after {how.name}:\n{self.log.read_text()}")


class Page:
    """One page load: asks what Dash's renderer asks, and remembers what it would show."""

    def __init__(self, server):
        self.server, self.call = server, None
        config = re.search(
            r'<script id="_dash-config"[^>]*>(.*?)</script>',
            urllib.request.urlopen(server.url(""), timeout=PATIENCE).read().decode(),
        )
        self.end_id = json.loads(config[1])["end_id"]
        server.pages.append(self)

    def close(self):
        """Close the tab; `come_back` opens it again as it was."""
        self.server.pages.remove(self)

    def come_back(self):
        self.server.pages.append(self)

    def post(self, output, inputs, **arguments):
        query = "&".join(f"{k}={v}" for k, v in {"endId": self.end_id, **arguments}.items() if v)
        request = urllib.request.Request(
            self.server.url(f"_dash-update-component?{query}"),
            json.dumps(asking(output, inputs)).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read() or "null")

    def start(self, plan):
        """Start a job; one that still runs is given up, as the renderer does."""
        inputs = {"start.n_clicks": time.monotonic_ns(), "plan.children": plan}
        old = self.call["job"] if self.call else None
        self.call = self.post("result.data", inputs, oldJob=old)
        self.progress = []
        return self

    def ask(self):
        """Ask once; return what the page gets when the job has ended, None before."""
        inputs = {"start.n_clicks": None, "plan.children": None}
        call = {"cacheKey": self.call["cacheKey"], "job": self.call["job"]}
        answer = self.post("result.data", inputs, **call)
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
        """Ask until the page shows this progress."""

        def seen():
            assert self.ask() is None
            return text in self.progress

        return until(seen, text)

    def cancel(self):
        self.post("stop.id", {"stop.n_clicks": 1}, cancelJob=self.call["job"])
