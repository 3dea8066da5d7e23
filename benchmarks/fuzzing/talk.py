"""What the page says to the server: requests for callbacks, as bytes, and their answers."""

import http.client
import json
import re
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

import orjson

PATH = "/_dash-update-component"
JSON = "application/json"


@dataclass
class Sent:
    """A request, as it goes over the wire."""

    body: bytes
    path: str = PATH
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": JSON})
    query: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    seconds: float

    def json(self) -> dict:
        """Return the body's content, empty if it is no JSON object."""
        try:
            found = orjson.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def sentence(self) -> str | None:
        """The message in the corner, if the answer opens one."""
        toast = self.json().get("sideUpdate", {}).get("error-toast", {})
        return toast.get("children") if toast.get("is_open") else None


class Line:
    """A connection that is kept."""

    def __init__(self, port: int):
        self._port = port
        self._connection = self._connect()

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)

    def send(self, request: Sent) -> Answer:
        """Send a request and return its answer; `OSError` if the server is gone."""
        path = request.path
        if request.query:
            path += "?" + urlencode(request.query, safe="~")
        for last in (False, True):
            began = time.perf_counter()
            try:
                self._connection.request(request.method, path, request.body, request.headers)
                reply = self._connection.getresponse()
                return Answer(reply.status, reply.read(), time.perf_counter() - began)
            except (http.client.HTTPException, OSError):
                self._connection.close()
                self._connection = self._connect()
                if last:
                    raise
        raise OSError

    def get(self, path: str) -> Answer:
        """Get a page."""
        return self.send(Sent(b"", path, "GET", {}))

    def end_id(self) -> str:
        """Load the page, and return what the server calls this load."""
        config = re.search(rb'<script id="_dash-config"[^>]*>(.*?)</script>', self.get("/").body)
        return json.loads(config[1])["end_id"]
