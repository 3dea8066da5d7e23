"""The strip "Three things to see": where its links lead, what is said there, and that it goes."""

from pages import choose, click_cell, query, show, until, wait_for, wait_for_address, wait_for_plot

INSIDE = """id => {
    const {top, bottom} = document.getElementById(id).getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
}"""

# Where a link would lead if a sentence had been added: its click leads nowhere this once.
WITH_A_SENTENCE = """() => {
    const here = location.search, link = document.getElementById("see-before");
    history.replaceState(history.state, "", `${here}&sentence=once+more`);
    document.addEventListener("click", e => e.preventDefault(), {once: true});
    link.click();
    history.replaceState(history.state, "", here);
    return Object.fromEntries(new URLSearchParams(link.search));
}"""


def test_three_things_to_see(tab, server, small):
    page = tab(viewport={"width": 1160, "height": 768})
    show(page, server, text=small, heat="log")
    links = page.locator("#sights a")
    until(lambda: "opens" in links.nth(0).inner_text(), "which models open", page)
    assert [link.inner_text() for link in links.all()] == [
        "A head for the token before (opens MiniLM-L6)",
        "Induction on repeated tokens (opens demo-gpt)",
        "What breaks without L0H0 (opens demo-gpt)",
    ]
    for width in (1160, 1024):
        page.set_viewport_size({"width": width, "height": 768})
        assert page.locator("#sights").bounding_box()["height"] < 40  # one line
    assert page.is_hidden("#sight")
    kept = {"heat": "log"}  # what was set goes along
    assert (kept | {"sentence": "once more", "model": "minilm"}).items() <= page.evaluate(
        WITH_A_SENTENCE
    ).items()
    wait_for_address(page, model="demo-bert", text=small, **kept)
    before = query(page)
    page.focus("#see-induction")
    page.keyboard.press("Enter")
    wait_for(page, "() => document.getElementById('sight-said')?.textContent.includes('stripe')")
    wait_for_plot(page, "lab-matrix")
    wait_for(page, INSIDE, "lab-head-title")
    assert page.evaluate(INSIDE, "sight")  # the sentences stay beside it
    assert "L1H3" in page.inner_text("#lab-head-title")
    assert page.get_attribute("#see-induction", "aria-current") == "page"
    wait_for_address(page, **kept, model="demo-gpt")
    assert links.nth(1).inner_text() == "Induction on repeated tokens"  # it is open already
    wait_for_plot(page, "lab-grid-prefix_matching")
    click_cell(page, "lab-grid-prefix_matching", 0, 0)  # as they say
    until(lambda: "L0H0" in page.inner_text("#lab-head-title"), "the head", page)
    page.wait_for_timeout(300)
    assert page.is_visible("#sight")
    page.click("#stage-select label:has-text('Heads')")
    page.wait_for_selector("#sight", state="hidden")
    page.go_back()
    wait_for_plot(page, "qk-map")
    until(lambda: query(page) == before, "the view before", page)
    assert page.is_hidden("#sight")
    page.click("#see-without")
    wait_for(page, "() => document.getElementById('head-facts-b')?.textContent.includes('0.03')")
    assert "0.96" in page.inner_text("#head-facts")
    assert "falls from .96 to .03" in page.inner_text("#sight-said")
    page.click("#passage-next")
    until(lambda: "passage" in query(page), "another passage", page)
    assert page.is_visible("#sight")
    choose(page, model_select="demo-bert")  # the person goes on
    page.wait_for_selector("#sight", state="hidden")
    page.click("#sights-close")
    assert page.is_hidden("#sights")
    page.click("#guide-open")
    page.click("#guide-before")  # which loads the page anew
    wait_for(page, "() => window.headscope?.run?.spec === 'minilm'")
    page.wait_for_selector("#sight", state="visible")
    wait_for_plot(page, "qk-map")
    assert page.is_hidden("#sights")  # for good
    page.click("#sight-close")
    assert page.is_hidden("#sight")
    focused = "() => document.activeElement.id"
    until(lambda: page.evaluate(focused) == "guide-open", "the focus where they are", page)
