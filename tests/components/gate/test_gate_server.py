"""The real server, asked over HTTP as strangers, other pages and the person would ask it."""

import http.client
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pages import ROOT, Server, until
from visitor import asking

from components.gate import hosts, limits, listening

FILE = "data:text/plain;base64,aGVsbG8="
CALLBACK = asking(
    "text-file.children", {"text-file.contents": FILE}, {"text-file.filename": "hello.txt"}
)
UPDATE = "/_dash-update-component"


class Visitor:
    """Asks as a browser would, with the cookies that it was given."""

    def __init__(self, server: Server, host: str = "127.0.0.1"):
        self.server, self.host, self.cookies = server, host, {}

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> http.client.HTTPResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Accept": "text/html", "Cookie": "; ".join(map("=".join, self.cookies.items()))}
        link = http.client.HTTPConnection(self.host, self.server.port, timeout=60)
        link.request(method, path, body, sent | named)
        answer = link.getresponse()
        answer.text = answer.read().decode()
        link.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def call(self, **headers: str) -> http.client.HTTPResponse:
        body = json.dumps(CALLBACK).encode()
        return self.ask(UPDATE, "POST", body, **{"Content_Type": "application/json"} | headers)

    def open(self) -> "Visitor":
        parts = urlsplit(self.server.opening())
        assert self.ask(f"{parts.path}?{parts.query}").status == 200
        return self


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with its token; tests that restart it leave it running."""
    with Server(tmp_path_factory.mktemp("cache"), "--model", "demo-bert", token=True) as server:
        yield server


@pytest.fixture
def visitor(own: Server) -> Visitor:
    return Visitor(own).open()


def test_a_stranger_sees_nothing_and_the_person_all(own: Server, visitor: Visitor) -> None:
    for path in ("/", "/_dash-layout", "/_dash-dependencies", "/assets/page/page.css"):
        assert Visitor(own).ask(path).status == 403
        assert visitor.ask(path).status == 200
    assert Visitor(own).call().status == 403
    assert Visitor(own).ask("/health").status == 200
    answer = visitor.call(Origin=own.url.strip("/"), Sec_Fetch_Site="same-origin")
    assert answer.status == 200 and "hello.txt" in answer.text


def test_the_cookie_outlives_the_server(own: Server, visitor: Visitor) -> None:
    before = own.opening()
    own.stop(signal.SIGKILL)
    own.start()
    assert own.opening() == before
    assert visitor.call().status == 200


def test_the_token_is_kept_apart_from_the_results(own: Server) -> None:
    token = own.opening().partition("?token=")[2]
    kept = own.home / "headscope" / "token"
    assert kept.read_text().strip() == token
    assert kept.stat().st_mode & 0o777 == 0o600
    holding = [
        path
        for path in own.cache.rglob("*")
        if path.is_file() and path != own.log and token.encode() in path.read_bytes()
    ]
    assert holding == []


def test_each_port_has_its_cookie(own: Server, visitor: Visitor, tmp_path: Path) -> None:
    with Server(tmp_path, "--model", "demo-bert", token=True, home=own.home) as second:
        assert second.opening().partition("?")[2] == own.opening().partition("?")[2]  # one token
        elsewhere = Visitor(second)
        elsewhere.cookies = dict(visitor.cookies)  # browsers send them to all ports of a host
        assert elsewhere.call().status == 403
        first = f"headscope-{own.port}"
        elsewhere.cookies[f"headscope-{second.port}"] = elsewhere.cookies[first]
        assert elsewhere.call().status == 403
        elsewhere.open()
        assert elsewhere.call().status == 200
        visitor.cookies = dict(elsewhere.cookies)
        assert set(visitor.cookies) == {first, f"headscope-{second.port}"}
        assert visitor.call().status == 200  # one does not drive the other out


def test_the_browser_is_opened_with_a_code_that_works_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command that stands for the browser writes down what it was told to open."""
    told = tmp_path / "told"
    note = tmp_path / "browser.py"
    note.write_text(f"import sys\nopen({str(told)!r}, 'w').write(sys.argv[1])\n")
    monkeypatch.setenv("BROWSER", f"{sys.executable} {note} %s")
    with Server(tmp_path, "--open", token=True) as server:
        address = until(lambda: told.exists() and told.read_text(), "the browser")
        parts = urlsplit(address)
        token = server.opening().partition("?token=")[2]
        assert parts.port == server.port and parts.query.startswith("once=")
        assert token not in address
        first, second = Visitor(server), Visitor(server)
        assert first.ask(f"/?{parts.query}").status == 200 and first.call().status == 200
        assert second.ask(f"/?{parts.query}").status == 403 and second.call().status == 403


