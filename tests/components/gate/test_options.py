"""What the options of the command line mean, and what the terminal says."""

import subprocess
import sys
from pathlib import Path

import pytest
from pages import ROOT

from components.gate import hosts, options
from compute.errors import HeadscopeError


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def test_on_this_machine_alone() -> None:
    settings, notes = options.settings_of("127.0.0.1", 8050)
    assert settings.token and not notes and not settings.everywhere
    assert options.announcement("127.0.0.1", settings) == [
        f"Headscope is at http://127.0.0.1:8050/?token={settings.token}  (stop it with Ctrl+C)"
    ]
    again, _ = options.settings_of("127.0.0.1", 8050)
    assert (again.token, again.secret) == (settings.token, settings.secret)
    assert settings.token not in repr(settings)


def test_without_a_token() -> None:
    settings, notes = options.settings_of("localhost", 8050, ["127.0.0.2"], use_token=False)
    assert settings.token is None and not notes
    assert options.address("localhost", settings) == "http://localhost:8050"
    with_token, _ = options.settings_of("localhost", 8050)
    assert settings.secret == with_token.secret  # handles of jobs outlive a restart all the same


@pytest.mark.parametrize(
    "more", [{"host": "0.0.0.0"}, {"host": "::"}, {"host": "box.lan"}, {"allowed": ["box.lan"]}]
)
def test_other_machines_need_it(more: dict) -> None:
    with pytest.raises(HeadscopeError, match="Other machines need the token"):
        options.settings_of(**{"host": "127.0.0.1", "port": 8050, "use_token": False} | more)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "box.lan"])
def test_the_terminal_says_who_can_reach_it(host: str) -> None:
    settings, _ = options.settings_of(host, 8050)
    first, who, how = options.announcement(host, settings)
    shown = hosts.written(hosts.reachable(host))
    assert f"http://{shown}:8050/?token={settings.token}" in first
    assert "0.0.0.0" not in first and "[::]" not in first
    assert "Every machine that reaches port 8050" in who
    assert "plain HTTP" in how and "ssh -L 8050:127.0.0.1:8050" in how


def test_an_address_of_ipv6() -> None:
    settings, _ = options.settings_of("::1", 8050)
    assert options.address("::1", settings).startswith("http://[::1]:8050/?token=")
    assert len(options.announcement("::1", settings)) == 1


def test_the_browser_is_opened_with_a_code() -> None:
    settings, _ = options.settings_of("127.0.0.1", 8050)
    address = options.address("127.0.0.1", settings, "once")
    assert settings.token not in address
    assert settings.once.use(address.partition("?once=")[2])


def test_a_token_of_ones_own_stays_out_of_the_log(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.write_text("a token/of?mine&more".replace(" ", "-"))
    path.chmod(0o600)
    settings, notes = options.settings_of("127.0.0.1", 8050, token_file=path)
    said = "\n".join([*notes, *options.announcement("127.0.0.1", settings, path)])
    assert settings.token == "a-token/of?mine&more"
    assert settings.token not in said and str(path) in said
    assert "token=a-token%2Fof%3Fmine%26more" in options.address("127.0.0.1", settings)


@pytest.mark.parametrize("bad", ["", "a b", "http://box.lan", "box.lan/x"])
def test_what_is_no_host(bad: str) -> None:
    with pytest.raises(HeadscopeError, match="is not the name or address of a host"):
        options.settings_of("127.0.0.1", 8050, [bad])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--no-token", "--host", "0.0.0.0"], "Other machines need the token"),
        (["--token-file", "/nowhere/at/all"], "can't be read: No such file"),
    ],
)
def test_options_that_do_not_fit_end_the_start(given: list[str], said: str) -> None:
    ended = subprocess.run(
        [sys.executable, ROOT / "app.py", *given], capture_output=True, text=True, timeout=60
    )
    assert ended.returncode == 2
    assert said in ended.stderr and "Traceback" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
