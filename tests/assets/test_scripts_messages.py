"""When the messages of assets/page/messages.js go."""

from pages import sent, until
from playwright.sync_api import Page


def test_a_message_is_not_ended_by_what_was_asked_before_it(blank: Page) -> None:
    held = []
    failure = {"sideUpdate": {"error-toast": {"is_open": True}}, "response": {}}
    blank.route("**/slow", lambda route: held.append(route))
    blank.route("**/failing", lambda route: route.fulfill(json=failure))
    blank.route("**/fine", lambda route: route.fulfill(json={"response": {}}))
    blank.evaluate(
        """async () => {
            const toast = document.createElement("div");
            Object.assign(toast, {id: "error-toast", className: "show"});
            document.body.append(toast);
            window.ask = where => fetch(where, {method: "POST", body: '{"output":"map"}'});
            window.slow = window.ask("/slow");
            await window.ask("/failing");
        }"""
    )
    until(lambda: held, "the slow request", blank)
    held[0].fulfill(json={"response": {}})
    blank.evaluate("() => window.slow.then(answer => answer.clone().json())")
    blank.evaluate("() => new Promise(done => setTimeout(done))")
    assert "error-toast" not in sent(blank)
    blank.evaluate("() => window.ask('/fine').then(answer => answer.clone().json())")
    until(lambda: sent(blank).get("error-toast") == {"is_open": False}, "its end", blank)
