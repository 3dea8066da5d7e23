"""Where requests come in: what no page sends is refused, what doesn't fit is told in the toast."""

import json
from pathlib import Path

import pytest
from dash import Dash
from drawn import wired
from stored import random_run
from visitor import asking
from werkzeug.test import Client, TestResponse

from components import entrance
from components.parts import errors
from compute import runs
from compute.jobs import opening

PATH = "/_dash-update-component"
MAC = "~" + "0" * 64


class Asker:
    """Sends requests for callbacks to the app, as the page does or as it doesn't."""

    def __init__(self, app: Dash, run: runs.Run):
        self.client: Client = app.server.test_client()
        self.run = opening.describe(run, "made", "prose")

    def body(self, output: str = "tokens.data", **values: object) -> dict:
        """A request whose inputs are `values`; ``run__data`` stands for ``run.data``."""
        named = {n.replace("_", "-").replace("--", "."): v for n, v in values.items()}
        return asking(output, named)

    def tokens(self, **more: object) -> dict:
        """A valid request for the tokens of the run, or nearly."""
        return self.body(run__data=self.run) | more

    def post(self, body: object, query: str = "", **more: object) -> TestResponse:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = {"content_type": "application/json"}
        return self.client.post(f"{PATH}?{query}", data=data, **(kind | more))


@pytest.fixture(scope="module")
def ask(shared_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Asker:
    run = random_run()
    folder = tmp_path_factory.mktemp("results")
    app = wired(folder, on_error=errors.show_error, suppress_callback_exceptions=True)
    entrance.guard(app)
    return Asker(app, run)


def told(reply: TestResponse) -> str:
    """Return the sentence of an answer that changes nothing but the message in the corner."""
    assert reply.status_code == 200, reply.text
    answer = json.loads(reply.data)
    assert answer["multi"] is True and answer["response"] == {}
    assert answer["sideUpdate"].keys() == {"error-toast"}
    toast = answer["sideUpdate"]["error-toast"]
    assert toast == errors.toast(toast["children"]) and toast["is_open"]
    return toast["children"]


def refused(reply: TestResponse) -> str:
    """Return the sentence of a request that no page sends."""
    assert reply.status_code == 400 and reply.mimetype == "text/plain"
    assert reply.text.endswith(".") and "\n" not in reply.text and "<" not in reply.text
    return reply.text


def test_what_the_page_sends_is_answered(ask: Asker) -> None:
    reply = ask.post(ask.tokens())
    assert reply.status_code == 200
    tokens = json.loads(reply.data)["response"]["tokens"]["data"]
    assert tokens["run"] == ask.run["key"] and len(tokens["strings"]) == 72
    body = ask.tokens(parsedChangedPropsIds=["run.data"])
    assert body.pop("state") == []  # may be left out
    assert ask.post(body).data == reply.data


def test_a_forged_name_reads_and_deletes_nothing(ask: Asker, shared_cache: Path) -> None:
    folder = shared_cache.parent / "papers"
    folder.mkdir()
    (folder / "manifest.json").write_text("{")
    for key in (str(folder), "../../papers", "../papers", "*", "\0"):
        sentence = told(ask.post(ask.body(run__data=ask.run | {"key": key})))
        assert "Reload the page" in sentence
    assert (folder / "manifest.json").read_text() == "{"


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"null", b"[]", b"5", b'"x"', b"\xff\xfe", b"\xef\xbb\xbf{}", b"{}"),
        b'{"output": NaN}',
        b"[" * 100_000,
        b'{"output": "tokens.data", "inputs": [], "outputs": {}}',
    ],
)
def test_a_body_that_is_no_request_is_refused(ask: Asker, body: bytes) -> None:
    refused(ask.post(body))


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"1e999", b'"\\ud800"', b"[" * 9999])
def test_so_are_values_that_are_no_json(ask: Asker, value: bytes) -> None:
    body = json.dumps(ask.tokens()).encode().replace(b'"made"', value, 1)
    refused(ask.post(body))


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_other_content_is_refused(ask: Asker, kind: str) -> None:
    assert "JSON" in refused(ask.post(ask.tokens(), content_type=kind))


