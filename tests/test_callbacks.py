"""The callbacks as a whole."""

from collections import Counter
from pathlib import Path

from dash import Dash, DiskcacheManager
from diskcache import Cache

from components import callbacks


def test_no_callback_displaces_another(tmp_path: Path) -> None:
    """Dash names a callback without outputs by its inputs alone; of two equal ones one is lost."""
    app = Dash("test", background_callback_manager=DiskcacheManager(Cache(tmp_path)))
    callbacks.register(app)
    known = Counter(entry["output"] for entry in app._callback_list)
    assert len(known) > 50
    twice = [e["inputs"] for e in app._callback_list if known[e["output"]] > 1]
    assert twice == []
