"""What axe-core says of a page, or of a part of it."""

from pages import ROOT, until, wait_for
from playwright.sync_api import Page

COLOURS = ("color-contrast", "link-in-text-block")
"""axe-core's rules about colours."""
_AXE = ROOT / "tests" / "vendor" / "axe.min.js"
_STILL = """() => !document.querySelector(".showing") && document.getAnimations()
    .every(a => a.playState === "finished" || a.effect.getTiming().iterations === Infinity)"""
_SERIOUS = """async ([part, rules]) => {
    const some = rules.length ? {runOnly: rules} : {};
    const found = await axe.run(part || document, {resultTypes: ["violations"], ...some});
    return found.violations.filter(v => ["serious", "critical"].includes(v.impact))
        .map(v => [v.id, v.nodes.map(n => n.html.slice(0, 120))]);
}"""


def serious(page: Page, part: str = "", rules: tuple[str, ...] = ()) -> list:
    """Return what axe-core calls serious in what is shown.

    `part` is a selector; `rules` are those that are meant, if not all are.
    """
    if not page.evaluate("() => !!window.axe"):
        page.evaluate(_AXE.read_text(encoding="utf-8"))  # the page itself may run no such script
    wait_for(page, _STILL)  # while something fades in, its colours are others
    return page.evaluate(_SERIOUS, [part, rules])


def outside(page: Page) -> list:
    """Return what lies outside of the page's landmarks; call `serious` or `check` before."""
    return page.evaluate(
        """async () => (await axe.run(document, {runOnly: ["region"]})).violations
        .flatMap(v => v.nodes.map(n => n.html.slice(0, 120)))"""
    )


def dark(page: Page) -> bool:
    return page.evaluate("() => document.documentElement.dataset.bsTheme") == "dark"


def check(page: Page, part: str = "") -> None:
    """Fail on what axe-core calls serious, in the theme that is shown and in the other one.

    There the same elements have other colours, so the rules about colours are looked at.
    """
    themes = ("light", "dark") if dark(page) else ("dark", "light")
    for other, rules in zip(themes, ((), COLOURS), strict=True):
        found = serious(page, part, rules)
        assert found == [], found
        page.evaluate("data => dash_clientside.set_props('theme', {data})", other)
        until(lambda other=other: dark(page) == (other == "dark"), f"the {other} theme", page)
