"""The real page, whose models compute on a Dask worker."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
from clusters import Cluster
from pages import PATIENCE, ROOT, Server, show
from playwright.sync_api import Page
from servers import free_port


def test_a_text_is_opened_and_drawn_by_a_worker(tab: Callable[..., Page], tmp_path: Path) -> None:
    cache, folder = tmp_path / "cache", tmp_path / "cluster"
    cache.mkdir()
    folder.mkdir()
    with Cluster(folder, HEADSCOPE_CACHE=str(cache)) as cluster:
        cluster.worker()
        with Server(cache, "--scheduler", cluster.address) as server:
            page = show(tab(), server)
            page.close()
            assert psutil.Process(server.process.pid).children() == []
            log = server.log.read_text()
    assert f"Dask scheduler {cluster.address}" in log and "Traceback" not in log


def test_a_scheduler_that_is_not_there_is_said_at_the_start(monkeypatch):
    monkeypatch.setenv("HEADSCOPE_SCHEDULER", "nonsense")
    command = [sys.executable, ROOT / "app.py", "--no-token", "--port", str(free_port())]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert ended.returncode == 2
    assert "The Dask scheduler nonsense can't be reached" in ended.stderr
    assert "Traceback" not in ended.stderr
