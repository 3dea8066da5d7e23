"""From the options of the command line to the gate's settings, and to what the terminal says."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from components.gate import hosts, tokens
from components.gate.settings import Settings
from compute.errors import HeadscopeError


def settings_of(
    host: str,
    port: int,
    allowed: Sequence[str] = (),
    use_token: bool = True,
    token_file: Path | None = None,
) -> tuple[Settings, list[str]]:
    """Return the settings that the options mean.

    Parameters
    ----------
    host : str
        What is listened on.
    allowed : sequence of str
        Further names under which the page is asked for.
    use_token : bool
        False lets every visitor in, which is possible on loopback alone.
    token_file : Path, optional
        Holds the token; by default the user's own is taken, or made.

    Returns
    -------
    settings : Settings
    notes : list of str
        Sentences for the terminal.

    Raises
    ------
    HeadscopeError
        If the options don't fit together, a host is none, or the token file can't be used.
    """
    names = [hosts.name_of(name) for name in (host, *allowed)]
    for name, said in zip(names, (host, *allowed), strict=True):
        if not name:
            raise HeadscopeError(f"“{said}” is not the name or address of a host.")
    if not use_token and not all(map(hosts.is_loopback, names)):
        raise HeadscopeError(
            "Other machines need the token: --no-token works with loopback hosts alone, such as "
            "127.0.0.1."
        )
    if not use_token and token_file:
        raise HeadscopeError("--no-token and --token-file exclude each other.")
    token, note = tokens.given(token_file) if token_file else tokens.kept(tokens.file())
    settings = Settings(
        port=port,
        named=frozenset(name for name in names if not hosts.is_wildcard(name)),
        everywhere=hosts.is_wildcard(names[0]),
        token=token if use_token else None,
        secret=tokens.secret(token),
    )
    return settings, [note] if note and use_token else []


def address(host: str, settings: Settings, shown: str = "token") -> str:
    """Return the address that opens the page.

    Parameters
    ----------
    host : str
        What is listened on; for all addresses, one of them is taken.
    shown : str
        ``token``, ``once`` for a code that works a single time, or ``hidden``.
    """
    there = hosts.written(hosts.reachable(hosts.name_of(host)))
    plain = f"http://{there}:{settings.port}"
    if settings.token is None:
        return plain
    if shown == "hidden":
        return f"{plain}/?token=…"
    word = settings.once.new() if shown == "once" else settings.token
    return f"{plain}/?{shown}={quote(word, safe='')}"


def announcement(host: str, settings: Settings, token_file: Path | None = None) -> list[str]:
    """Return what the terminal says when the app is there, a line each."""
    lines = [f"Headscope is at {address(host, settings)}  (stop it with Ctrl+C)"]
    if token_file:  # a service's output is kept in logs
        lines = [
            f"Headscope is at {address(host, settings, 'hidden')}, where … is what stands in "
            f"{token_file}  (stop it with Ctrl+C)"
        ]
    if not hosts.is_loopback(hosts.name_of(host)):
        lines += [
            f"Every machine that reaches port {settings.port} of this one can ask for the page, "
            "and whoever has the token can use it as you.",
            "It is sent over plain HTTP, the token too, and can be read on the way: without "
            f"--host, and with ssh -L {settings.port}:127.0.0.1:{settings.port} on the other "
            "machine, it can't.",
        ]
    return lines
