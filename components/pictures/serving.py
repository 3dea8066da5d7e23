"""The pictures of a run as files, each asked for by the run's key and the picture's number."""

import re

from flask import Flask, Response

from compute import runs
from compute.errors import HeadscopeError

# Pillow comes with the start: Plotly, which writes the answers of all callbacks, takes it as it is
# there, and fails while another thread is still importing it.
from compute.pictures import encoding

PATH = "/picture/<key>/<int:number>.png"
_KEY = re.compile(r"[0-9a-f]{24}")


def address(key: str, number: int) -> str:
    """Return where a picture of a run is to be had."""
    return f"/picture/{key}/{number}.png"


def serve(server: Flask) -> None:
    """Let a server answer with pictures; who may ask is for the door to say."""
    server.add_url_rule(PATH, "picture", answer)


def answer(key: str, number: int) -> Response:
    """Return a picture as the model sees it; status 404 if there is no such picture."""
    try:
        run = runs.load(key) if _KEY.fullmatch(key) else None
        if run is None or run.pictures is None or not 0 <= number < len(run.pictures):
            return _nothing()
        content = encoding.png(run.pictures[number])
    except HeadscopeError:  # gone from the cache, or damaged
        return _nothing()
    kept = {"Cache-Control": "private, max-age=86400, immutable"}  # a key is of what it holds
    return Response(content, content_type="image/png", headers=kept)


def _nothing() -> Response:
    return Response("There is no such picture.", 404, content_type="text/plain; charset=utf-8")
