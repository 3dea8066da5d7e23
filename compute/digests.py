"""SHA-256 of files, remembered on disk so that large weights are read once."""

import contextlib
import hashlib
import os
from pathlib import Path

from compute import store


def sha256(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal.

    An unchanged file (same path, size and time of change) is not read again, not even by another
    process.

    Raises
    ------
    OSError
        If the file can't be read.
    """
    state = file.stat()
    home = store.root() / "digests"
    home.mkdir(exist_ok=True)
    note = home / store.key(str(file.resolve()), state.st_size, state.st_mtime_ns)
    with contextlib.suppress(OSError):
        if len(known := note.read_text(encoding="ascii")) == 64:
            return known
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    draft = note.with_suffix(f".{os.getpid()}")
    draft.write_text(digest, encoding="ascii")
    os.replace(draft, note)
    return digest
