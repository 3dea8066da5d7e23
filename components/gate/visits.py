"""How a visitor shows the token: once in the address, from then on with a cookie.

The cookie is ``SameSite=Strict``. A browser holds it back when somebody follows a link on another
site, and on a redirect from there too; so the visit with the token is answered by a page of ours,
from which the browser goes on by itself, and a visitor without a cookie gets a link that leads to
the same view from here.
"""

from dataclasses import dataclass
from html import escape
from urllib.parse import quote, unquote_plus

from werkzeug.wrappers import Request, Response

from components.gate import origins, tokens
from components.gate.settings import Settings

FREE = "/health"
"""The one path that tells a stranger something: that the app runs."""
YEAR = 365 * 24 * 3600
KNOWN = "Headscope-Knows-You"
"""Header of `FREE`: "no" where other paths would refuse (assets/page/presence.js looks at it)."""
NOT_KNOWN = (
    "Headscope does not know this browser. Open the address that stands in the terminal where it "
    "was started: it ends in ?token=…"
)
_SHOWN = ("token", "once")

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
{more}<title>Headscope</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto }}
main {{ padding: 0 1rem }}
</style>
</head>
<body>
<main>
<h1>Headscope</h1>
{said}
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Visit:
    """What a request shows of its sender.

    Attributes
    ----------
    known : bool
        Its cookie is right, or none is needed.
    shows : bool
        Its address carries a token or a code that is right.
    tries : bool
        Its address carries one, right or wrong.
    """

    known: bool
    shows: bool
    tries: bool


def look(request: Request, settings: Settings) -> Visit:
    """Return what a request shows; a code for a single use is used up by this."""
    at_page = request.path == "/" and request.method in origins.READING
    tries = at_page and any(_is_secret(*part) for part in request.args.items(multi=True))
    if settings.token is None:
        return Visit(True, False, tries)
    known = has_cookie(request, settings)
    shows = tries and (
        any(tokens.equal(each, settings.token) for each in request.args.getlist("token"))
        or settings.once.use(request.args.get("once", ""))
    )
    return Visit(known, shows, tries)


def has_cookie(request: Request, settings: Settings) -> bool:
    """Tell whether a request has the right cookie, or needs none.

    A page on another port can set one of the same name that is sent first; it opens nothing, and
    shall shut nobody out.
    """
    if settings.token is None:
        return True
    cookies = request.cookies.getlist(tokens.cookie_name(settings.port))
    right = tokens.cookie_value(settings.token, settings.port)
    return any(tokens.equal(each, right) for each in cookies)


def answer(request: Request, settings: Settings) -> Response | None:
    """Return what a visitor gets instead of what was asked for; None lets the request through."""
    visit = look(request, settings)
    if visit.tries and (visit.shows or visit.known):
        return _welcome(request, settings, visit.shows)
    if visit.known or request.path == FREE:
        return None
    return _stranger(request)


def is_known(request: Request, settings: Settings) -> bool:
    """Tell whether a request would be let through everywhere."""
    return look(request, settings).known


def _is_secret(name: str, value: str) -> bool:
    """Tell whether a part of an address is for the door.

    A view's address has a ``token`` as well: the number of the selected one in its text.
    """
    return name in _SHOWN and not (name == "token" and value.isdecimal() and len(value) < 10)


def clean_address(request: Request) -> str:
    """Return path and query of a request without its token, for a link that stays on this host."""
    kept = [
        part
        for part in request.query_string.decode("latin-1").split("&")
        if part and not _is_secret(*map(unquote_plus, part.partition("=")[::2]))
    ]
    path = "/" + quote(request.path.lstrip("/"))  # two slashes would lead to another host
    query = quote("&".join(kept).encode("latin-1"), safe="=&+%/?:@!$'()*,;~-._")
    return f"{path}?{query}" if query else path


def _welcome(request: Request, settings: Settings, keep: bool) -> Response:
    """Go on to the page itself, with the cookie and without the token in the address."""
    there = escape(clean_address(request))
    more = f'<meta http-equiv="refresh" content="0;url={there}">\n'
    reply = _page(200, f'<p><a href="{there}">Go on to the page</a></p>', more)
    if keep:
        reply.set_cookie(
            tokens.cookie_name(settings.port),
            tokens.cookie_value(settings.token, settings.port),
            max_age=YEAR,
            path="/",
            httponly=True,
            samesite="Strict",
        )
    return reply


def _stranger(request: Request) -> Response:
    """Say what to do, on a page or, to a script, in a sentence."""
    wants_page = "text/html" in request.headers.get("Accept", "")
    if request.method not in origins.READING or not wants_page:
        return sentence(403, NOT_KNOWN)
    said = f"<p>{NOT_KNOWN}</p>"
    if request.headers.get("Sec-Fetch-Site") != "same-origin":  # this link was not followed yet
        there = escape(clean_address(request))
        said += (
            "\n<p>If you came through a link and this browser was here before: "
            f'<a href="{there}">Go on</a></p>'
        )
    return _page(403, said)


def sentence(status: int, said: str) -> Response:
    """Return an answer of one sentence."""
    reply = Response(said + "\n", status, content_type="text/plain; charset=utf-8")
    reply.headers["Cache-Control"] = "no-store"
    return reply


def _page(status: int, said: str, more: str = "") -> Response:
    text = _PAGE.format(said=said, more=more)
    reply = Response(text, status, content_type="text/html; charset=utf-8")
    reply.headers["Cache-Control"] = "no-store"
    return reply
