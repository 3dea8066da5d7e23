"""Links that were sent years ago open what they opened then.

``addresses.json`` was written before the page's state was gathered in one table. Each entry says
what an address became once all was restored, and what its controls showed.
"""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pages import query, until, wait_for_plot

ADDRESSES = json.loads(Path(__file__).with_name("addresses.json").read_text())
SHOWN = """ids => Object.fromEntries(ids.map(id => {
    const control = document.getElementById(id);
    return [id, !control ? null : control.type === "checkbox" ? control.checked : control.value];
}))"""


@pytest.mark.parametrize("known", ADDRESSES, ids=lambda known: known["name"])
def test_an_address_opens_what_it_always_opened(page, server, small, known):
    page.goto(f"{server.url}?{known['given']}")
    if known["becomes"].get("stage", "heads") == "heads":
        wait_for_plot(page, "qk-map")
    until(lambda: query(page) == known["becomes"], f"{known['becomes']} in {page.url}", page)
    shown = known["shows"]
    until(
        lambda: page.evaluate(SHOWN, list(shown)) == shown,
        f"{shown}, not {page.evaluate(SHOWN, list(shown))}",
        page,
    )
    assert urlsplit(page.url).fragment == ""
