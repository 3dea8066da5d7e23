"""Where requests for callbacks come in: each is held against its forms before Dash sees it.

A request that the page can't have sent is refused with status 400. A value that doesn't fit may
have been typed by a person: the page is answered as Dash answers, and shows the sentence.
"""

from typing import Any

import orjson
from dash import Dash
from dash.exceptions import DependencyException
from flask import Flask, Response, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from components.entrance.requests import Declared, NotOurs, asked_for, declared, polls, values
from components.entrance.table import form_of
from components.parts.errors import toast
from compute.errors import HeadscopeError

PATH = "/_dash-update-component"


class StrictJSON(DefaultJSONProvider):
    """Reads JSON as its standard has it: no NaN, no lone surrogates, no endless nesting."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return what JSON text holds; `ValueError` if it is none."""
        return orjson.loads(s)


def guard(app: Dash) -> None:
    """Let no value through that doesn't fit; call it when an app's callbacks are registered."""
    server: Flask = app.server
    server.json = StrictJSON(server)
    known: dict[str, Declared] = {}

    def check() -> Response | None:
        if request.path != PATH or request.method != "POST":
            return None
        try:
            return _check(known)
        except NotOurs as refused:
            return _refused(str(refused), 400)
        except HeadscopeError as problem:
            return _told(str(problem))

    server.before_request(check)
    # Of a script of a library that the page doesn't have; Dash would answer 500.
    server.register_error_handler(DependencyException, lambda _: _refused("No such file.", 404))
    # Dash finishes what it knows, such as the buttons that cancel jobs, during its first request,
    # and lets others pass meanwhile: pages that outlived a server ask all at once when it is back.
    server.test_client().get("/")
    known.update(declared(app))


def _check(known: dict[str, Declared]) -> None:
    try:
        body = request.get_json()  # Flask keeps it for Dash, which reads it again
    except (BadRequest, UnsupportedMediaType) as error:
        raise NotOurs("This is not a request in JSON.") from error
    found = asked_for(body, known)
    asks = polls(request.args.to_dict(flat=False), found)
    for place, value in values(body, found):
        if asks and value is not None:
            raise NotOurs("A request that asks after a job holds no values; this one does.")
        if not asks:
            form_of(place).check(value, ".".join(place))


def _refused(sentence: str, status: int) -> Response:
    return Response(sentence, status=status, content_type="text/plain; charset=utf-8")


def _told(sentence: str) -> Response:
    """Return the answer to a callback that changes nothing but the message in the corner."""
    answer = {"multi": True, "response": {}, "sideUpdate": {"error-toast": toast(sentence)}}
    return Response(orjson.dumps(answer), content_type="application/json")
