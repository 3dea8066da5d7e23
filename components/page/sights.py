"""Three things to see: a strip of links to views that show what the page is for, and two sentences.

The sentences' numbers are measured on the models that come with Headscope (a test measures them
again). The links are plain addresses, so that the browser's Back leads back; `see`, which the page
takes out of its address, says which sentences belong to the view (assets/page/sights.js).
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from dash import Dash, Input, dcc, html

from components.grid.first_head import KNOWN
from components.parts.browser import in_browser
from compute.model_files import sources

TITLE = "Three things to see"


@dataclass(frozen=True)
class Sight:
    """A view worth seeing.

    Attributes
    ----------
    name : str
        As `see` names it.
    title : str
    said : str
        What one sees, and what to try.
    view : dict
        Its address.
    at : str
        The id of what is brought into sight, where that is far down.
    """

    name: str
    title: str
    said: str
    view: dict[str, str]
    at: str = ""

    @property
    def address(self) -> str:
        """Where the link leads."""
        return f"?{urlencode(self.view | {'see': self.name})}"


_HEAD = KNOWN[0]
_BEFORE = {**{name: str(value) for name, value in _HEAD.items()}, "role": "query"}
_GPT = {"model": "demo-gpt", "text": "prose", "layer": "1", "head": "3"}
SIGHTS = (
    Sight(
        "before",
        "A head for the token before",
        "Every token looks at the one just before it (1.00 of its attention on average): the "
        "diagonal in the heatmap; in the map the ring of “remembered” lies beside the ring of "
        "“everybody”. Click another word of the passage and see which ring lies beside its own.",
        _BEFORE,
    ),
    Sight(
        "induction",
        "Induction on repeated tokens",
        "Random tokens come twice; from the second copy, L1H3 looks at what followed the same "
        "token in the first: the framed stripe holds .94 of its attention. Click L0H0 in a grid: "
        "it looks at the token before instead, and induction is built on that.",
        _GPT | {"stage": "lab"},
        "lab-head-title",
    ),
    Sight(
        "without",
        "What breaks without L0H0",
        "B is the same head, L1H3, with L0H0 switched off: its induction on the text falls from "
        ".96 to .03, for it is built on what L0H0 passes on. Press “Change …” over B and switch "
        "off L0H1 instead: .85 stay.",
        _GPT
        | {"compare": "1", "layerb": "1", "headb": "3", "b-off": "L0H0", "b-method": "zero"}
        | {"role": "query", "token": "155"},
    ),
)


def strip() -> list:
    """Return the strip, and the place of the sentences; both hidden until the browser knows."""
    # The browser shows which model opens where that is another one.
    links = [_link(sight, f"see-{sight.name}", hidden=True) for sight in SIGHTS]
    close = _close("sights-close", f"Don't show “{TITLE}” again")
    said = [html.Span(id="sight-said", role="status"), _close("sight-close", "Close")]
    return [
        dcc.Store(id="sights-known", data=_known()),
        html.Nav(
            [html.Span(TITLE, className="sights-title"), *links, close],
            id="sights",
            className="sights",
            hidden=True,
            **{"aria-label": TITLE},
        ),
        html.Div(said, id="sight", className="sight", hidden=True),
    ]


def in_guide() -> list:
    """Return the same links for the guide, where they stay."""
    rows = [html.Li(_link(sight, f"guide-{sight.name}")) for sight in SIGHTS]
    return [html.H3(TITLE), html.Ul(rows)]


def register(app: Dash) -> None:
    """Wire the sentences to the view that they belong to."""
    in_browser(app)(
        "sightShown",
        Input("sights-known", "data"),
        Input("run", "data"),
        Input("stage-select", "value"),
        Input("compare-toggle", "active"),
        prevent_initial_call=False,
    )


def _link(sight: Sight, id: str, hidden: bool = False) -> html.A:
    model = sight.view["model"]
    name = next(each.name for each in sources.built_in() if each.spec == model)
    opens = html.Span(f" (opens {name})", className="opens", hidden=hidden, **{"data-opens": model})
    return html.A([sight.title, opens], href=sight.address, id=id, title=f"Opens {name}")


def _close(id: str, said: str) -> html.Button:
    return html.Button(id=id, className="btn-close", **{"aria-label": said, "title": said})


def _known() -> dict[str, dict]:
    return {
        sight.name: {"said": sight.said, "view": sight.view, "at": sight.at} for sight in SIGHTS
    }
