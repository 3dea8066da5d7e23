"""A folder that was written before, read back: what was found, and all that it is made of."""

import json
from pathlib import Path

from compute import store
from compute.corpus import findings
from compute.corpus.findings import Whole
from compute.errors import HeadscopeError

ABOUT, SUMMARY = "about.json", "summary"
MADE_BY = "Headscope corpus"
FORMAT = 1


def is_ours(folder: Path) -> bool:
    """Tell whether a folder was written by us, in this version or another."""
    return _about(folder).get("made_by") == MADE_BY


def read(folder: Path) -> Whole:
    """Read a folder back.

    Raises
    ------
    HeadscopeError
        If it is none of ours, of another version, or damaged.
    """
    if not is_ours(folder):
        raise HeadscopeError(
            f"{folder} is no folder that was written by “corpus --out”. Name one that was."
        )
    try:
        ours = _about(folder).get("format") == FORMAT
        whole = findings.whole(store.outside(folder / SUMMARY)) if ours else None
    except (store.Damaged, KeyError, ValueError, TypeError, IndexError) as error:
        raise HeadscopeError(
            f"{folder} is damaged: some of its files are not what they were. Measure it again."
        ) from error
    if whole is None:
        raise HeadscopeError(
            f"{folder} was written by another version of Headscope. Measure it again."
        )
    return whole


def _about(folder: Path) -> dict:
    try:
        found = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
