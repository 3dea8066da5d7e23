"""What taking heads out does to a loss, as a plain record."""

from typing import NamedTuple


class Effect(NamedTuple):
    """A loss without and with ablation, in nats, and its change with its 95 % interval, paired."""

    before: float
    after: float
    change: float
    low: float
    high: float
