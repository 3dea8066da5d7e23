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
    """
    run = runs.load(key)
    return {"run": key, **_told(run.tokens), "keys": None if run.square else _told(run.keys)}


def _told(tokens: Tokens) -> dict:
    return {
        "strings": tokens.strings,
        "passage": tokens.passage.tolist(),
        "starts": tokens.starts.tolist(),
        "special": tokens.special.nonzero()[0].tolist(),
        "unknown": int(tokens.unknown.sum()),
    }
