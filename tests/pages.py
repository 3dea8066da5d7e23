"""What the browser tests share: what a user sees of the page, and does with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
from playwright.sync_api import Page
from servers import PATIENCE, ROOT, Server, until

__all__ = ["PATIENCE", "ROOT", "Server", "until"]  # to be had here too
SIDES = ("", "-b")
CONTROLS = [
    *(f"{what}-select{side}" for side in ("", "-b") for what in ("layer", "head")),
    *(f"{what}-select" for what in ("model", "text", "method", "colour", "score")),
    "token-search",
]

_DRAWN = """id => {
    const gd = document.querySelector(`#${id} .js-plotly-plot`);
    return !!(gd && gd._fullData && gd._fullData.length && gd.dataset.attached);
}"""
_NUMBERS = """([id, trace, name]) => {
    const gd = document.querySelector(`#${id} .js-plotly-plot`);
    const values = ((gd && gd._fullData && gd._fullData[trace]) || {})[name];
    const found = values && Array.from(values, v => typeof v === "number" ? v : Array.from(v));
    return found ? {found} : null;
}"""
# Where a point of a map is in its plot, in a plane or in space.
_AT = """
    const times = (m, v) =>
        [0, 1, 2, 3].map(row => v.reduce((sum, x, k) => sum + m[4 * k + row] * x, 0));
    const at = (gd, t, i) => {
        const {xaxis, yaxis, scene} = gd._fullLayout;
        if (!scene) return [xaxis._offset + xaxis.d2p(t.x[i]), yaxis._offset + yaxis.d2p(t.y[i])];
        const {dataScale, container, glplot} = scene._scene, camera = glplot.cameraParams;
        const place = ["x", "y", "z"].map((letter, k) => t[letter][i] * dataScale[k]);
        const [x, y, , w] = ["model", "view", "projection"]
            .reduce((v, name) => times(camera[name], v), [...place, 1]);
        const box = container.getBoundingClientRect(), {left, top} = gd.getBoundingClientRect();
        return [box.left - left + (.5 + .5 * x / w) * box.width,
                box.top - top + (.5 - .5 * y / w) * box.height];
    };
