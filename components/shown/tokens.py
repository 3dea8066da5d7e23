"""The tokens of a run, for the browser."""

from compute import runs


def tokens_of(key: str) -> dict:
    """Return what the page needs to know of a run's tokens."""
    tokens = runs.load(key).tokens
    return {
        "run": key,
        "strings": tokens.strings,
        "passage": tokens.passage.tolist(),
        "starts": tokens.starts.tolist(),
        "special": tokens.special.nonzero()[0].tolist(),
        "unknown": int(tokens.unknown.sum()),
    }
