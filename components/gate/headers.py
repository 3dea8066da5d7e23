"""What the browser is told with every answer: what our page may do, and who may show it.

Scripts come from this server alone, and the inline ones that Dash writes into the page are known by
their hashes. Two things had to be left open:

- ``'unsafe-eval'``: the maps are drawn by Plotly's scattergl, whose WebGL library compiles its
  drawing commands with ``Function(...)``. Without it Plotly says that WebGL is not supported, and
  there is no map (a test in tests/gate shows it, and will say when it is no longer so).
  Nothing else on the five stages missed it as they opened.
- ``'unsafe-inline'`` for styles: Plotly dresses its text in ``style`` attributes, and dash-ag-grid
  brings its looks in ``<style>`` elements that change with each version. Styles run no code, and
  what they could fetch is held by the other rules.
"""

from collections.abc import Sequence


def policy(scripts: Sequence[str] = ()) -> str:
    """Return the Content-Security-Policy; inline scripts by the hashes of ``Dash.csp_hashes``."""
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'", "'unsafe-eval'", *scripts],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in rules.items())


def fixed(scripts: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return the headers that every answer carries, errors included."""
    return [
        ("Content-Security-Policy", policy(scripts)),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ]
