"""What the vectors of a text take on the disk: said before they are made, and held to a budget."""

from collections.abc import Iterable
from dataclasses import dataclass

from compute import store
from compute.errors import HeadscopeError
from compute.machine import bounds, computing
from compute.models.model import ModelInfo
from compute.runs.run import Run, pair_starts
from compute.texts.tokens import Tokens


@dataclass(frozen=True)
class Read:
    """What is read and kept in one go of a model, or of a part of one.

    Attributes
    ----------
    info : ModelInfo
    tokens, keys : Tokens
        Of its queries and of its keys.
    held : tuple of int or None
        The layers that are kept, if not all are.
    picture : int
        Tokens of each picture; 0 for texts.
    """

    info: ModelInfo
    tokens: Tokens
    keys: Tokens
    held: tuple[int, ...] | None = None
    picture: int = 0

    @property
    def layers(self) -> int:
        """How many layers are kept."""
        return self.info.layers if self.held is None else len(self.held)

    @property
    def passed(self) -> int:
        """How many layers a pass goes through: up to the last that is kept."""
        return self.info.layers if self.held is None else max(self.held) + 1

    @property
    def bytes(self) -> int:
        """What its vectors take on the disk."""
        info = self.info
        vectors = len(self.tokens) * info.heads + len(self.keys) * info.kv_heads
        total = computing.BYTES[info.dtype] * vectors * info.head_dim
        if info.adds:
            pairs = pair_starts(self.tokens.starts, self.keys.starts)
            total += 4 * info.heads * int(pairs[-1])
        return total * self.layers

    def words(self) -> str:
        """Return in words which of its layers are read."""
        if self.held is None:
            return str(self.info.layers)
        return f"{self.layers} of {self.info.layers}"


def need(parts: list[Read]) -> int:
    """Return how many bytes the vectors of a text take on the disk."""
    return sum(part.bytes for part in parts)


def estimate(parts: list[Read], seconds: float | None = None) -> str:
    """Return a sentence on how much there is to read: tokens, layers, bytes and, if known, time."""
    layers = " + ".join(part.words() for part in parts)
    several = len(parts) > 1 or parts[0].layers > 1 or parts[0].held is not None
    said = f"{_most(parts):,} tokens in {layers} layer{'s' * several}"
    if parts[0].held is not None and parts[0].passed > parts[0].layers:
        said += f" (a pass through {parts[0].passed})"
    return f"{said}: {size(need(parts))} of vectors{'' if seconds is None else _about(seconds)}"


def of_layer(run: Run, layer: int) -> str:
    """Return in words what it takes to store one more layer of a run.

    With the last of those that are missing all are read, and stored as one. The time is that of as
    many layers when the text was read, less what it takes to load the model.
    """
    together = of_layers(run, {*run.stored, layer})
    read = together if together.held is None else of_layers(run, {layer})
    said = estimate([read], run.pace and run.pace * read.passed)
    return f"{said}; {size(together.bytes)} with what is stored"


def of_layers(run: Run, layers: Iterable[int]) -> Read:
    """Return what it is to read some layers of a run's text."""
    held = tuple(sorted(layers))
    return Read(run.model, run.tokens, run.keys, held if len(held) < run.model.layers else None)


def _about(seconds: float) -> str:
    if seconds < 60:
        return f", about {max(1, round(seconds))} s"
    return f", about {round(seconds / 60)} min"


def size(count: int) -> str:
    """Return bytes in words."""
    return f"{count / 2**30:.1f} GiB" if count >= 2**29 else f"{max(1, count >> 20):,} MiB"


def check(parts: list[Read]) -> None:
    """Raise `HeadscopeError` for vectors above the budget, or more than the disk has room for."""
    check_budget(parts)
    store.check_room(need(parts))


def check_budget(parts: list[Read]) -> None:
    """Raise `HeadscopeError` for vectors above the budget."""
    total, most, n = need(parts), bounds.budget(), _most(parts)
    info, adds = parts[0].info, any(part.info.adds for part in parts)
    what = "query and key vectors"
    if adds:
        what += ", and what attention adds to their products,"
    if total > most:
        ways = [f"--budget {-(-total // 2**30)} (GiB)"]
        ways += ["--layers for some of them"] if info.layers > 1 and len(parts) == 1 else []
        ways += ["--dtype bfloat16 for half of it"] if computing.BYTES[info.dtype] == 4 else []
        fit = n * most // total
        of, fewer = "this text", f"{fit:,} tokens of {'such ' if adds else ''}text"
        if picture := parts[0].picture:
            of, fewer = "these pictures", f"{fit // picture:,} pictures"
        raise HeadscopeError(
            f"The {what} of {of} ({n:,} tokens) in {info.name} would need {size(total)}, and the "
            f"limit is {size(most)}. Use at most {fewer} or a smaller model, or start with "
            f"{', or '.join(ways)}."
        )


def _most(parts: list[Read]) -> int:
    return max(max(len(part.tokens), len(part.keys)) for part in parts)
