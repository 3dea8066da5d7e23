"""Which scripts and style sheets the page has, and the order in which they are loaded.

Dash would take all files of ``assets/`` by the alphabet. Here what others build on comes first;
the folders that are named nowhere, such as that of a new stage, follow by the alphabet.
"""

from pathlib import Path

from dash import Dash

ASSETS = Path(__file__).parents[2] / "assets"
FIRST = (
    "page/bootstrap.min.css",
    "page/page.css",
    "page/base.js",
    "page/quiet.js",
    "joint_map/overlay.js",  # what is drawn over plots, and the state of what is selected
    "compare/columns.js",  # both columns; before what clicks in them, and before column B
    "compare/laid.js",
    "compare/column_b.js",
    "joint_map/overlay_3d.js",
    "page/pen_svg.js",
    "heads/card.js",
    "heads/plot_events.js",
    "passage/ticks.js",  # before what says which names it left out
    "passage/heat.js",  # before what deselects: with a large heatmap Escape makes that small
)


def ordered() -> list[str]:
    """Return all files, as paths in ``assets/``: `FIRST`, then the others by the alphabet."""
    there = [path.relative_to(ASSETS).as_posix() for path in ASSETS.rglob("*.*")]
    rest = sorted(name for name in there if name not in FIRST)
    return [name for name in (*FIRST, *rest) if name.endswith((".css", ".js"))]


def add(app: Dash) -> None:
    """Give the app its files; it must have been made with ``include_assets_files=False``."""
    for name in ordered():
        resource = {"asset_path": name, "filepath": str(ASSETS / name)}
        if name.endswith(".js"):
            app.scripts.append_script(resource)
        else:
            app.css.append_css(resource)
