"""Files that nobody may touch, and what became of them."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

FORGED = "0123456789abcdef01234567"


def plant(folder: Path) -> list[str]:
    """Put files that a forged name could lead to beside the cache; return such names.

    One folder looks like an entry of the store, with a manifest that doesn't fit, as a damaged one
    would look, which the store deletes.
    """
    outside = folder / "outside"
    for place in (outside, outside / FORGED, folder / "home" / "papers"):
        place.mkdir(parents=True, exist_ok=True)
        (place / "letter.txt").write_text("not Headscope's\n")
        (place / "manifest.json").write_text("{")
        (place / "q.npy").write_bytes(b"\x93NUMPY")
    (folder / "outside.json").write_text("{}")
    return [
        str(outside),
        str(outside / FORGED),
        "../outside",
        f"../../outside/{FORGED}",
        "../../home/papers",
        str(folder / "home" / "papers"),
        "~/papers",
        "../outside\x00",
        "*",
        "????????????????????????",
        "[0-9a-f]*",
        "..",
        ".",
        "/",
        "",
    ]


def seen(folder: Path, but: Iterable[Path]) -> dict[str, str]:
    """Return the digest of every file and the name of every folder, but those below `but`."""
    left_out, found = [*but], {}
    for path in sorted(folder.rglob("*")):
        if any(path == each or each in path.parents for each in left_out):
            continue
        what = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        found[str(path.relative_to(folder))] = what
    return found


def changes(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return in words what is different."""
    gone = [f"{name} is gone" for name in before.keys() - after.keys()]
    new = [f"{name} is new" for name in after.keys() - before.keys()]
    changed = [f"{n} was changed" for n in before.keys() & after.keys() if before[n] != after[n]]
    return sorted([*gone, *new, *changed])
