"""What the browser is told with every answer: what our page may do, and who may show it."""

from collections.abc import Sequence


def policy(scripts: Sequence[str] = ()) -> str:
    """Return the Content-Security-Policy.

    Parameters
    ----------
    scripts : sequence of str
        Hashes of inline scripts, as ``Dash.csp_hashes`` gives them.
    """
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
