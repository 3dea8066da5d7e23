"""What held when it was tried against a running server, so that it goes on holding."""

import json
import os
import shutil
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import tiny
from servers import Server, until
from stored import FIVE_LINES
from visitor import Visitor, heatmap, no_traceback


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tmp_path_factory.mktemp("models") / "bert", "bert")


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../app.py",
        "/assets/..%2fapp.py",
        "/assets/%2e%2e/app.py",
        "/assets//etc/passwd",
        "/assets/..%5capp.py",
        "/assets/%00",
        "/_dash-component-suites/../app.py",
        "/_dash-component-suites/dash/../../../../etc/passwd",
        "/_dash-component-suites/os/os.py",
    ],
)
def test_paths_lead_out_of_no_folder(server, visitor, path):
    answer = visitor.fetch(path)
    assert answer.status in (400, 404, 200)
    assert b"create_app" not in answer.body and b"root:" not in answer.body
    assert answer.status != 200 or b"<!DOCTYPE html>" in answer.body  # Dash's page for any path
    assert no_traceback(server)


def test_a_forged_handle_of_a_job_is_worth_nothing(server, visitor):
    body = visitor.body("opened-result.data", {})
    for handle in ("1", "1~" + "0" * 64, str(server.process.pid) + "~" + "a" * 64):
        answer = visitor.send(body, cacheKey=handle, job=handle)
        assert answer.status in (200, 204, 400) and "key" not in answer.text
        visitor.send(visitor.body("tokens.data", {}), cancelJob=handle)
    assert server.process.poll() is None and no_traceback(server)


def replaced(name: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / name).unlink(missing_ok=True)
        make(folder / name)

    change.__name__ = f"{make.__name__} as {name}"
    return change


def loop(path: Path) -> None:
    path.symlink_to(path)


def zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


def fifo(path: Path) -> None:
    os.mkfifo(path)


def own_code(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "mine", "auto_map": {"AutoConfig": "evil.C", "AutoModel": "evil.M"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "evil.py").write_text(f"open({str(folder / 'ran')!r}, 'w')")


@pytest.mark.parametrize(
    "damage",
    [
        own_code,
        *(replaced(name, kind) for name in ("config.json", "tokenizer.json", "model.safetensors")
          for kind in (loop, zeros, fifo)),
    ],
    ids=lambda damage: damage.__name__,
)  # fmt: skip
def test_a_folder_made_by_an_enemy_ends_in_a_sentence(server, visitor, model, tmp_path, damage):
    folder = shutil.copytree(model, tmp_path / "model")
    damage(folder)
    answer = visitor.job(
        "opened-result.data", {"request.data": {"model": str(folder), "text": "grammar"}}
    )
    assert answer.status == 200 and answer.message.strip().endswith((".", ")"))
    assert "Something went wrong" not in answer.message
    assert not (folder / "ran").exists() and no_traceback(server)


@pytest.mark.parametrize(
    "content",
    ["x" * 1_000_000, "🙂 👩‍👩‍👧 ok", "שלום עולם", "ab\u202ecd", "<script>alert(1)</script>"],
    ids=["one line", "emoji", "right to left", "override", "markup"],
)
def test_strange_texts_are_texts(server, visitor, content):
    answer = visitor.use_text(content)
    name = answer.value("text-select", "value")
    if len(content) < 1000:
        assert visitor.open("demo-gpt", name)["text"] == name
    assert no_traceback(server)


def test_heatmaps_come_while_eight_maps_are_fitted(server, visitor):
    run = visitor.open("demo-gpt", visitor.own_text("\n".join([FIVE_LINES] * 4)))

    def fit(each: int):
        head = {"layer": each // 4, "head": each % 4}
        asked = {"run": run["key"], **head, "dims": 2, "options": {}}
        return Visitor(server).job(
            "fitted-result.data", {"wanted.data": {**asked, "method": "attention"}}
        )

    with ThreadPoolExecutor(8) as pool:
        fits = [pool.submit(fit, each) for each in range(8)]
        asked = 0
        while not all(each.done() for each in fits):
            assert heatmap(visitor, run).message == ""
            asked += 1
        assert all(each.result().message == "" for each in fits) and asked > 3
    assert no_traceback(server)


@pytest.mark.parametrize("busy", [False, True])
def test_a_killed_template_is_started_anew(server, visitor, busy):
    web = psutil.Process(server.process.pid)
    until(lambda: len(web.children()) >= 2, "the template")
    run = visitor.open("demo-gpt", "prose")
    if busy:
        visitor.ask(
            "fitted-result.data",
            {"wanted.data": {"run": run["key"], "layer": 0, "head": 1, "method": "tsne", "dims": 2,
                             "options": {}}},
        )  # fmt: skip
    for child in web.children():
        child.send_signal(signal.SIGKILL)
    again = {"run": run["key"], "layer": 1, "head": int(busy), "method": "attention", "dims": 2}
    again |= {"options": {"steps": 20}}
    answer = visitor.job("fitted-result.data", {"wanted.data": again})
    if answer.message:  # it may have caught the template in its last moment
        answer = visitor.job("fitted-result.data", {"wanted.data": again})
    assert answer.value("fitted-result")["name"]
    assert heatmap(visitor, run).message == ""


def test_the_page_says_when_texts_leave_no_room_for_results(tmp_path):
    with Server(tmp_path / "cache", "--cache-limit", "0.5") as server:
        visitor = Visitor(server)
        assert visitor.use_text("Some words of mine.").message == ""
        large = tmp_path / "cache" / "filling"
        with large.open("wb") as file:
            file.truncate(2**30)  # takes no room on the disk
        answer = visitor.use_text("Other words of mine.")
        said = "can't be kept to its limit of 512 MiB: texts of your own and imported vectors take"
        assert said in answer.message
        assert "Raise the limit with --cache-limit" in answer.message
        name = answer.value("text-select", "value")  # the text is kept and chosen all the same
        assert visitor.open("demo-gpt", name)["text"] == name
