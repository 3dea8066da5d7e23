"""A whole HTML page that needs nothing else: no script, no font, no network."""

from compute.take_away.markup import Markup, tag

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; color: #1f2933; background: #fff;
  font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; } .note { font-style: italic; }
article { border-top: 2px solid #e3e8ee; margin-top: 2rem; }
p { margin: .4rem 0; } .faint, figcaption, caption { color: #5b6875; font-size: .9rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .3rem; }
th, td { text-align: left; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid #e3e8ee;
  vertical-align: top; overflow-wrap: normal; }
.wide { overflow-x: auto; } td.number { white-space: nowrap; }
figure { margin: .5rem 0 1.2rem; } svg { max-width: 100%; height: auto; display: block; }
.pair svg { display: inline-block; }
svg text { font: 11px system-ui, sans-serif; }
.name { paint-order: stroke; stroke: #fff; stroke-width: 3px; stroke-opacity: .8; }
.dots { stroke-width: 4; stroke-linecap: round; stroke-opacity: .55; fill: none; }
.query { color: #2563c9; } .key { color: #b35208; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .8rem 0; }
dt { color: #5b6875; } dd { margin: 0; }
@media print { body { max-width: none; padding: 0; } figure, tr { break-inside: avoid; } }
"""


def document(title: str, body: list[Markup], style: str = "") -> str:
    """Return a whole page that needs nothing else.

    Parameters
    ----------
    style : str
        More rules of style; they must come from our own code.
    """
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width"),
        tag("title", title),
        tag("style", Markup(STYLE + style)),
    )
    return "<!DOCTYPE html>\n" + tag("html", head, tag("body", tag("main", *body)), lang="en")
