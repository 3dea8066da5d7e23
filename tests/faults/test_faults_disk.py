"""A real server whose disk is full or read-only: each kind of job says so, and the rest works."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Server
from stored import FIVE_LINES
from visitor import Visitor, heatmap, no_traceback

READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
MOUNT = 'mount -t tmpfs -o size=48m,mode=700 tmpfs "$0" && exec "$@"'


class OnADisk(Server):
    """The app with its cache on a disk of 48 MiB, in a mount of its own."""

    def start(self) -> None:
        self.within = mount(MOUNT, self.cache)
        super().start()

    @property
    def disk(self) -> Path:
        """The cache as the server sees it."""
        return Path(f"/proc/{self.process.pid}/root") / self.cache.relative_to("/")

    def fill(self) -> None:
        """Leave no room at all."""
        with (self.disk / "filling").open("wb", buffering=0) as file:
            for size in (2**20, 2**12, 1):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    continue


def mount(how: str, cache: Path) -> tuple[str, ...]:
    """Return the command that starts another one with the cache mounted in some way."""
    if not shutil.which("unshare") or subprocess.run(["unshare", "-Urm", "true"]).returncode:
        pytest.skip("this system lets nobody mount a disk of their own")
    return "unshare", "-Urm", "bash", "-c", how, str(cache)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OnADisk]:
    with OnADisk(tmp_path_factory.mktemp("cache")) as server:
        yield server


def test_16_on_a_full_disk_every_kind_of_job_says_so(server):
    visitor = Visitor(server)
    run = visitor.open("demo-gpt", visitor.own_text(FIVE_LINES))
    server.fill()
    head = {"run": run["key"], "layer": 0, "head": 0}
    jobs = {
        "opened-result.data": {"request.data": {"model": "demo-bert", "text": "code"}},
        "fitted-result.data": {
            "wanted.data": {**head, "method": "attention", "dims": 2, "options": {}}
        },
        "scores-result.data": {"run.data": run},
        "induction-result.data": {
            "run.data": run,
            "induction-start.n_clicks": 1,
            "induction-trials.value": 5,
            "induction-seed.value": 0,
        },
        "patterns-averaged-result.data": {"patterns-asked.data": {"run": run["key"]}},
        "scale-scan-result.data": {"scale-scan-asked.data": {"run": run["key"]}},
        "alike-result.data": {"alike-start.n_clicks": 1, "run.data": run},
    }
    for output, values in jobs.items():
        answer = visitor.job(output, values)
        assert f"The disk of the cache folder {server.cache} is full" in answer.message, output
        assert "Make room" in answer.message
    said = visitor.use_text("Some words of mine.").message
    assert "Your text could not be kept" in said and str(server.cache) in said
    # What needs no writing still works, and nothing was left behind.
    assert heatmap(visitor, run).message == ""
    dossier = {"save-dossier.n_clicks": 1, "run.data": run}
    dossier |= {"layer-select.value": "0", "head-select.value": "0"}
    assert "is full" in visitor.job("dossier-result.data", dossier).message
    assert list(server.disk.glob("*/.*")) == []
    assert no_traceback(server)
    (server.disk / "filling").unlink()
    assert visitor.job("scores-result.data", {"run.data": run}).message == ""


def test_13_on_a_read_only_disk_it_starts_says_so_and_shows_what_is_kept(tmp_path):
    with Server(tmp_path / "cache") as server:
        run = Visitor(server).open()
        server.stop()
        server.within = mount(READ_ONLY, server.cache)
        server.start()
        log = server.log.read_text()
        said = f"The cache folder {server.cache} can't be written (Read-only file system)"
        assert f"{said}. 50 MiB are needed there" in log
        visitor = Visitor(server)
        assert visitor.open() == run and heatmap(visitor, run).message == ""
        other = {"request.data": {"model": "demo-bert", "text": "code"}}
        assert said in visitor.job("opened-result.data", other).message
        assert no_traceback(server)


def test_13_on_a_full_disk_it_starts_and_says_so(server):
    server.stop()
    command = MOUNT.replace("&& exec", '&& head -c 48M /dev/zero > "$0/filling"; exec')
    server.within = mount(command, server.cache)
    Server.start(server)
    log = server.log.read_text()
    assert f"The disk of the cache folder {server.cache} is full: 50 MiB are needed there" in log
    other = {"request.data": {"model": "demo-bert", "text": "code"}}
    assert "is full" in Visitor(server).job("opened-result.data", other).message
    assert no_traceback(server)
