"""The door: a layer around the whole app that every request passes, whatever its path."""

from collections.abc import Callable, Iterable, Sequence
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from dash import Dash
from werkzeug.wrappers import Request, Response

from components.gate import headers, hosts, limits, origins, visits
from components.gate.settings import Settings

FOREIGN = (
    "This was asked by a page that is not Headscope's own. Headscope answers its own page only; "
    "a link to it works."
)


def guard(app: Dash, settings: Settings) -> None:
    """Put the door before an app; call it when all callbacks are registered."""
    server = app.server
    server.secret_key = settings.secret
    server.config["MAX_CONTENT_LENGTH"] = limits.BODY_BYTES
    server.wsgi_app = door(server.wsgi_app, settings, app.csp_hashes())


def door(inner: WSGIApplication, settings: Settings, scripts: Sequence[str]) -> WSGIApplication:
    """Return an app that refuses what it must, and sends some headers with every answer.

    Parameters
    ----------
    inner : WSGI application
        Sees only requests that may be asked.
    scripts : sequence of str
        Hashes of the inline scripts that its pages hold.
    """
    always, on_pages = headers.fixed(), headers.fixed(scripts)
    names = {name.lower() for name, _ in always}

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        refusal = refused(request, settings)
        more = []
        if not refusal and request.path == visits.FREE and not visits.is_known(request, settings):
            more = [(visits.KNOWN, "no")]

        def start(status: str, sent: list[tuple[str, str]], *error: object) -> Callable:
            page = not refusal and dict(sent).get("Content-Type", "").startswith("text/html")
            own = [(name, value) for name, value in sent if name.lower() not in names]
            return start_response(status, own + (on_pages if page else always) + more, *error)

        return (refusal or inner)(environ, start)

    return app


def refused(request: Request, settings: Settings) -> Response | None:
    """Return what is answered instead, or None if a request may be asked."""
    asked = request.environ.get("HTTP_HOST", "")
    name = hosts.name_of(asked)
    if not hosts.is_known(name, settings):
        return visits.sentence(403, _wrong_host(name))
    if origins.is_foreign(request.method, request.headers):
        return visits.sentence(403, FOREIGN)
    if (request.content_length or 0) > limits.BODY_BYTES:
        return visits.sentence(413, limits.TOO_LARGE)
    return visits.answer(request, settings)


def _wrong_host(name: str) -> str:
    if not name:
        return "Headscope can't tell for which host this was asked."
    return (
        f"Headscope answers to the names that it was started with, and {name} is none of them. "
        f"If it should: --allow-host {name}"
    )