@pytest.mark.parametrize(
    "more",
    [
        {"output": "nothing.data"},
        {"output": "run-state.children"},  # answered in the browser
        {"output": ["tokens.data"]},
        {"outputs": {"id": "error-toast", "property": "children"}},
        {"outputs": [{"id": "tokens", "property": "data"}]},
        {"outputs": None},
        {"inputs": []},
        {"inputs": {}},
        {"inputs": [{"id": "run-b", "property": "data", "value": None}]},
        {"inputs": [{"id": {"a": 1}, "property": "data"}]},
        {"inputs": [{"id": "run", "property": "data", "value": None}] * 2},
        {"inputs": [{"id": "run", "property": "data", "value": None, "more": 1}]},
        {"inputs": [["run", "data"]]},
        {"state": [{"id": "run", "property": "data"}]},
        {"state": 5},
        {"state": 0},
        {"state": None},
        {"changedPropIds": ["error-toast.children"]},
        {"changedPropIds": [{"a": 1}]},
        {"changedPropIds": "run.data"},
        {"parsedChangedPropsIds": [5]},
        {"extra": 1},
    ],
)
def test_a_request_of_another_shape_is_refused(ask: Asker, more: dict) -> None:
    refused(ask.post(ask.tokens(**more)))


def test_a_request_that_lacks_a_part_is_refused(ask: Asker) -> None:
    for part in ("output", "outputs", "inputs", "changedPropIds"):
        body = ask.tokens()
        del body[part]
        refused(ask.post(body))


def test_values_in_another_order_are_refused(ask: Asker) -> None:
    body = ask.body("tokens-b.data", b_runs__data=None)
    assert ask.post(body).status_code == 200
    named = {f"patterns_{name}__data": None for name in ("found", "run", "head")}
    body = ask.body("patterns-ranking.children", **named, patterns_order__value="mean")
    assert ask.post(body).status_code == 200
    body["inputs"].reverse()
    refused(ask.post(body))


def test_numbers_beyond_the_fields_start_no_job(ask: Asker) -> None:
    def body(trials: object) -> dict:
        inputs = {"run.data": ask.run, "induction-start.n_clicks": 1}
        places = ("trials", trials), ("length", None), ("seed", 0)
        state = {f"induction-{name}.value": value for name, value in places}
        return asking("induction-result.data", inputs, state)

    assert told(ask.post(body(10**18))) == "Trials: Give a whole number from 1 to 500."
    assert "from 1 to 500" in told(ask.post(body(501)))


def test_what_a_person_may_have_typed_is_told_in_a_sentence(ask: Asker) -> None:
    request = ask.body("opened-result.data", request__data={"model": "m" * 5000, "text": "prose"})
    assert "at most 1,000 characters" in told(ask.post(request))


def test_only_who_asks_after_a_job_may_leave_out_its_values(ask: Asker) -> None:
    empty = ask.body("fitted-result.data", wanted__data=None)
    poll = f"cacheKey=ab{MAC}&job=cd{MAC}&endId=ef{MAC}"
    assert ask.post(empty, poll).status_code == 204  # a job that nobody started
    assert "can't use" in told(ask.post(empty))
    full = ask.body("fitted-result.data", wanted__data={"run": "x"})
    assert "no values" in refused(ask.post(full, poll))
    other = ask.body(run__data={"key": "/some/folder"})  # runs at once: there is no job
    assert "can't use" in told(ask.post(other, poll))


@pytest.mark.parametrize(
    "query",
    [
        f"job=cd{MAC}",
        f"cacheKey=ab{MAC}",
        f"cacheKey=ab{MAC}&job=12",
        f"cacheKey=ab{MAC}&job=%C3%A9{MAC}",
        f"endId=ab{MAC}&endId=ab{MAC}",
        "endId=ab~%C3%A9",
        f"oldJob=../..{MAC}",
        "cancelJob=1",
        "progress=1",
        f"oldJob={'a' * 300}{MAC}",
    ],
)
def test_an_address_that_no_page_asks_is_refused(ask: Asker, query: str) -> None:
    refused(ask.post(ask.tokens(), query))


def test_a_library_that_the_page_does_not_have_is_no_error(ask: Asker) -> None:
    for path in ("os/path.js", "nothing/at/all.js", "dash/../../app.py"):
        assert ask.client.get(f"/_dash-component-suites/{path}").status_code == 404


def test_the_buttons_that_cancel_jobs_are_known_from_the_beginning(ask: Asker, tmp_path) -> None:
    """Dash adds them during its first request; pages may ask for them before that one has ended."""
    app = wired(tmp_path, prevent_initial_callbacks=True)
    entrance.guard(app)
    assert "open-cancel.id" in app.callback_map
    app._got_first_request["setup_server"] = True  # as while another request is the first
    body = asking("open-cancel.id", {"open-cancel.n_clicks": 1})
    client = app.server.test_client()
    assert client.post(PATH, json=body).status_code in (200, 204)