def test_open_to_the_network(tmp_path: Path) -> None:
    network = ("--host", "0.0.0.0", "--allow-host", "Box.lan")
    with Server(tmp_path, *network, token=True) as server:
        assert "Every machine that reaches port" in server.log.read_text()
        shown = urlsplit(server.opening()).hostname
        assert shown == hosts.reachable("0.0.0.0")
        for host in {shown, "127.0.0.1"}:
            visitor = Visitor(server, host)
            assert visitor.ask("/").status == 403 and visitor.call().status == 403
            assert visitor.open().call().status == 200
        named = Visitor(server)
        assert "does not know this browser" in named.ask("/", Host="box.lan").text
        for other in ("evil.example", "0.0.0.0"):
            assert "none of them" in named.ask("/", Host=other).text


def test_a_port_that_is_taken() -> None:
    with listening.sockets("127.0.0.1", 0)[0] as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, ROOT / "app.py", "--no-token", "--port", str(port)]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert f"Headscope can't listen on 127.0.0.1:{port} (Address already in use)" in ended.stderr
    assert f"--port {port + 1}" in ended.stderr and "Traceback" not in ended.stderr


# What requests may cost


def test_of_a_stranger_nothing_large_is_heard(own: Server, visitor: Visitor) -> None:
    body = b" " * (limits.STRANGERS_BYTES + 1)
    with socket.create_connection(("127.0.0.1", own.port), timeout=60) as link:
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
        link.sendall(head.encode())  # and is refused before it sends more
        assert link.recv(65536).startswith(b"HTTP/1.1 413")
    with socket.create_connection(("127.0.0.1", own.port), timeout=60) as link:
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        link.sendall(head + f"{len(body):x}\r\n".encode() + body)
        assert link.recv(65536).startswith(b"HTTP/1.1 413")
    assert visitor.ask(UPDATE, "POST", body).status == 400  # heard to its end, and is no request
    assert Visitor(own).ask(UPDATE, "POST", body[:-2]).status == 403


def raw(server: Server, sent: bytes) -> bytes:
    """Send what no client library would, and return the whole answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as link:
        link.sendall(sent)
        link.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: link.recv(65536), b""))


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        (b"400", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nBad Name: x\r\n\r\n"),
        (b"403", b"GET / HTTP/1.0\r\n\r\n"),
        (b"413", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n"),
        (b"431", b"GET / HTTP/1.1\r\nCookie: ".ljust(limits.HEADER_BYTES, b"x")),
    ],
)
def test_what_waitress_refuses_has_the_headers_too(own: Server, status: bytes, sent: bytes) -> None:
    answer = raw(own, sent)
    assert answer.startswith((b"HTTP/1.1 " + status, b"HTTP/1.0 " + status))
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert b"content-security-policy: default-src 'none'" in head
    assert b"x-content-type-options: nosniff" in head and b"\r\nserver:" not in head


@pytest.mark.parametrize("count", [150, listening.CONNECTIONS + 50])
def test_visitors_who_say_nothing_do_not_stop_the_others(own: Server, count: int) -> None:
    with ExitStack() as stack:
        for _ in range(count):
            link = socket.create_connection(("127.0.0.1", own.port), timeout=60)
            stack.enter_context(link).sendall(b"GET /health HTTP/1.1\r\nHost:")
        for _ in range(5):
            assert Visitor(own).ask("/health").status == 200
        assert Visitor(own).open().call().status == 200


def test_nothing_of_this_was_an_error(own: Server) -> None:
    assert "Traceback" not in own.log.read_text()
