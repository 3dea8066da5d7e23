"""The tokens of a run, for the browser."""

from compute import runs
from compute.texts.tokens import Tokens


def tokens_of(key: str) -> dict:
    """Return what the page needs to know of a run's tokens.

    Returns
    -------
    dict
        ``strings``, ``passage``, ``starts``, ``special``, ``unknown``: of the tokens whose queries
        are shown. ``keys``: None, or, in cross-attention, the same of those whose keys are shown.
        ``grid``: None, or, of pictures, how many ``rows`` and ``columns`` of patches follow how
        many tokens ``before`` them, ``length`` in all; ``width`` and ``height`` in pixels; the
        pictures' ``labels``.
    """
    run = runs.load(key)
    told = {"run": key, **_told(run.tokens), "keys": None if run.square else _told(run.keys)}
    return told | {"grid": None if run.grid is None else _grid(run)}


def _grid(run: runs.Run) -> dict:
    grid, (_, height, width, _) = run.grid, run.pictures.shape
    size = {"rows": grid.rows, "columns": grid.columns, "before": len(grid.before)}
    size |= {"length": grid.length, "width": width, "height": height}
    return size | {"labels": list(run.labels)}


def _told(tokens: Tokens) -> dict:
    return {
        "strings": tokens.strings,
        "passage": tokens.passage.tolist(),
        "starts": tokens.starts.tolist(),
        "special": tokens.special.nonzero()[0].tolist(),
        "unknown": int(tokens.unknown.sum()),
    }
