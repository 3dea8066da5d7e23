"""When the messages of assets/page/messages.js go."""

from pages import sent, until
from playwright.sync_api import Page

# The message as the page shows it, and what asks for an output.
BEGIN = """() => {
    const toast = document.createElement("div");
    Object.assign(toast, {id: "error-toast", className: "show"});
    toast.innerHTML = "<div class='toast-body'></div>";
    document.body.append(toast);
    window.ask = (output, where) => fetch(where, {method: "POST", body: JSON.stringify({output})})
        .then(answer => answer.json())
        .then(({sideUpdate}) => {
            if (sideUpdate) toast.firstChild.textContent = sideUpdate["error-toast"].children;
            return new Promise(done => setTimeout(done));
        });
}"""


def begin(page: Page, **failing: str) -> None:
    """Begin: what fails, with which sentence, and /fine."""
    for name, sentence in failing.items():
        toast = {"is_open": True, "children": sentence}
        answered(page, name, {"sideUpdate": {"error-toast": toast}})
    answered(page, "fine", {"response": {}})
    page.evaluate(BEGIN)


def answered(page: Page, name: str, answer: dict) -> None:
    page.route(f"**/{name}", lambda route: route.fulfill(json=answer))


def ask(page: Page, output: str, where: str) -> None:
    page.evaluate("([output, where]) => ask(output, where)", [output, where])


def test_a_message_is_not_ended_by_what_was_asked_before_it(blank: Page) -> None:
    held = []
    blank.route("**/slow", lambda route: held.append(route))
    begin(blank, failing="It failed.")
    blank.evaluate("() => { window.slow = ask('map', '/slow'); }")
    ask(blank, "map", "/failing")
    until(lambda: held, "the slow request", blank)
    held[0].fulfill(json={"response": {}})
    blank.evaluate("() => window.slow")
    assert "error-toast" not in sent(blank)
    ask(blank, "map", "/fine")
    until(lambda: sent(blank).get("error-toast") == {"is_open": False}, "its end", blank)


def test_a_message_is_not_ended_by_something_else_that_works(blank: Page) -> None:
    """Also if that has failed before, and what was told of it gave way to the message."""
    begin(blank, first="No map.", second="No heatmap.")
    ask(blank, "map", "/first")
    ask(blank, "heatmap", "/second")
    ask(blank, "map", "/fine")
    assert "error-toast" not in sent(blank)
    ask(blank, "heatmap", "/fine")
    until(lambda: sent(blank).get("error-toast") == {"is_open": False}, "its end", blank)
