"""How places of tokens go to the page: 16 bits each, the same tokens in all heads."""

import base64
from collections.abc import Sequence

import numpy as np
from dash.exceptions import PreventUpdate

from compute import runs
from compute.all_heads import tiles
from compute.maps import projection

ROLES = ("query", "key")


def opened(laid: dict | None, run: dict | None) -> tuple[runs.Run, tiles.Tiles]:
    """Return the run and its tiles; not while they are those of another run, or gone."""
    found = tiles.of(laid["run"], laid["method"]) if laid and run else None
    if found is None or laid["run"] != run["key"]:
        raise PreventUpdate
    return runs.load(run["key"]), found


def whole(method: str, data: runs.Run, found: tiles.Tiles, shared: bool) -> dict:
    """Return all heads' maps as the page gets them."""
    sent = {
        "run": data.key,
        "method": method,
        "shared": shared,
        "title": projection.METHODS[method].title,
        "layers": data.model.layers,
        "heads": data.model.heads,
        "fitted": found.fitted.astype(int).ravel().tolist(),
    }
    return sent | places(data, found, shared)


def places(data: runs.Run, found: tiles.Tiles, shared: bool) -> dict:
    """Return the places of the tokens that are drawn, of all heads or of some."""
    rows = drawn(data)
    framed = zip(ROLES, tiles.framed(found, shared), rows, strict=True)
    sent = {role: base64_of(sixteen(some[:, :, of])) for role, some, of in framed}
    return sent | counts(rows)


def drawn(data: runs.Run) -> tuple[np.ndarray, np.ndarray]:
    """Return which queries and which keys are drawn, the same in all heads."""
    heads = data.model.layers * data.model.heads
    return tiles.sample(len(data.tokens), heads), tiles.sample(len(data.keys), heads)


def counts(rows: Sequence[np.ndarray]) -> dict[str, int]:
    """Return how many queries and keys are sent."""
    return {"count": len(rows[0]), "key_count": len(rows[1])}


def sixteen(places: np.ndarray) -> np.ndarray:
    """Return places from −1 to 1 as whole numbers of 16 bits."""
    return np.round((places + 1) * (65535 / 2)).astype("<u2")


def base64_of(values: np.ndarray) -> str:
    """Return an array's bytes as text."""
    return base64.b64encode(values.tobytes()).decode()
