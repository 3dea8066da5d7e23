"""Data sets that ``datasets.save_to_disk`` wrote: folders of Arrow streams, and what lies beside.

Such a folder has a ``state.json`` that lists its files of data; others are what the library keeps
of earlier work on it. One with splits has a ``dataset_dict.json``, and a folder for each.
"""

import json
from collections.abc import Iterable
from pathlib import Path

STATE = "state.json"
_BESIDE = {STATE, "dataset_info.json", "dataset_dict.json"}
_MOST = 2**20  # characters of state.json


def data_files(folder: str, names: Iterable[str]) -> set[str] | None:
    """Return which of the names in a folder are data or folders, if it is a data set; else None."""
    inside = set(names)
    if not inside & _BESIDE:
        return None
    if STATE not in inside:
        return inside - _BESIDE
    try:
        with Path(folder, STATE).open(encoding="utf-8") as file:
            listed = {one["filename"] for one in json.loads(file.read(_MOST))["_data_files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return inside - _BESIDE
    return {name for name in inside if name in listed or not name.endswith(".arrow")} - _BESIDE
