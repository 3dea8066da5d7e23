"""Sizes, light and dark, and what axe-core and the keyboard say."""

from axe import check, dark, outside, serious
from pages import (
    choose,
    held,
    hover_point,
    lonely,
    message,
    show,
    until,
    wait_for,
    wait_for_plot,
    wait_for_selection,
)

WIDE, SMALL = {"width": 1440, "height": 900}, {"width": 1024, "height": 768}
FILLED = """() => [...document.querySelectorAll("#stage-heads .js-plotly-plot")]
    .filter(gd => gd.offsetParent && gd._fullLayout)
    .every(gd => Math.abs(gd._fullLayout.width - gd.clientWidth) < 3)"""
PAPER = "() => document.querySelector('#qk-map .js-plotly-plot')._fullLayout.font.color"
# Words that are cut off, lie beyond the page's edge, or have no room in their field or selector.
# The note of a model may be cut: it opens at a click. A table scrolls in itself.
CUT = """() => {
    const pen = document.createElement("canvas").getContext("2d");
    const seen = e => e.checkVisibility({visibilityProperty: true}) && e.clientWidth > 1
        && !e.closest("svg, .ag-root-wrapper") && e.id !== "model-note";
    const words = e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const small = (e, text) => {
        const s = getComputedStyle(e);
        pen.font = `${s.fontWeight} ${s.fontSize} ${s.fontFamily}`;
        const room = e.clientWidth - parseFloat(s.paddingLeft) - parseFloat(s.paddingRight);
        return pen.measureText(text).width > room + 1;
    };
    const cut = e => {
        const [chosen] = e.selectedOptions || [];
        if (e.tagName === "SELECT") return chosen && small(e, chosen.text);
        if (e.tagName === "INPUT") return !e.value && small(e, e.placeholder);
        if (e.tagName === "OPTION" || !words(e)) return false;
        const clips = getComputedStyle(e).overflowX !== "visible";
        return (clips && e.scrollWidth > e.clientWidth + 1)
            || e.getBoundingClientRect().right > innerWidth + 1;
    };
    return [...document.querySelectorAll("body *")].filter(e => seen(e) && cut(e))
        .map(e => e.outerHTML.slice(0, 120));
}"""
STAGES = {
    "Heads": "heads",
    "Why": "why",
    "All heads": "all",
    "Patterns": "patterns",
    "Corpus": "corpus",
    "Lab": "lab",
    "Methods": "scale",
}


def plots(page, *ids):
    for id in ids:
        wait_for_plot(page, id)


def fits(page, sides):
    """Fail on what is cut off or too small, once the plots have their new size."""
    wait_for(page, FILLED)
    assert page.evaluate("() => document.scrollingElement.scrollWidth <= innerWidth")
    assert page.evaluate(CUT) == []
    for id, least in (("qk-map", 250), ("attention-heatmap", 250)):
        for side in sides:
            box = page.locator(f"#{id}{side} .nsewdrag").bounding_box()
            assert box["height"] >= (least if id == "qk-map" else 200)
            assert box["width"] >= 200
    cut = page.evaluate(
        """() => [...document.querySelectorAll("button, select, label, h1, h2")]
            .filter(e => e.offsetParent && e.tagName !== "SELECT" && e.clientWidth > 1
                && e.id !== "model-note" && (e.scrollWidth > e.clientWidth + 1
                    || e.getBoundingClientRect().right > innerWidth))
            .map(e => e.outerHTML.slice(0, 100))"""
    )
    assert cut == []
    tabs = "all => all.map(e => Math.round(e.getBoundingClientRect().top))"
    tops = page.eval_on_selector_all("#stage-select label", tabs)
    assert [tops.count(top) for top in sorted(set(tops))] == [4, 3]  # two lines
    for id in ("qk-map", "attention-heatmap"):  # A's and B's are level, and as large
        boxes = [page.locator(f"#{id}{side}").bounding_box() for side in sides]
        for each in ("y", "width", "height"):
            assert max(box[each] for box in boxes) - min(box[each] for box in boxes) < 2
    if len(sides) > 1:
        maps = [page.locator(f"#qk-map{side}").bounding_box() for side in sides]
        feet = [foot.bounding_box() for foot in page.locator(".map-foot").all()]
        for drawn, foot in zip(maps, feet, strict=True):
            assert foot["y"] >= drawn["y"] + drawn["height"]  # its words cover no points


def test_every_stage_at_1024_and_while_it_measures(page, server, small):
    page.set_viewport_size(SMALL)
    measuring = ("lab-measured-result", "all-laid-result")
    with held(page, lambda asked: asked["again"] and asked["output"].startswith(measuring)):
        show(page, server, text=small, token=20)
        wait_for(page, "() => !document.getElementById('sights').hidden")
        plots(page, "head-grid", "induction-grid")
        for title in ("Why", "All heads", "Patterns", "Corpus", "Lab", "Methods"):
            page.click(f"#stage-select label:text-is('{title}')")
            page.wait_for_selector(f"#stage-{STAGES[title]} .workspace", state="visible")
            if title == "Lab":
                page.wait_for_selector("#lab-measured-job", state="visible")
            assert page.evaluate(CUT) == []
            assert serious(page) == []
    _stages_by_arrow_keys(page, ("ArrowRight", "heads"), ("ArrowLeft", "scale"), ("ArrowUp", "lab"))
    wait_for_plot(page, "lab-matrix")
    page.wait_for_selector("#lab-table .ag-row")
    assert page.evaluate(CUT) == []
    assert serious(page) == []
    _the_map_stays_where_it_is_when_facts_arrive(page)


