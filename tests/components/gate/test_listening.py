"""The sockets: every address of a host, and what is said when there is none to be had."""

import errno
import socket

import pytest

from components.gate import listening


def hosts_file(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let a name have these addresses."""

    def look(host: str, port: int, **_: object) -> list[tuple]:
        families = [socket.AF_INET6 if ":" in a else socket.AF_INET for a in addresses]
        return [
            (family, socket.SOCK_STREAM, 0, "", (address, port))
            for family, address in zip(families, addresses, strict=True)
        ]

    monkeypatch.setattr(listening.socket, "getaddrinfo", look)


def test_it_listens_at_once() -> None:
    (one,) = listening.sockets("127.0.0.1", 0)
    with one, socket.create_connection(one.getsockname()):
        pass


def test_two_can_not_have_one_port() -> None:
    (one,) = listening.sockets("127.0.0.1", 0)
    with one, pytest.raises(OSError) as problem:
        listening.sockets("127.0.0.1", one.getsockname()[1])
    assert problem.value.errno == errno.EADDRINUSE


def test_an_address_that_this_machine_lacks_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    hosts_file(monkeypatch, "2001:db8::7", "127.0.0.1", "127.0.0.1")
    (one,) = listening.sockets("localhost", 0)
    with one:
        assert one.getsockname()[0] == "127.0.0.1"
    hosts_file(monkeypatch, "192.0.2.7")
    with pytest.raises(OSError) as problem:
        listening.sockets("elsewhere", 0)
    assert problem.value.errno == errno.EADDRNOTAVAIL


def test_a_port_that_is_taken_on_one_address_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    (one,) = listening.sockets("127.0.0.2", 0)
    hosts_file(monkeypatch, "127.0.0.1", "127.0.0.2")
    port = one.getsockname()[1]
    with one, pytest.raises(OSError):
        listening.sockets("both", port)
    with listening.sockets("both", port)[0] as first:  # what was opened before is free again
        assert first.getsockname()[1] == port


def test_ipv6_in_brackets() -> None:
    try:
        (one,) = listening.sockets("[::1]", 0)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with one:
        assert one.getsockname()[0] == "::1"
