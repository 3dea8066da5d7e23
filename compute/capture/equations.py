"""Products written as equations (``einsum``): which of them are queries by keys, or take values."""

from dataclasses import dataclass
from functools import lru_cache

from torch import Tensor


@dataclass(frozen=True)
class Equation:
    """An equation of two operands, each letter an axis.

    Attributes
    ----------
    first, second, out : str
        Letters of the operands and of the result, such as ``ibnd``, ``jbnd`` and ``bnij``.
    """

    first: str
    second: str
    out: str

    @property
    def summed(self) -> str:
        """Letters that both operands have and the result has not."""
        return "".join(c for c in self.first if c in self.second and c not in self.out)

    @property
    def scores(self) -> bool:
        """Whether it gives scores (…, queries, keys): one axis summed, the last two apart."""
        if len(self.summed) != 1 or len(self.out) < 3:
            return False
        *shared, query, key = self.out
        apart = query in self.first and key in self.second
        apart = apart and query not in self.second and key not in self.first
        return apart and all(c in self.first and c in self.second for c in shared)

    @property
    def mixes(self) -> bool:
        """Whether it takes scores (…, queries, keys) to values: the first's last axis summed."""
        if self.summed != self.first[-1:] or len(self.first) < 3:
            return False
        *shared, query, _ = self.first
        own = [c for c in self.second if c not in self.first]
        left = set(self.out) == {*shared, query, *own}
        return left and len(own) == 1 and all(c in self.second for c in shared)

    def factors(self, args: tuple) -> tuple[Tensor, Tensor]:
        """Return queries (…, T, D) and keys (…, S, D) of an equation of scores."""
        first, second = operands(args)
        shared, query, key = self.out[:-2], self.out[-2], self.out[-1]
        return (
            _ordered(first, self.first, shared + query + self.summed),
            _ordered(second, self.second, shared + key + self.summed),
        )

    def second_operand(self, args: tuple) -> Tensor:
        """Return the values (…, S, E) of an equation that mixes them."""
        _, second = operands(args)
        return _ordered(second, self.second, self.first[:-2] + self.summed + self._wide)

    def output(self, out: Tensor) -> Tensor:
        """Return the result of an equation that mixes values as (…, T, E)."""
        return _ordered(out, self.out, self.first[:-1] + self._wide)

    def back(self, outputs: Tensor) -> Tensor:
        """Return what `output` made, in the order of the equation again."""
        return _ordered(outputs, self.first[:-1] + self._wide, self.out)

    @property
    def _wide(self) -> str:
        return "".join(c for c in self.second if c not in self.first)


def parse(args: tuple) -> Equation | None:
    """Return the equation of an einsum's arguments; None unless it is one of two operands."""
    if not (args and isinstance(args[0], str) and len(operands(args)) == 2):
        return None
    return _read(args[0])


@lru_cache(maxsize=64)
def _read(text: str) -> Equation | None:
    left, arrow, out = text.replace(" ", "").partition("->")
    first, comma, second = left.partition(",")
    plain = all(part.isalpha() and len(set(part)) == len(part) for part in (first, second, out))
    return Equation(first, second, out) if arrow and comma and plain else None


def operands(args: tuple) -> tuple[Tensor, ...]:
    """Return the operands from an einsum's arguments."""
    rest = args[1:]
    return tuple(rest[0]) if len(rest) == 1 and isinstance(rest[0], list | tuple) else rest


def _ordered(tensor: Tensor, have: str, want: str) -> Tensor:
    return tensor.permute([have.index(c) for c in want])