def _the_map_stays_where_it_is_when_facts_arrive(page):
    top = """() => ["head-facts", "qk-map"].map(
        id => document.getElementById(id).getBoundingClientRect()).map(b => b.top)"""
    page.click("#stage-select label:text-is('Heads')")
    plots(page, "qk-map")
    until(lambda: "random repeats" in page.inner_text("#head-facts"), "all facts", page)
    lines = page.locator("#head-facts").evaluate("e => e.getClientRects()[0].height")
    before = page.evaluate(top)
    assert lines > 40, "they take three lines in a narrow window"
    page.evaluate("() => dash_clientside.set_props('head-facts', {children: ''})")
    until(lambda: not page.inner_text("#head-facts"), "no facts", page)
    assert page.evaluate(top) == before


def _stages_by_arrow_keys(page, *steps):
    """Walk from tab to tab, round the ends; the arrows leave the head alone there."""
    head = page.input_value("#layer-select"), page.input_value("#head-select")
    page.focus("#stage-select input:checked")
    for key, stage in steps:
        page.keyboard.press(key)
        page.wait_for_selector(f"#stage-{stage}", state="visible")
        assert page.evaluate("() => document.activeElement.value") == stage
        tab = page.locator("#stage-select input:focus-visible + label")
        assert tab.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"  # one sees it
    assert (page.input_value("#layer-select"), page.input_value("#head-select")) == head


def test_everything_fits_and_is_reached(page, server, small):
    page.set_viewport_size(WIDE)
    show(page, server, text=small)
    plots(page, "head-grid", "induction-grid")
    box = page.locator("#qk-map").bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] <= 900  # seen whole without scrolling
    for size in (SMALL, WIDE):
        page.set_viewport_size(size)
        fits(page, [""])
    page.focus("#qk-map-hint")
    page.keyboard.press("Enter")
    page.wait_for_selector(".popover-body")
    assert "circle" in page.inner_text(".popover-body")
    page.keyboard.press("Escape")
    page.click("#map-more")
    _all_is_reached_by_tab(page)
    page.click("#map-more")
    page.click("#compare-toggle")
    plots(page, "qk-map-b", "attention-heatmap-b", "attention-difference")
    page.evaluate("() => dash_clientside.set_props('head-select-b', {value: '2'})")
    for size in (WIDE, SMALL):
        page.set_viewport_size(size)
        fits(page, ["", "-b"])
    page.click("#compare-toggle")
    _another_theme_stays(page)


def _all_is_reached_by_tab(page):
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
        if wanted <= reached:
            break
    assert wanted - reached == set()


def _another_theme_stays(page):
    colour = page.evaluate(PAPER)
    for other in (True, False, True):
        page.click("#theme-toggle")
        until(lambda other=other: dark(page) == other, "the theme", page)
        until(lambda other=other: (page.evaluate(PAPER) != colour) == other, "the plots", page)
    page.reload()
    until(lambda: dark(page), "the theme again", page)
    wait_for_plot(page, "qk-map")
    assert page.evaluate(PAPER) != colour


def test_axe_finds_nothing_serious(tab, server, small):
    page = show(tab(color_scheme="dark", viewport=WIDE, motion=True), server, text=small, token=20)
    assert dark(page)  # the system decides at first
    plots(page, "head-grid", "induction-grid")
    wait_for_selection(page, token=20)
    choose(page, strongest_by="largest")
    page.wait_for_selector("#strongest li")
    check(page)
    page.click("#map-more")
    page.click("#trust-badge")
    page.wait_for_selector("#trust-details table")
    assert "Recall@" in page.inner_text("#trust-details")
    check(page)
    page.locator("body").press("Escape")
    hover_point(page, "qk-map", "query", lonely(page, "qk-map", "query"))
    page.wait_for_selector("#card mark")  # the card of a point, in its passage
    check(page)
    assert outside(page) == []
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
    _where_nothing_is_open(page, server)


def _where_nothing_is_open(page, server):
    page.goto(f"{server.url}?model=demo-bert&text=own-000000000000000000000000")
    assert "not kept here any more" in message(page)
    page.wait_for_selector("#nothing", state="visible")
    assert "“demo-bert” could not be opened" in page.inner_text("#nothing-what")
    check(page)
    sentence, toast = (page.locator(f"#{id}").bounding_box() for id in ("nothing", "error-toast"))
    assert sentence["y"] >= toast["y"] + toast["height"]  # neither covers the other
    page.click("#open-default")
    wait_for(page, "() => window.headscope?.run?.spec === 'minilm'")
    wait_for_plot(page, "qk-map")
    assert not page.is_visible("#error-toast")
