"""What was tried against the files of a running server; the numbers are those of the faults' list.

Every test here is a real server with a cache of its own, asked as a page, or whoever, would ask.
"""

import os
import re
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from servers import Server, until
from visitor import Visitor, heatmap, no_traceback


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A folder of the user's that nobody may touch."""
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "letter.txt").write_text("dear")
    return folder


# 1: a forged name deletes a folder


NAMES = ("key", "name", "run", "frame", "scores", "nulls", "curve", "a", "b")


def test_1_a_forged_name_deletes_nothing(server, visitor, victim):
    """Every store that any callback takes, with a path wherever a name could stand."""
    run = visitor.open()
    ways_up = os.path.relpath(victim, server.cache / "runs")
    asked = 0
    for path in (str(victim), ways_up, f"{victim}/", f"{run['key']}/../../..{victim}", "*"):
        bare = dict.fromkeys(NAMES, path) | {"needs": [["runs", path], [path, path]]}
        for found in visitor.callbacks.values():
            if found["clientside_function"]:
                continue
            places = [f"{p['id']}.{p['property']}" for p in found["inputs"] + found["state"]]
            for forged in (bare, {**run, "key": path}, {**bare, "run": {**run, "key": path}}):
                stores = {place: forged for place in places if place.endswith(".data")}
                if stores:
                    output = found["output"].strip(".").split("...")[0]
                    assert visitor.ask(output, stores).status in (200, 400)
                    asked += 1
        assert (victim / "letter.txt").read_text() == "dear", path
    assert asked > 300
    assert (server.cache / "runs" / run["key"]).is_dir() and no_traceback(server)


# 11: the database of results


def test_11_a_database_damaged_under_the_server_keeps_no_page_waiting(server, visitor):
    visitor.open(text="grammar")
    for file in (server.cache / "results").iterdir():
        file.write_bytes(os.urandom(20_000))
    assert visitor.open(text="code")["text"] == "code"
    assert visitor.open(text="code")["text"] == "code"
    assert "begun anew" in server.log.read_text() and no_traceback(server)
    with closing(sqlite3.connect(server.cache / "results" / "cache.db")) as database:
        assert database.execute("SELECT count(*) FROM Cache").fetchone()[0] >= 1


# 12: array files cut short under the server


@pytest.mark.parametrize("name", ["q", "k"])
def test_12_an_array_cut_short_ends_in_a_sentence_and_a_new_computation(server, visitor, name):
    run = visitor.open(text="questions")
    assert heatmap(visitor, run).message == ""
    file = server.cache / "runs" / run["key"] / f"{name}.npy"
    whole = np.load(file)
    os.truncate(file, 4096)
    answer = heatmap(visitor, run)
    assert answer.status == 200
    assert "Reload the page" in answer.message
    again = Visitor(server).open(text="questions")
    assert again["key"] == run["key"] and np.array_equal(np.load(file), whole)
    assert heatmap(visitor, run).message == ""
    assert server.process.poll() is None and no_traceback(server)


def test_an_entry_deleted_under_the_server_is_computed_again(server, visitor):
    run = visitor.open(text="grammar")
    shutil.rmtree(server.cache / "runs" / run["key"])
    assert "Reload the page" in heatmap(visitor, run).message
    assert Visitor(server).open(text="grammar")["key"] == run["key"]
    assert heatmap(visitor, run).message == ""


def test_an_entry_damaged_while_the_server_was_stopped_is_computed_again(server):
    run = Visitor(server).open(text="grammar")
    folder = server.cache / "runs" / run["key"]
    server.stop()
    left = folder.with_name(f".{run['key']}.4000000-1.abcdefgh")  # there is no such process
    left.mkdir()
    os.truncate(folder / "manifest.json", 100)
    server.start()
    until(lambda: not left.exists(), "the start to clear what killed jobs left")
    visitor = Visitor(server)
    assert visitor.open(text="grammar")["key"] == run["key"]
    assert heatmap(visitor, run).message == "" and no_traceback(server)


class InATerminal(Server):
    """A server that hears when its terminal is closed, be the tests themselves run by nohup."""

    within = ("env", "--default-signal=HUP")


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no terminals that hang up")
def test_a_closed_terminal_leaves_no_folder_of_a_server_that_could_not_trust_its_cache(tmp_path):
    cache = tmp_path / "cache"
    cache.mkdir()
    cache.chmod(0o777)
    server = InATerminal(cache)
    (fresh,) = re.findall(r"Results are kept in (\S+)", server.log.read_text())
    assert Path(fresh).is_dir()
    server.stop(signal.SIGHUP)
    assert server.process.returncode == -signal.SIGHUP and not Path(fresh).exists()


# Held: two servers on one cache


def test_two_servers_share_a_cache(server):
    with Server(server.cache) as other:
        runs = [Visitor(each).open(text="prose") for each in (server, other)]
        assert runs[0] == runs[1]
        assert heatmap(Visitor(other), runs[0]).message == ""


# Held: switching heads does not fill the memory


def test_the_memory_of_the_server_is_level(server, visitor):
    import psutil

    run = visitor.open(text="prose")

    def rounds(count: int) -> int:
        for i in range(count):
            head = {"layer-select.value": str(i % 3), "head-select.value": str(i % 4)}
            assert heatmap(visitor, run, **head).status == 200
        return psutil.Process(server.process.pid).memory_info().rss

    before = rounds(100)
    assert rounds(200) < before + 20 * 2**20
