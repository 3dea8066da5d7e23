"""A page without a browser: asks the real server what Dash's renderer would ask."""

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from servers import PATIENCE, Server, until

ASK = "/_dash-update-component"
OPTIONS = [{"value": "prose", "label": "Prose"}, {"value": "own", "label": "Your own text"}]
"""Of the selector of texts."""


def asking(output: str, inputs: Mapping[str, object], state: Mapping[str, object] = {}) -> dict:
    """Return the request for a callback with one output, whose first input has changed."""
    id, prop = output.rsplit(".", 1)
    return {
        "output": output,
        "outputs": {"id": id, "property": prop},
        "inputs": _parts(inputs),
        "changedPropIds": [next(iter(inputs))],
        "state": _parts(state),
    }


def _parts(values: Mapping[str, object]) -> list[dict]:
    named = ((*name.rsplit(".", 1), value) for name, value in values.items())
    return [{"id": id, "property": prop, "value": value} for id, prop, value in named]


@dataclass(frozen=True)
class Answer:
    """Status, headers (lower case) and body of an answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    @property
    def json(self) -> dict:
        return json.loads(self.body or b"null")

    @property
    def message(self) -> str:
        """What the page's toast would say; empty if it says nothing."""
        shown = (self.json or {}).get("sideUpdate", {}).get("error-toast", {})
        return shown.get("children", "") if shown.get("is_open") else ""

    def value(self, id: str, prop: str = "data") -> object:
        return self.json["response"][id][prop]


class Visitor:
    """One page load."""

    def __init__(self, server: Server):
        self.server = server
        page = self.fetch("/").text
        config = re.search(r'<script id="_dash-config"[^>]*>(.*?)</script>', page, re.S)
        self.end_id = json.loads(config[1])["end_id"]
        self.callbacks = {each["output"]: each for each in self.fetch("/_dash-dependencies").json}

    def fetch(
        self,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] = {},
        method: str | None = None,
    ) -> Answer:
        """Send one request as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE)
        try:
            connection.request(
                method or ("GET" if body is None else "POST"), path, body, dict(headers)
            )
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())
        finally:
            connection.close()

    def callback(self, output: str) -> dict:
        """Return the one server callback whose outputs include this one."""
        (found,) = (
            each
            for name, each in self.callbacks.items()
            if output in name.strip(".").split("...") and not each["clientside_function"]
        )
        return found

    def body(self, output: str, values: Mapping[str, object]) -> dict:
        """Return the renderer's request for a callback; what is not named has no value."""
        found = self.callback(output)
        names = found["output"].strip(".").split("...")
        outputs = [dict(zip(("id", "property"), n.rsplit(".", 1), strict=True)) for n in names]

        def part(name: str) -> list[dict]:
            return [
                {**each, "value": values.get(f"{each['id']}.{each['property']}")}
                for each in ({k: e[k] for k in ("id", "property")} for e in found[name])
            ]

        unknown = set(values) - {
            f"{each['id']}.{each['property']}" for each in found["inputs"] + found["state"]
        }
        assert not unknown, unknown
        first = found["inputs"][0]
        return {
            "output": found["output"],
            "outputs": outputs if found["output"].startswith("..") else outputs[0],
            "inputs": part("inputs"),
            "changedPropIds": [f"{first['id']}.{first['property']}"],
            "parsedChangedPropsIds": [f"{first['id']}.{first['property']}"],
            "state": part("state"),
        }

    def send(self, body: object, **arguments: str) -> Answer:
        """Post a request for a callback, whatever it holds."""
        query = urlencode({"endId": self.end_id, **arguments})
        headers = {"Content-Type": "application/json"}
        return self.fetch(f"{ASK}?{query}", json.dumps(body).encode(), headers)

    def ask(self, output: str, values: Mapping[str, object]) -> Answer:
        """Ask for a callback that answers at once."""
        return self.send(self.body(output, values))

    def job(self, output: str, values: Mapping[str, object]) -> Answer:
        """Start a background callback and wait for its outcome."""
        body, started = self.body(output, values), self.ask(output, values)
        if started.status != 200 or "cacheKey" not in (started.json or {}):
            return started
        handle = {name: started.json[name] for name in ("cacheKey", "job")}
        for each in (*body["inputs"], *body["state"]):
            each["value"] = None

        def outcome() -> Answer | None:
            answer = self.send(body, **handle)
            told = answer.status != 200 or answer.json.keys() & {"response", "sideUpdate"}
            return answer if told else None

        return until(outcome, output)

    def use_text(self, content: str) -> Answer:
        """Give a text of one's own, typed into the dialog."""
        typed = {"text-use.n_clicks": 1, "text-input.value": content, "text-by.value": "auto"}
        return self.ask("text-dialog.is_open", {**typed, "text-select.options": OPTIONS})

    def own_text(self, content: str) -> str:
        """Give a text of one's own and return its name."""
        return self.use_text(content).value("text-select", "value")

    def open(self, model: str = "demo-bert", text: str = "grammar") -> dict:
        """Open a text with a model; return what the page knows of the run."""
        answer = self.job("opened-result.data", {"request.data": {"model": model, "text": text}})
        return answer.value("opened-result")


def heatmap(visitor: Visitor, run: dict, **more: object) -> Answer:
    """Ask for the heatmap of a head of a run."""
    looks = {"hide-special.value": False, "by-value.value": False, "theme.data": "light"}
    looks |= {"heat-select.value": "one", "heat-sinks.value": False}
    head = {"layer-select.value": "1", "head-select.value": "2"}
    return visitor.ask("attention-heatmap.figure", {"run.data": run, **looks, **head, **more})


def no_traceback(server: Server) -> bool:
    return "Traceback" not in server.log.read_text()
