"""Nothing outlives a killed server, whatever it was doing (benchmarks/kills.py: at random).

What works here would do so for minutes, or for ever, if nobody ended it: longer than one waits.
How many seconds its end takes is measured in benchmarks/kills.py.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest
import servers
from servers import gone, until
from stand_in import HERE, Page, Server


def family(name, value):
    """The processes that live and have a variable in their environment."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(name) == value and not gone(process.pid):
                found.append(process)
    return found


def wait_for_the_end(name, value):
    until(lambda: not family(name, value), "the end of what it started")


def as_a_job_starts(server):
    Page(server).start("wait a")


def while_many_processes_work(server):
    Page(server).start("family b")
    server.child("b")


def while_jobs_wait(server):
    for name in "cdef":
        Page(server).start(f"wait {name}")
    server.running("d")


def as_a_job_is_cancelled(server):
    page = Page(server).start("family g")
    server.child("g")
    page.cancel()


@pytest.mark.parametrize(
    "moment", [as_a_job_starts, while_many_processes_work, while_jobs_wait, as_a_job_is_cancelled]
)
def test_a_server_is_killed(tmp_path, moment):
    server = Server(tmp_path)
    moment(server)
    assert len(family("JOB_TRACES", str(tmp_path))) > 2
    server.stop(signal.SIGKILL)
    wait_for_the_end("JOB_TRACES", str(tmp_path))


def test_the_real_server_is_killed_while_the_template_imports(tmp_path):
    server = servers.Server(tmp_path)
    assert len(family("HEADSCOPE_CACHE", str(tmp_path))) >= 2
    server.stop(signal.SIGKILL)
    wait_for_the_end("HEADSCOPE_CACHE", str(tmp_path))


STUCK = """
import os, pathlib, threading
pathlib.Path(os.environ["SAID"]).write_text(str(os.getpid()))
threading.Event().wait()
"""
LEAVES = """
import atexit, os, pathlib
said = pathlib.Path(os.environ["SAID"])
atexit.register(said.write_text, "takes its time")
said.write_text(str(os.getpid()))
"""


@pytest.mark.parametrize("module", [STUCK, LEAVES])
def test_a_template_ends_at_once_with_its_server(tmp_path, module):
    """Be it that it never ends to import, or that it would take long to end."""
    (tmp_path / "slow.py").write_text(module)
    said = tmp_path / "said"
    code = """if True:
        from compute.jobs import worker
        process = worker.template(["slow"]).Process(target=worker.nothing)
        process.start()
        process.join()
        print("warm", flush=True)
        input()
    """
    folders = os.pathsep.join(map(str, (tmp_path, HERE.parent)))
    env = os.environ | {"SAID": str(said), "PYTHONPATH": folders}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    server = subprocess.Popen([sys.executable, "-c", code], env=env, **pipes)
    pid = until(lambda: said.exists() and said.read_text(), "the template")
    if module == LEAVES:
        assert server.stdout.readline() == b"warm\n"
    assert not gone(int(pid))
    server.kill()
    server.wait()
    wait_for_the_end("SAID", str(said))
    assert said.read_text() == pid
