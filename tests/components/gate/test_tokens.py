"""The token's file, and what is made of the token."""

import os
import stat
import threading
from pathlib import Path

import pytest

from components.gate import tokens
from compute.errors import HeadscopeError

GOOD = "a-token-of-my-own-1"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "share" / "headscope" / "token"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_is_made_once_and_private(path: Path) -> None:
    token, note = tokens.kept(path)
    assert len(token) > 40 and not note
    assert mode(path) == 0o600 and mode(path.parent) == 0o700
    assert tokens.kept(path) == (token, "")


def test_two_servers_that_start_at_once_have_the_same(path: Path) -> None:
    found, together = [], threading.Barrier(8)

    def start() -> None:
        together.wait()
        found.append(tokens.kept(path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1


def test_an_open_folder_is_made_private(path: Path) -> None:
    path.parent.mkdir(parents=True, mode=0o755)
    tokens.kept(path)
    assert mode(path.parent) == 0o700


@pytest.mark.parametrize("open_to", [0o644, 0o640, 0o602])
def test_one_that_others_could_read_is_replaced(path: Path, open_to: int) -> None:
    old, _ = tokens.kept(path)
    path.chmod(open_to)
    new, note = tokens.kept(path)
    assert new != old and "could be read by other users" in note and str(path) in note
    assert mode(path) == 0o600 and tokens.kept(path) == (new, "")


def test_one_of_somebody_else_is_replaced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, _ = tokens.kept(path)
    real = os.fstat

    def of_another(handle: int) -> os.stat_result:
        return os.stat_result([*real(handle)[:4], os.geteuid() + 1, *real(handle)[5:]])

    monkeypatch.setattr(tokens.os, "fstat", of_another)
    new, note = tokens.kept(path)
    assert new != old and "belonged to somebody else" in note


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 40, b"with a space in the middle\n"])
def test_a_damaged_one_is_replaced(path: Path, content: bytes) -> None:
    tokens.kept(path)
    path.write_bytes(content)
    new, note = tokens.kept(path)
    assert "was damaged" in note
    assert tokens.kept(path) == (new, "")


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text(GOOD)
    elsewhere.chmod(0o600)
    path.parent.mkdir(parents=True)
    path.symlink_to(elsewhere)
    token, note = tokens.kept(path)
    assert token != GOOD and "was not a plain file" in note
    assert elsewhere.read_text() == GOOD and not path.is_symlink()


def test_a_pipe_in_its_place_does_not_hold_the_start_up(path: Path) -> None:
    path.parent.mkdir(parents=True)
    os.mkfifo(path, 0o600)
    _, note = tokens.kept(path)
    assert "was not a plain file" in note


def test_without_a_place_to_keep_it_there_is_one_for_this_run(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    one, note = tokens.kept(blocked / "headscope" / "token")
    other, _ = tokens.kept(blocked / "headscope" / "token")
    assert one != other and len(one) > 40
    assert "for this run only" in note


def test_the_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path / "cache"))
    assert tokens.file() == tmp_path / "headscope" / "token"


def test_one_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.write_text(f"  {GOOD}\n\n")
    path.chmod(0o600)
    assert tokens.given(path) == (GOOD, "")
    path.chmod(0o644)
    token, note = tokens.given(path)
    assert token == GOOD and "chmod 600" in note


@pytest.mark.parametrize("content", [b"", b"only-15-letters", b"has a space in it", b"\xff" * 30])
def test_one_of_ones_own_that_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine"
    path.write_bytes(content)
    with pytest.raises(HeadscopeError, match="token"):
        tokens.given(path)


def test_one_of_ones_own_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(HeadscopeError, match="can't be read: No such file"):
        tokens.given(tmp_path / "none")


def test_what_is_made_of_it() -> None:
    made = {
        tokens.cookie_value(GOOD, 8050),
        tokens.cookie_value(GOOD, 8051),
        tokens.cookie_value(GOOD + "2", 8050),
        tokens.secret(GOOD).hex(),
    }
    assert len(made) == 4 and not any(GOOD in one for one in made)
    assert tokens.cookie_value(GOOD, 8050) == tokens.cookie_value(GOOD, 8050)
    assert tokens.cookie_name(8050) != tokens.cookie_name(8051)
    assert tokens.equal("é\ud800", "é\ud800") and not tokens.equal("é", "e")


def test_a_code_for_a_single_use(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = tokens.OnceCodes()
    one, other = codes.new(), codes.new()
    assert codes.use(one) and not codes.use(one)
    assert not codes.use("") and not codes.use("guessed")
    later = tokens.time.monotonic() + tokens.ONCE_SECONDS + 1
    monkeypatch.setattr(tokens.time, "monotonic", lambda: later)
    assert not codes.use(other)
