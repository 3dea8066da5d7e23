"""What the vectors of a text take on the disk: said before they are made, and held to a budget."""

from compute import store
from compute.errors import HeadscopeError
from compute.machine import bounds, computing
from compute.models.model import ModelInfo
from compute.runs.run import pair_starts
from compute.texts.tokens import Tokens

Parts = list[tuple[ModelInfo, Tokens, Tokens]]
"""What is kept in one go, with the tokens of its queries and of its keys."""


def need(parts: Parts) -> int:
    """Return how many bytes the vectors of a text take on the disk."""
    total = 0
    for info, tokens, keys in parts:
        vectors = len(tokens) * info.heads + len(keys) * info.kv_heads
        total += computing.BYTES[info.dtype] * vectors * info.layers * info.head_dim
        if info.adds:
            pairs = int(pair_starts(tokens.starts, keys.starts)[-1])
            total += 4 * info.layers * info.heads * pairs
    return total


def estimate(parts: Parts) -> str:
    """Return a sentence on how much there is to read."""
    layers = " + ".join(str(info.layers) for info, _, _ in parts)
    return f"Reading {_most(parts):,} tokens in {layers} layers: {size(need(parts))} of vectors …"


def size(count: int) -> str:
    """Return bytes in words."""
    return f"{count / 2**30:.1f} GiB" if count >= 2**29 else f"{max(1, count >> 20):,} MiB"


def check(parts: Parts) -> None:
    """Raise `HeadscopeError` for vectors above the budget, or more than the disk has room for."""
    total, most, n = need(parts), bounds.budget(), _most(parts)
    info, adds = parts[0][0], any(info.adds for info, _, _ in parts)
    what = "query and key vectors"
    if adds:
        what += ", and what attention adds to their products,"
    if total > most:
        half = "" if computing.BYTES[info.dtype] < 4 else ", or --dtype bfloat16 for half of it"
        raise HeadscopeError(
            f"The {what} of this text ({n:,} tokens) in {info.name} would need {size(total)}, and "
            f"the limit is {size(most)}. Use at most {n * most // total:,} tokens of "
            f"{'such ' if adds else ''}text or a smaller model, or start with --budget "
            f"{-(-total // 2**30)} (GiB){half}."
        )
    store.check_room(total)


def _most(parts: Parts) -> int:
    return max(max(len(tokens), len(keys)) for _, tokens, keys in parts)
