"""Listening: the sockets, and waitress with limits that keep a few visitors from stopping it."""

import contextlib
import copy
import errno
import logging
import os
import select
import socket
from collections.abc import Sequence
from functools import partial

from flask import Flask
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.task import ErrorTask
from werkzeug.wrappers import Request

from components.gate import headers, limits, visits
from components.gate.settings import Settings

CONNECTIONS = 400
"""So many connections are kept; of more, the one that was silent longest is closed."""
SILENCE = 60  # seconds that a connection may say nothing
_NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""Without IPv6 a machine may still have an entry for it in its list of hosts."""


def sockets(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen on every address of a host (``localhost`` has two).

    Visitors are heard from now on, and answered when the app is there: a browser just waits.

    Raises
    ------
    OSError
        If the port is taken, or the host is not of this machine.
    """
    wanted = {"type": socket.SOCK_STREAM, "flags": socket.AI_PASSIVE}
    found = socket.getaddrinfo(host.strip("[]"), port, **wanted)
    opened, trouble = [], None
    with contextlib.ExitStack() as closing:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            try:
                one = closing.enter_context(socket.socket(family, kind, protocol))
                if family == socket.AF_INET6:
                    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                if os.name == "posix":  # elsewhere this would let two servers have one port
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                one.bind(address)
                one.listen(1024)
            except OSError as problem:
                if problem.errno not in _NOT_HERE:
                    raise
                trouble = problem
            else:
                opened.append(one)
        if not opened:
            raise trouble
        closing.pop_all()
    return opened


def serve(server: Flask, listening: Sequence[socket.socket], settings: Settings) -> None:
    """Answer at some `sockets` until the process is told to stop."""

    class Channel(_Channel):
        parser_class = partial(_Parser, settings)

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that requests wait is no news
    waiting = create_server(
        server,
        sockets=list(listening),
        threads=8,
        ident=None,
        asyncore_use_poll=hasattr(select, "poll"),  # select ends at file number 1,023
        connection_limit=CONNECTIONS + 100,
        channel_timeout=SILENCE,
        cleanup_interval=10,
        max_request_body_size=limits.BUFFERED_BYTES,
        max_request_header_size=limits.HEADER_BYTES,
    )
    for each in (waiting.map if hasattr(waiting, "map") else waiting._map).values():
        if hasattr(each, "channel_class"):
            each.channel_class = Channel
    waiting.run()


class _Error(ErrorTask):
    """What waitress itself refuses, such as a broken request, with the headers of all answers."""

    def execute(self) -> None:
        self.response_headers.extend(headers.fixed())
        super().execute()


class _Parser(HTTPRequestParser):
    """Reads a request, of a stranger only a small one.

    waitress keeps what it hears in a file until the request is whole, and the door sees it then.
    """

    def __init__(self, settings: Settings, adj: Adjustments) -> None:
        super().__init__(adj)
        self._settings = settings

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        sent = Request({"HTTP_COOKIE": self.headers.get("COOKIE", "")})
        if not visits.has_cookie(sent, self._settings):
            self.adj = copy.copy(self.adj)  # the server's own is for all
            self.adj.max_request_body_size = limits.STRANGERS_BYTES


class _Channel(HTTPChannel):
    """A connection that gives way to new ones if it is the longest silent of too many.

    waitress would hear no new visitors once the limit is reached, until old ones close: anybody
    who opens connections and says nothing could stop the page.
    """

    error_task_class = _Error

    def __init__(self, server, sock, addr, adj, map=None) -> None:
        super().__init__(server, sock, addr, adj, map=map)
        others = [
            channel
            for channel in list(server.active_channels.values())
            if not (channel.requests or channel.will_close)
        ]
        if len(others) > CONNECTIONS:
            min(others, key=lambda channel: channel.last_activity).will_close = True