"""
PIXEL = f"""([id, trace, x, y]) => {{
    {_AT}
    const gd = document.querySelector(`#${{id}} .js-plotly-plot`), box = gd.getBoundingClientRect();
    const layout = gd._fullLayout, t = gd._fullData[trace];
    const [left, top] = t.type.startsWith("scatter") ? at(gd, t, x)
        : [layout.xaxis._offset + layout.xaxis.d2p(x), layout.yaxis._offset + layout.yaxis.d2p(y)];
    return [box.left + left, box.top + top];
}}"""
_MARKS = "id => document.querySelector(`#${id} .js-plotly-plot`).dataset.marks"
_HOVERED = """id => {
    const {_hoverdata: points} = document.querySelector(`#${id} .js-plotly-plot`);
    return points && points.length ? [points[0].x, points[0].y] : null;
}"""
_INK = """id => {
    const canvas = document.querySelector(`#${id} canvas.overlay`);
    if (!canvas) return 0;
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, i) => i % 4 === 3 && value > 0).length;
}"""
# The token of a role whose point is farthest from all other points that are in the picture.
_LONELY = f"""([id, trace]) => {{
    {_AT}
    const gd = document.querySelector(`#${{id}} .js-plotly-plot`);
    const {{l, t, w, h}} = gd._fullLayout._size;
    const places = [0, 1].map(role => {{
        const points = gd._fullData[role];
        return Array.from(points.x, (_, i) => at(gd, points, i));
    }});
    let best = -1, most = 0;
    places[trace].forEach(([x, y], token) => {{
        if (!(x > l + 20 && x < l + w - 20 && y > t + 20 && y < t + h - 60)) return;
        let near = Infinity;
        places.forEach((others, t) => others.forEach((o, i) => {{
            if ((t !== trace || i !== token) && isFinite(o[0]))
                near = Math.min(near, Math.hypot(o[0] - x, o[1] - y));
        }}));
        if (near > most) [best, most] = [token, near];
    }});
    return best;
}}"""


def wait_for(page: Page, js: str, arg: object = None) -> None:
    """Wait until a JavaScript function returns something true."""
    page.wait_for_function(js, arg=arg, timeout=1000 * PATIENCE)


# Going there


def address(server: Server, **view: object) -> str:
    """Return the address of a view; small and without jobs, if nothing else is said."""
    view = {"model": "demo-bert", "map": "pca"} | view
    return f"{server.url}?{urlencode(view)}"


def show(page: Page, server: Server, **view: object) -> Page:
    """Open a view and wait until map and heatmap are drawn."""
    page.goto(address(server, **view))
    wait_for_plot(page, "qk-map")
    wait_for_plot(page, "attention-heatmap")
    return page


def reopen(page: Page, model: str, text: str) -> None:
    """Wait until a run is open and drawn."""
    wait_for(
        page,
        "([model, text]) => (r => r && r.spec === model && r.text === text)(window.headscope?.run)",
        [model, text],
    )
    count = run(page)["tokens"]
    until(lambda: len(numbers(page, "qk-map", 0, "x")) == count, "the new map", page)


def query(page: Page) -> dict[str, str]:
    """Return what the address says."""
    return dict(parse_qsl(urlsplit(page.url).query))


def wait_for_address(page: Page, **parts: str | None) -> None:
    """Wait until the address says this, and nothing of what is None: it is written last."""

    def said() -> bool:
        now = query(page)
        return all(now.get(name) == value for name, value in parts.items())

    until(said, f"{parts} in {page.url}", page)


# Scripts in the tab of the fixture `blank`


def call(page: Page, name: str, *values: object) -> object:
    """Call a client-side function as Dash does; "no update" is what is left as it is."""
    return page.evaluate(
        "([name, values]) => dash_clientside.headscope[name](...values)", [name, list(values)]
    )


def sent(page: Page) -> dict[str, dict]:
    """Return what scripts have set since this was last asked, by its id."""
    return dict(page.evaluate("() => window.sent.splice(0)"))


@contextmanager
def held(page: Page, wanted: Callable[[dict], bool]) -> Iterator[list]:
    """Hold back what is asked of the server, as far as it is meant, until the block ends.

    ``again`` says of a request that it asks how far a job is.
    """
    kept, over = [], []

    def hold(route) -> None:
        request = route.request
        if not over and wanted({**request.post_data_json, "again": "job=" in request.url}):
            kept.append(route)
        else:
            route.continue_()

    page.route("**/_dash-update-component*", hold)
    yield kept
    over.append(True)
    for route in kept:
        route.continue_()
    page.unroute("**/_dash-update-component*", hold)


# What is shown


def wait_for_plot(page: Page, id: str) -> None:
    """Wait until a plot is drawn and hears clicks."""
    wait_for(page, _DRAWN, id)


def numbers(page: Page, id: str, trace: int = 0, name: str = "z") -> np.ndarray:
    """Return an array of a plot's trace as the browser has it; NaN where there is nothing.

    A plot that isn't there, or is being drawn anew, is waited for.
    """
    shown = until(lambda: page.evaluate(_NUMBERS, [id, trace, name]), f"{name} of {id}", page)
    return np.array(shown["found"], dtype=float)


def wait_for_matrix(page: Page, id: str, expected: np.ndarray) -> None:
    """Wait until a heatmap shows these numbers."""

    def shown() -> bool:
        found = numbers(page, id)
        return found.shape == expected.shape and np.allclose(
            found, expected, atol=1e-5, equal_nan=True
        )

    until(shown, f"the expected numbers in {id}", page)


def run(page: Page) -> dict:
    """Return what the page knows of the open run."""
    return page.evaluate("() => window.headscope?.run")


def link(page: Page, side: str = "") -> dict | None:
    """Return what is drawn over a map: the selection and its attention."""
    return page.evaluate("side => window.headscope?.links[side]", side)


def wait_for_selection(page: Page, side: str = "", **wanted: object) -> dict:
    """Wait until the lines of a map belong to this selection; return what they are drawn from."""

    def found() -> dict | None:
        now = link(page, side)
        chosen = now and now["selection"]
        return now if chosen and wanted.items() <= chosen.items() else None

    return until(found, f"the selection {wanted}", page)


def marks(page: Page, id: str) -> dict[str, list[float]]:
    """Return what is marked in a heatmap: its name and [x0, x1, y0, y1]."""
    shapes = page.evaluate(
        "id => document.querySelector(`#${id} .js-plotly-plot`)._fullLayout.shapes"
        ".filter(s => s.name.startsWith('marked')).map(s => [s.name, [s.x0, s.x1, s.y0, s.y1]])",
        id,
    )
    return dict(shapes)


def controls(page: Page) -> dict[str, str]:
    """Return the values of all selectors, and the switches."""
    values = {id: page.input_value(f"#{id}") for id in CONTROLS}
    values |= {id: page.is_checked(f"#{id}") for id in ("labels", "hide-special")}
    return values | {"compare": "active" in page.get_attribute("#compare-toggle", "class")}


def message(page: Page) -> str:
    """Wait for the message in the corner and return it."""
    page.wait_for_selector("#error-toast.show", timeout=1000 * PATIENCE)
    return page.inner_text("#error-toast")


def dismiss(page: Page) -> None:
    """Close the message in the corner."""
    page.click("#error-toast .btn-close")
    page.wait_for_selector("#error-toast", state="hidden", timeout=1000 * PATIENCE)


def ink(page: Page, id: str = "qk-map") -> int:
    """Return on how many pixels over a map something is drawn."""
    return page.evaluate(_INK, id)


def weight_said(value: float) -> str:
    """Return an attention weight as the page says it."""
    if value < 1e-4:
        return "below 0.0001" if value > 0 else "0"
    return f"{value:.{4 if value < 0.01 else 3}f}"


# What a user does


def choose(page: Page, **values: str) -> None:
    """Choose in selectors: `head_select="3"`."""
    for id, value in values.items():
        page.select_option(f"#{id.replace('_', '-')}", value)


def switch(page: Page, id: str) -> None:
    """Press a switch, behind "More" if it is there."""
    if not page.is_visible(f"#{id}"):
        page.click("#map-more")
    page.click(f"#{id}")


def lonely(page: Page, id: str, role: str) -> int:
    """Return the token whose query (or key) can be clicked without hitting another point."""
    token = page.evaluate(_LONELY, [id, 0 if role == "query" else 1])
    assert token >= 0
    return token


def hover_point(page: Page, id: str, role: str, token: int) -> tuple[float, float]:
    """Move the mouse to a token's point until the page has seen it there; return its pixel."""
    page.locator(f"#{id}").scroll_into_view_if_needed()
    trace, wanted = (0 if role == "query" else 1), _json([{"role": role, "token": token}])
    near = iter(range(10**6))

    def seen() -> list[float] | None:
        if page.evaluate(_MARKS, id) == wanted:
            return page.evaluate(PIXEL, [id, trace, token, 0])
        x, y = page.evaluate(PIXEL, [id, trace, token, 0])
        page.mouse.move(x, y + next(near) % 2)  # Plotly looks only when the mouse moves
        return None

    return tuple(until(seen, f"{role} {token} of {id} under the mouse", page))


