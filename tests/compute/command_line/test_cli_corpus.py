"""A corpus on the command line: the folder, the same for any workers; stopped, resumed, merged."""

import json
from collections.abc import Callable
from pathlib import Path

import measured
import psutil
import pyarrow.parquet as pq
import pytest

from compute.command_line import app, parts
from compute.corpora import planning
from compute.corpus import measuring

DOCUMENTS = 160


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return measured.model(tmp_path_factory.mktemp("models"))


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "SMALLEST", 3 * 2**10)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Documents of two slices, for some ten shards."""
    return measured.jsonl(tmp_path / "some.jsonl", measured.records(DOCUMENTS))


@pytest.fixture
def ask(model: str, capsys: pytest.CaptureFixture) -> Callable[..., tuple[int, str, str]]:
    """Give a function that runs the command and returns its code and what it said."""

    def run(*arguments: object) -> tuple[int, str, str]:
        merges = "--merge" in arguments
        said = [] if merges else ["--model", model, "--by", "of", "--length", 32, "--threads", 1]
        code = app.main(["corpus", *map(str, [*said, *arguments])])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def files(out: Path) -> dict[str, bytes]:
    paths = (path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}


def kill_a_worker(done: list[int]) -> None:
    """Kill a worker of this process as if the system had, once."""
    for child in psutil.Process().children(recursive=True):
        if not done and "spawn_main" in " ".join(child.cmdline()):
            done.append(child.pid)
            child.kill()


def test_workers_and_deaths_change_no_byte(
    ask, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This process; 2 workers, of which one is killed when some is read; 3: all begin anew."""
    killed: list[int] = []
    report = parts.Bar.__call__

    def deadly(bar: parts.Bar, state: tuple) -> None:
        report(bar, state)
        if "tokens a second" in state[1] and state[0] < 100:
            kill_a_worker(killed)

    found = {}
    for workers in (0, 2, 3):
        monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / f"cache-{workers}"))
        monkeypatch.setattr(parts.Bar, "__call__", deadly if workers == 2 else report)
        out = tmp_path / f"out-{workers}"
        code, told, error = ask(
            "--data", data, "--tokens", 0, "--workers", workers, "--head", "L1H2", "--out", out
        )
        assert code == 0, error
        assert json.loads(told)["documents"] == DOCUMENTS and json.loads(told)["left_out"] == 0
        assert "tokens a second" in error and (not workers or f"{workers} workers" in error)
        found[workers] = files(out)
    assert len(killed) == 1
    assert found[0] == found[2] == found[3]
    assert {"about.json", "heads.parquet", "examples.parquet", "L1H2.html"} < set(found[0])


def test_stopped_it_goes_on_where_it_was(
    ask, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []
    summarise, report = measuring.summarise, parts.Bar.__call__

    def counted(*arguments: object) -> object:
        read.append(1)
        return summarise(*arguments)

    def stop(bar: parts.Bar, state: tuple) -> None:
        if len(read) >= 3:
            raise KeyboardInterrupt
        report(bar, state)

    monkeypatch.setattr(measuring, "summarise", counted)
    monkeypatch.setattr(parts.Bar, "__call__", stop)
    asked = "--data", data, "--tokens", 0, "--workers", 0, "--out"
    code, _, error = ask(*asked, tmp_path / "out")
    assert code == 130 and error.splitlines()[-1] == app.STOPPED
    assert not (tmp_path / "out").exists()
    first = len(read)
    monkeypatch.setattr(parts.Bar, "__call__", report)
    assert ask(*asked, tmp_path / "out")[0] == 0
    every = len(read)
    assert 3 <= first < every
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "another"))
    assert ask(*asked, tmp_path / "at-once")[0] == 0
    assert len(read) == 2 * every, "nothing was read twice"
    assert files(tmp_path / "out") == files(tmp_path / "at-once")


def test_folders_are_merged(ask, data: Path, tmp_path: Path) -> None:
    lines = data.read_text().splitlines(keepends=True)
    for name, some in (("a", lines[:60]), ("b", lines[60:110]), ("both", lines[:110])):
        (tmp_path / f"{name}.jsonl").write_text("".join(some))
        asked = "--data", tmp_path / f"{name}.jsonl", "--workers", 0, "--out", tmp_path / name
        assert ask(*asked)[0] == 0
    a, b = tmp_path / "a", tmp_path / "b"
    code, told, _ = ask("--merge", a, b, "--head", "L0H0", "--out", tmp_path / "ab")
    assert code == 0
    assert {"corpus": "a.jsonl, b.jsonl", "documents": 110}.items() <= json.loads(told).items()
    assert ask("--merge", b, a, "--head", "L0H0", "--out", tmp_path / "ba")[0] == 0
    assert files(tmp_path / "ab") == files(tmp_path / "ba")
    ours, theirs = (
        {
            (row["layer"], row["head"], row["score"], row["slice"]): row
            for row in pq.read_table(tmp_path / name / "heads.parquet").to_pylist()
        }
        for name in ("ab", "both")
    )
    assert ours.keys() == theirs.keys()
    for at, row in ours.items():
        for what in ("n", "documents"):
            assert row[what] == theirs[at][what], at
        for what in ("mean", "low", "high", "difference"):
            assert row[what] == pytest.approx(theirs[at][what], abs=1e-5), (at, what)
    assert (tmp_path / "ab" / "L0H0.html").is_file()
    for wrong, said in (
        ((a, a), "named twice"),
        ((a,), "at least two"),
        ((a, tmp_path / "ab"), "would count twice"),
        ((a, tmp_path), "no folder that was written by"),
        ((a, tmp_path / "nowhere"), "no folder that was written by"),
    ):
        code, _, error = ask("--merge", *wrong, "--out", tmp_path / "c")
        assert code == 2 and said in error and not (tmp_path / "c").exists()
    code, _, error = ask("--merge", a, b, "--out", a)
    assert code == 2 and "one of the folders to add" in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Name the folder to write with --out"),
        (["--out", "out"], "Name a model with --model and a corpus with --data"),
        (["--out", "out", "folder"], "Name data with --data, or folders to be added with --merge"),
        (["--out", "out", "--merge", "--data", "texts", "a", "b"], "name these alone"),
        (["--out", "not/there"], "in a folder that exists"),
        (["--out", "full", "--data", "texts"], "full holds files that this command did not write"),
        (["--out", "out", "--data", "texts", "--data", "full"], "name it alone"),
        (["--out", "out", "--data", "texts", "--field", "a"], "has its own fields"),
        (["--out", "out", "--data", "nowhere"], "There is no file or folder"),
        (["--out", "out", "--data", "full", "--head", "L9H0"], "no head L9H0"),
        (["--out", "out", "--data", "full", "--head", "L1"], "A page is of one head"),
        (["--out", "out", "--data", "full", "--rules", "nowhere"], "nowhere can't be read"),
        (["--out", "out", "--data", "full", "--rules", "full/notes.txt"], "name = pattern"),
        (["--out", "out", "--data", "full", "--length", "4"], "--length"),
        (["--out", "out", "--data", "full", "--scheduler", "nonsense"], "can't be reached"),
    ],
)
def test_what_can_not_be_asked_is_said(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("a")
    monkeypatch.chdir(tmp_path)
    given = ["--model", "demo-gpt"] if {"texts", "full", "nowhere"} & set(arguments) else []
    given = [] if "--merge" in arguments else given
    assert app.main(["corpus", *given, *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error.splitlines()[-1] and "Traceback" not in error
    assert (tmp_path / "full" / "notes.txt").read_text() == "a"
    assert not (tmp_path / "out").exists()
