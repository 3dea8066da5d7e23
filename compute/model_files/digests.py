"""SHA-256 of files, remembered on disk so that large weights are read once."""

import contextlib
import hashlib
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
    note = (
        store.root() / "digests" / store.key(str(file.resolve()), state.st_size, state.st_mtime_ns)
    )
    with contextlib.suppress(OSError):
        if len(known := note.read_text(encoding="ascii")) == 64:
            return known
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    with contextlib.suppress(store.TroubleWriting):  # then it is read again next time
        store.write_text(note, digest)
    return digest
