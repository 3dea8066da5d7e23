"""The token: what the person at this machine knows and other visitors don't.

It is made once and kept in a private file of the user's, so that open pages and links outlive a
restart. A browser that has shown it keeps a cookie instead, from which the token can't be computed.
Browsers send cookies to all ports of a host: a server of somebody else on this machine would see
the cookie of a person who visits it, but not the token.
"""

import hashlib
import hmac
import os
import secrets
import stat
import tempfile
import threading
import time
from pathlib import Path

import platformdirs
from filelock import FileLock

from compute.errors import HeadscopeError

SHORTEST = 16
ONCE_SECONDS = 60


def file() -> Path:
    """Return where the user's token is kept: not with the results, which are often deleted."""
    return platformdirs.user_data_path("headscope", appauthor=False) / "token"


def kept(path: Path) -> tuple[str, str]:
    """Return the token of a file, making both at the first call, in a folder for the user alone.

    Returns
    -------
    token : str
    note : str
        A sentence for the terminal if the token is not the one of last time, else "".
    """
    try:
        _private_folder(path.parent)
        with FileLock(path.with_name("lock"), mode=0o600):  # two servers may start at once
            token, trouble = _read_kept(path)
            if token is None:
                token = secrets.token_urlsafe(32)
                _write(path, token)
    except OSError as problem:
        why = problem.strerror or str(problem)
        return secrets.token_urlsafe(32), (
            f"{path} can't be used ({why}): this token is for this run only, and pages that are "
            "open must be opened anew after the next start."
        )
    return token, trouble


def given(path: Path) -> tuple[str, str]:
    """Return the token that the user wrote into a file, and a sentence if others can read it.

    Raises
    ------
    HeadscopeError
        If the file can't be read, or holds no token.
    """
    try:
        token = path.read_text(encoding="utf-8").strip()
        others = os.name == "posix" and path.stat().st_mode & 0o077
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "it is not text"
        raise HeadscopeError(f"The token file {path} can't be read: {why}.") from problem
    if not _sound(token):
        raise HeadscopeError(
            f"The token in {path} must be at least {SHORTEST} printable characters without spaces. "
            'This makes one: python -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    return token, f"Other users of this machine may read {path}: chmod 600 it." if others else ""


def cookie_name(port: int) -> str:
    """Return the name of a server's cookie: each port has its own."""
    return f"headscope-{port}"


def cookie_value(token: str, port: int) -> str:
    """Return what a browser keeps instead of the token."""
    return _derived(token, f"cookie of port {port}").hex()


def secret(token: str) -> bytes:
    """Return the key that signs the handles of jobs, so that open pages find them again."""
    return _derived(token, "handles of jobs")


def equal(one: str, other: str) -> bool:
    """Compare what a visitor sent with what is right, in the same time whatever differs."""
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


class OnceCodes:
    """Codes that open the page a single time, within a minute.

    ``--open`` hands one to the browser: other users of the machine can read command lines.
    """

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def new(self) -> str:
        """Return a fresh code."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._until[code] = time.monotonic() + ONCE_SECONDS
        return code

    def use(self, code: str) -> bool:
        """Tell whether a code is good; from then on it is not."""
        with self._lock:
            until = self._until.pop(code, None)
        return until is not None and time.monotonic() < until


def _derived(token: str, what: str) -> bytes:
    return hmac.digest(token.encode(), f"headscope: {what}".encode(), hashlib.sha256)


def _sound(token: str) -> bool:
    return len(token) >= SHORTEST and token.isprintable() and not any(map(str.isspace, token))


def _private_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name != "posix":
        return
    found = folder.stat()
    if found.st_uid != os.geteuid():
        raise PermissionError(None, "its folder belongs to somebody else")
    if stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)


def _read_kept(path: Path) -> tuple[str | None, str]:
    """Return the token and "", or None and why there must be a new one ("" at the first start)."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | _NO_WAIT)
    except FileNotFoundError:
        return None, ""
    except OSError:  # such as a link, which may lead anywhere
        return None, _anew(path, "was not a plain file")
    with open(handle, "rb") as opened:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            return None, _anew(path, "was not a plain file")
        if os.name == "posix" and found.st_uid != os.geteuid():
            return None, _anew(path, "belonged to somebody else")
        if os.name == "posix" and stat.S_IMODE(found.st_mode) & 0o077:
            return None, _anew(path, "could be read by other users")
        token = opened.read(1000).decode("ascii", "ignore").strip()
    return (token, "") if _sound(token) else (None, _anew(path, "was damaged"))


_NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # a pipe in its place must not hold the start up


def _anew(path: Path, why: str) -> str:
    return (
        f"{path} {why}, so there is a new token: open the page with the address below, the links "
        "and pages that you have will then work again."
    )


def _write(path: Path, token: str) -> None:
    handle, name = tempfile.mkstemp(prefix="token-", dir=path.parent)  # 0600
    with open(handle, "w", encoding="utf-8") as new:
        new.write(token + "\n")
    os.replace(name, path)
