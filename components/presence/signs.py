"""Signs of life: a page asks whether the server is there, and says which page it is."""

from collections.abc import Callable

from flask import Flask, request

PATH = "/health"


def take(server: Flask, seen: Callable[[str], None]) -> None:
    """Pass on the name of every page that asks whether the server is there.

    Parameters
    ----------
    server : Flask
        Answers at `PATH`, to whoever asks.
    seen : callable
        Told what the page calls itself: the ``endId`` of its other requests.
    """

    def note() -> None:
        if request.path == PATH and (page := request.args.get("page")):
            seen(page)

    server.before_request(note)
