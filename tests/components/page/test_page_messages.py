"""Messages: where they stand, and what ends them."""

from pages import PATIENCE, choose, dismiss, message, show, wait_for

OVER = """() => {
    const box = document.querySelector("#error-toast").getBoundingClientRect();
    return [...document.querySelectorAll("#page button, #page select, #page a, #page input")]
        .filter(e => e.checkVisibility() && !e.closest("#error-toast, .stage-select"))
        .filter(e => {
            const r = e.getBoundingClientRect();
            return r.top < box.bottom && r.bottom > box.top && r.left < box.right
                && r.right > box.left;
        }).map(e => e.id);
}"""


def steps(page, given: str) -> None:
    page.fill("#steps-input", given)
    page.locator("#steps-input").blur()


def gone(page) -> None:
    page.wait_for_selector("#error-toast", state="hidden", timeout=1000 * PATIENCE)


def test_a_message_ends_with_what_it_was_of(page, server, small):
    show(page, server, text=small, map="attention")
    page.click("#map-more")
    for end in ("success", "stage", "closed"):
        page.evaluate("() => dash_clientside.set_props('steps-input', {value: '99999999'})")
        assert "A map can't have 99999999 steps" in message(page)
        assert page.evaluate(OVER) == []  # it lies over nothing
        assert page.get_attribute("#error-toast", "role") == "alert"
        choose(page, colour_select="position")  # fails as before: it stays
        choose(page, score_select="self")  # works, but is something else
        wait_for(page, "() => document.getElementById('score-note').textContent.includes('itself')")
        assert "A map can't have" in message(page)
        if end == "success":
            page.evaluate("() => dash_clientside.set_props('steps-input', {value: '60'})")
            gone(page)
        elif end == "stage":
            page.click("#stage-select label:text-is('Patterns')")
            gone(page)
            page.click("#stage-select label:text-is('Heads')")
        else:
            dismiss(page)
        choose(page, colour_select="role", score_select="previous")
    page.evaluate("() => dash_clientside.set_props('steps-input', {value: '60'})")
    page.select_option("#model-select", "other")
    page.fill("#model-input", "nobody/has-such-a-model")
    page.click("#model-open")
    assert "nobody/has-such-a-model" in message(page)
    choose(page, text_select="grammar")  # what is asked for next
    gone(page)