def weakest_said(page: Page, id: str) -> tuple[float, str]:
    """Point at a heatmap's cell with the least attention that is some; return it, and the card."""
    weights = numbers(page, id)
    least = weights[weights > 0].min()
    row, column = np.argwhere(weights == least)[0].tolist()
    page.locator(f"#{id}").scroll_into_view_if_needed()
    near = iter(range(10**6))

    def told() -> str:
        x, y = page.evaluate(PIXEL, [id, 0, column, row])
        page.mouse.move(x, y + next(near) % 2)  # Plotly looks only when the mouse moves
        return page.is_visible("#card") and page.inner_text("#card")

    return least, until(told, f"the card of a cell of {id}", page)


def wait_for_marks(page: Page, id: str, expected: list[dict]) -> None:
    """Wait until a map rings these points, and no others."""
    wait_for(page, f"([id, marks]) => ({_MARKS})(id) === marks", [id, _json(expected)])


def click_point(page: Page, id: str, role: str, token: int) -> None:
    """Click a token's point with the mouse."""
    page.mouse.click(*hover_point(page, id, role, token))


def click_cell(page: Page, id: str, row: int, column: int) -> None:
    """Click a cell of a heatmap or grid with the mouse, when Plotly has seen it there."""
    page.locator(f"#{id}").scroll_into_view_if_needed()
    near = iter(range(10**6))

    def seen() -> list[float] | None:
        x, y = page.evaluate(PIXEL, [id, 0, column, row])
        if page.evaluate(_HOVERED, id) == [column, row]:
            return [x, y]
        page.mouse.move(x, y + next(near) % 2)  # a plot may still move while the page fills
        return None

    page.mouse.click(*until(seen, f"cell {row}, {column} of {id} under the mouse", page))


def _json(marks: list[dict]) -> str:
    inner = ",".join(f'{{"role":"{m["role"]}","token":{m["token"]}}}' for m in marks)
    return f"[{inner}]"
