"""Sizes, light and dark, and what axe-core and the keyboard say."""

from pathlib import Path

import pytest
from pages import choose, show, until, wait_for, wait_for_plot, wait_for_selection

AXE = Path(__file__).parents[2] / "vendor" / "axe.min.js"
SIZES = [(1440, 900), (1024, 768)]
FILLED = """() => [...document.querySelectorAll("#stage-heads .js-plotly-plot")]
    .filter(gd => gd.offsetParent && gd._fullLayout)
    .every(gd => Math.abs(gd._fullLayout.width - gd.clientWidth) < 3)"""
SERIOUS = """async () => (await axe.run()).violations
    .filter(v => ["serious", "critical"].includes(v.impact))
    .map(v => [v.id, v.nodes.map(n => n.html.slice(0, 120))])"""


def plots(page, *ids):
    for id in ids:
        wait_for_plot(page, id)


def dark(page) -> bool:
    return page.evaluate("() => document.documentElement.dataset.bsTheme") == "dark"


def check(page) -> None:
    """Fail on what axe-core calls serious; fading in must be over, or its colours are measured."""
    wait_for(
        page,
        "() => !document.querySelector('.showing') && document.getAnimations()"
        ".every(a => a.effect.getTiming().iterations === Infinity)",
    )
    if not page.evaluate("() => !!window.axe"):
        page.evaluate(AXE.read_text(encoding="utf-8"))  # the page itself may run no such script
    assert page.evaluate(SERIOUS) == []


@pytest.mark.parametrize("comparing", [False, True], ids=["one", "two"])
def test_everything_fits(tab, server, small, comparing):
    page = tab(width=SIZES[0][0], height=SIZES[0][1])
    show(page, server, text=small, **({"compare": 1, "headb": 2} if comparing else {}))
    plots(page, "head-grid", "induction-grid")
    sides = ("", "-b") if comparing else ("",)
    plots(page, *(f"{id}{side}" for id in ("qk-map", "attention-heatmap") for side in sides))
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        fits(page, sides)


def fits(page, sides):
    """Fail on what is cut off or too small, once the plots have their new size."""
    wait_for(page, FILLED)
    assert page.evaluate("() => document.scrollingElement.scrollWidth <= innerWidth")
    for id, least in (("qk-map", 250), ("attention-heatmap", 250)):
        for side in sides:
            box = page.locator(f"#{id}{side} .nsewdrag").bounding_box()
            assert box["height"] >= (least if id == "qk-map" else 200)
            assert box["width"] >= 200
    cut = page.evaluate(
        """() => [...document.querySelectorAll("button, select, label, h1, h2")]
            .filter(e => e.offsetParent && e.tagName !== "SELECT" && e.clientWidth > 1
                && (e.scrollWidth > e.clientWidth + 1
                    || e.getBoundingClientRect().right > innerWidth))
            .map(e => e.outerHTML.slice(0, 100))"""
    )
    assert cut == []
    tabs = "all => new Set(all.map(e => Math.round(e.getBoundingClientRect().top))).size"
    assert page.eval_on_selector_all("#stage-select label", tabs) == 1  # in one line
    tops = [page.locator(f"#qk-map{side}").bounding_box()["y"] for side in sides]
    assert max(tops) - min(tops) < 2  # A's and B's maps are level


def test_without_scrolling_the_map_is_seen_whole(again, small):
    page = again(text=small)
    box = page.locator("#qk-map").bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= 900


def test_dark_survives_a_reload(page, server, small):
    show(page, server, text=small)
    paper = "() => document.querySelector('#qk-map .js-plotly-plot')._fullLayout.font.color"
    assert not dark(page)
    light_ink = page.evaluate(paper)
    page.click("#theme-toggle")
    until(lambda: dark(page), "the dark theme", page)
    until(lambda: page.evaluate(paper) != light_ink, "dark plots", page)
    page.reload()
    until(lambda: dark(page), "the dark theme again", page)
    wait_for_plot(page, "qk-map")
    assert page.evaluate(paper) != light_ink
    page.click("#theme-toggle")
    until(lambda: not dark(page), "the light theme", page)
    until(lambda: page.evaluate(paper) == light_ink, "light plots", page)


def test_the_system_decides_at_first(tab, server, small):
    page = show(tab(color_scheme="dark"), server, text=small)
    assert dark(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(tab, server, small, theme):
    page = show(tab(color_scheme=theme), server, text=small, token=20)
    plots(page, "head-grid", "induction-grid")
    wait_for_selection(page, token=20)
    check(page)
    page.click("#map-more")
    page.click("#trust-badge")
    page.wait_for_selector("#trust-details table")
    check(page)
    page.locator("body").press("Escape")
    page.click("#compare-toggle")
    plots(page, "qk-map-b", "attention-heatmap-b", "attention-difference")
    check(page)
    page.click("#guide-open")
    page.wait_for_selector("#guide.show")
    check(page)
    page.keyboard.press("Escape")
    page.wait_for_selector("#guide", state="hidden")
    for id, field in (("model-select", "model-input"), ("text-select", "text-input")):
        choose(page, **{id.replace("-", "_"): "other" if id == "model-select" else "own"})
        page.wait_for_selector(f"#{field}")
        check(page)
        page.keyboard.press("Escape")
        page.wait_for_selector(f"#{field}", state="detached")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_where_nothing_is_open(tab, server, theme):
    page = tab(color_scheme=theme)
    page.goto(f"{server.url}?model=demo-bert&text=own-000000000000000000000000")
    page.wait_for_selector("#nothing", state="visible")
    page.wait_for_selector("#error-toast.show")
    check(page)
    sentence, toast = (page.locator(f"#{id}").bounding_box() for id in ("nothing", "error-toast"))
    assert toast["y"] > sentence["y"] + sentence["height"]  # neither covers the other


def test_everything_is_reached_by_tab(again, small):
    page = again(text=small)
    page.click("#map-more")
    wanted = set(
        page.evaluate(
            """() => [...document.querySelectorAll("button, select, input, summary, textarea")]
                .filter(e => e.checkVisibility() && !e.disabled && e.id && e.type !== "radio")
                .map(e => e.id)"""
        )
    )
    assert {"model-select", "head-select", "token-search", "compare-toggle", "map-more"} <= wanted
    assert {"qk-map-hint", "head-grid-hint", "theme-toggle", "trust-badge"} <= wanted
    page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0) }")
    reached = set()
    for _ in range(3 * len(wanted)):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("() => document.activeElement.id"))
    assert wanted - reached == set()


def test_the_words_are_walked_by_keyboard(again, small):
    """Whoever has no mouse selects a token by its word; arrows there leave the head alone."""
    page = again(text=small)
    words = page.locator("#passage .word")
    until(lambda: words.count() > 4, "the words", page)
    assert words.evaluate_all("all => all.filter(w => w.tabIndex === 0).length") == 1
    words.nth(0).focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    wait_for_selection(page, role="query", token=2)
    assert page.input_value("#head-select") == "0"


def test_hints_open_by_keyboard(again, small):
    page = again(text=small)
    page.focus("#qk-map-hint")
    page.keyboard.press("Enter")
    page.wait_for_selector(".popover .explanation, .explanation.popover, .popover-body")
    assert "circle" in page.inner_text(".popover-body")
