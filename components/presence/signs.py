"""Signs of life: a page asks whether the server is there, and says which page it is."""

from collections.abc import Callable

from flask import Flask, request

PATH = "/health"


def take(server: Flask, seen: Callable[[str], None]) -> None:
    """Pass on, from every page that asks, what it calls itself: the ``endId`` of its requests."""

    def note() -> None:
        if request.path == PATH and (page := request.args.get("page")):
            seen(page)

    server.before_request(note)
