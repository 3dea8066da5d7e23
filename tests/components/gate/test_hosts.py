"""Which hosts a request may be for, and who counts as the page itself."""

import socket
from types import SimpleNamespace

import psutil
import pytest

from components.gate import hosts, origins
from components.gate.settings import Settings


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("127.0.0.1:8050", "127.0.0.1"),
        ("LocalHost:8050", "localhost"),
        ("localhost.", "localhost"),
        ("[::1]:8050", "::1"),
        ("::1", "::1"),
        ("[0:0:0:0:0:0:0:1]", "::1"),
        ("my_box.lan:80", "my_box.lan"),
        ("example.org:", "example.org"),
        ("", ""),
        ("[127.0.0.1]", ""),
        ("evil@127.0.0.1", ""),
        ("127.0.0.1, evil.example", ""),
        ("localhost:80:80", ""),
        ("local host", ""),
        ("localhost/evil", ""),
        ("ſocalhost", ""),
        ("x" * 300, ""),
    ],
)
def test_names(written: str, name: str) -> None:
    assert hosts.name_of(written) == name


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1:80", "localhost", "[::1]:8050", "::1"])
def test_loopback_is_always_answered(host: str) -> None:
    assert hosts.is_known(hosts.name_of(host), Settings())


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.localhost",
        "0.0.0.0",
        "192.0.2.7",
        "[::ffff:192.0.2.7]",
        "2130706433",
        "",
    ],
)
def test_others_are_not(host: str) -> None:
    assert not hosts.is_known(hosts.name_of(host), Settings())


def test_what_was_named_is_answered() -> None:
    settings = Settings(named=frozenset(["box.lan", "192.0.2.7"]))
    assert hosts.is_known("box.lan", settings) and hosts.is_known("192.0.2.7", settings)
    assert not hosts.is_known("other.lan", settings) and not hosts.is_known("192.0.2.8", settings)


def _machine(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[int, str]) -> None:
    entries = [SimpleNamespace(family=family, address=address) for family, address in addresses]
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"if0": entries})


def test_listening_everywhere_answers_to_the_addresses_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _machine(
        monkeypatch,
        (psutil.AF_LINK, "00:11:22:33:44:55"),
        (socket.AF_INET, "127.0.0.1"),
        (socket.AF_INET, "192.0.2.7"),
        (socket.AF_INET6, "fe80::1%if0"),
        (socket.AF_INET6, "2001:db8::7"),
    )
    settings = Settings(everywhere=True)
    assert all(hosts.is_known(name, settings) for name in ("192.0.2.7", "2001:db8::7", "fe80::1"))
    assert not hosts.is_known("192.0.2.8", settings)
    assert not hosts.is_known("evil.example", settings)
    assert hosts.reachable("0.0.0.0") == "192.0.2.7"
    assert hosts.reachable("::") == "2001:db8::7"
    assert hosts.reachable("127.0.0.1") == "127.0.0.1"
    _machine(monkeypatch, (socket.AF_INET, "127.0.0.1"))
    assert hosts.reachable("0.0.0.0") == "127.0.0.1"


def headers(**more: str) -> dict[str, str]:
    names = {"Origin", "Host"} | {f"Sec_Fetch_{w}" for w in ("Site", "Mode", "Dest")}
    assert set(more) <= names
    return {"Host": "127.0.0.1:8050"} | {n.replace("_", "-"): v for n, v in more.items()}


OWN = {"Sec_Fetch_Site": "same-origin", "Sec_Fetch_Mode": "cors", "Sec_Fetch_Dest": "empty"}
THERE = {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("POST", {}),  # a program; it needs the token
        ("POST", {"Origin": "http://127.0.0.1:8050"}),
        ("POST", OWN | {"Origin": "http://127.0.0.1:8050"}),
        ("GET", OWN),
        ("GET", {}),
        ("GET", THERE | {"Sec_Fetch_Site": "none"}),
        ("GET", THERE | {"Sec_Fetch_Site": "cross-site"}),  # a link
        ("GET", THERE | {"Sec_Fetch_Site": "same-site"}),
    ],
)
def test_the_page_and_a_link_to_it(method: str, said: dict) -> None:
    assert not origins.is_foreign(method, headers(**said))


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("POST", {"Origin": "http://evil.example"}),
        ("POST", {"Origin": "null"}),
        ("POST", {"Origin": ""}),
        ("POST", {"Origin": "http://127.0.0.1:8051"}),
        ("POST", {"Origin": "http://127.0.0.1"}),
        ("POST", {"Origin": "http://localhost:8050"}),
        ("POST", {"Origin": "file://127.0.0.1:8050"}),
        ("POST", {"Origin": "http://[", "Host": "["}),
        ("POST", {"Origin": "http://", "Host": ""}),
        ("GET", {"Origin": "http://evil.example"}),
        ("OPTIONS", {"Origin": "http://evil.example"}),
        ("POST", {"Sec_Fetch_Site": "same-site"}),
        ("POST", {"Sec_Fetch_Site": "cross-site"}),
        ("POST", {"Sec_Fetch_Site": "something new"}),
        ("POST", THERE | {"Sec_Fetch_Site": "cross-site"}),  # a form
        ("GET", {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "script"}),
        ("GET", {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Dest": "image"}),
        ("GET", {"Sec_Fetch_Site": "cross-site"}),
        *(
            ("GET", {"Sec_Fetch_Site": s, "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": into})
            for s in ("cross-site", "same-site", "same-origin")
            for into in ("iframe", "frame", "embed", "object")
        ),
    ],
)
def test_other_pages(method: str, said: dict) -> None:
    assert origins.is_foreign(method, headers(**said))
