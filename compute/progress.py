"""Counts and time left for a job's reader; tqdm keeps the clock."""

import io
from collections.abc import Callable

from tqdm import tqdm

Report = Callable[[tuple[float, str]], None]
Progress = Callable[[int, int], None]
"""Takes how much is done, and how much there is in all."""


def unseen(done: int, total: int) -> None:
    """Take progress that nobody looks at."""


class Meter(tqdm):
    """A progress meter that reports ``(percent, "48 of 100 passages · 3 s left")``.

    Parameters
    ----------
    report : callable
        Takes the tuple above; called at most some seven times a second.
    what : str
        What is counted: ``passages``.
    pace : bool
        Whether to say how many a second.
    """

    def __init__(self, report: Report, what: str, pace: bool = False):
        self._report, self._what, self._pace = report, what, pace
        super().__init__(total=1, file=io.StringIO(), mininterval=0.15, miniters=1)

    def at(self, done: int, total: int) -> None:
        """Say that `done` of `total` are done."""
        self.total = total
        if not self.update(done - self.n) and done == total:
            self.refresh()  # the end is told, however short after the last count

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        """Report instead of printing; tqdm calls this when it is time."""
        if not self.n:
            return
        state = self.format_dict
        rate = state["rate"] or (state["n"] / state["elapsed"] if state["elapsed"] else 0)
        text = f"{self.n:,} of {self.total:,} {self._what}"
        if rate and self._pace:
            text += f" · {rate:,.0f} {self._what} a second"
        if rate and self.total > self.n:
            text += f" · {_seconds((self.total - self.n) / rate)} left"
        self._report((100 * self.n / max(self.total, 1), text))

    def close(self) -> None:
        """End without a last report: tqdm also calls this when the meter is collected."""
        self._report = lambda state: None
        super().close()


def _seconds(seconds: float) -> str:
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min"
