"""Links that were sent years ago open what they opened then.

``addresses.json`` was written before the page's state was gathered in one table. Each entry says
what an address became once all was restored, and what its controls showed.
"""

import json
from pathlib import Path
from urllib.parse import urlsplit

from pages import query, until, wait_for_plot

ADDRESSES = json.loads(Path(__file__).with_name("addresses.json").read_text())
SHOWN = """ids => Object.fromEntries(ids.map(id => {
    const control = document.getElementById(id);
    return [id, !control ? null : control.type === "checkbox" ? control.checked : control.value];
}))"""


def test_each_address_opens_what_it_always_opened(page, server, small):
    """One tab for all of them: what it has compiled is worth a fifth of each visit."""
    for known in ADDRESSES:
        page.goto(f"{server.url}?{known['given']}")
        if known["becomes"].get("stage", "heads") == "heads":
            wait_for_plot(page, "qk-map")
        said = f"{known['name']}: {known['becomes']} in {page.url}"
        until(lambda known=known: query(page) == known["becomes"], said, page)
        shown = known["shows"]
        until(
            lambda shown=shown: page.evaluate(SHOWN, list(shown)) == shown,
            f"{known['name']}: {shown}, not {page.evaluate(SHOWN, list(shown))}",
            page,
        )
        assert urlsplit(page.url).fragment == ""
