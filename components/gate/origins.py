"""Whether a request was made by the page itself, or by a page of somebody else.

Browsers say so in ``Origin`` and ``Sec-Fetch-*``, which scripts can't write. A page on another port
of this machine is another page ("same-site"). Programs that are no browsers say nothing, and are
let through: what they may do is the token's matter.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

READING = ("GET", "HEAD")


def is_foreign(method: str, headers: Mapping[str, str]) -> bool:
    """Tell whether a request comes from a page that is not ours.

    What is allowed from elsewhere is to go to the page: a link. It is not allowed to put it into a
    frame, or to ask for a part of it. The names of `headers` are found in any case.
    """
    origin = headers.get("Origin")
    if origin is not None and not _same(origin, headers.get("Host", "")):
        return True
    site, into = headers.get("Sec-Fetch-Site"), headers.get("Sec-Fetch-Dest")
    if into in ("iframe", "frame", "embed", "object", "fencedframe"):
        return True
    if site in (None, "same-origin", "none"):
        return False
    goes_there = headers.get("Sec-Fetch-Mode") == "navigate" and into == "document"
    return not (method in READING and goes_there)


def _same(origin: str, host: str) -> bool:
    """Compare the origin of a page with the host it asks; a sandboxed page's is "null"."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower() != ""
