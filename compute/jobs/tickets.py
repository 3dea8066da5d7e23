"""Who waits for what: the tickets of pages, and whether the page of a ticket is still there.

A page shows that it is there by asking for its ticket, and by a sign of life every few seconds that
goes on in a hidden tab, where browsers let a page ask but once a minute. A ticket whose page has
gone quiet is put aside with what it asked for: the page that comes back (a laptop that slept, a
frozen tab) has its job started again and learns nothing of it.

Nothing here has a lock of its own: the job manager holds its lock around every call.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

OUTCOMES = 1000
"""So many outcomes wait for pages that may never come for them."""
WAITING = 1000
"""So many may wait at the same time."""
ASIDE = 100
"""So many tickets of pages that went quiet are remembered, with the arguments of their jobs."""


@dataclass(eq=False)
class Ticket:
    """One page's wait for a job.

    Attributes
    ----------
    page : str
        Names the page, as it does itself; empty if it did not say.
    key : str
        What it asked for.
    target : callable or None
        Starts that again; None if nobody knows any more.
    job : object or None
        The job that it waits for; None when it was put aside.
    outcome : str or None
        JSON; None as long as there is none.
    asked : float
        When the page last asked, by the monotonic clock.
    """

    page: str
    key: str
    target: Callable | None = None
    job: object | None = None
    outcome: str | None = None
    asked: float = field(default_factory=time.monotonic)

    def settle(self, outcome: str) -> None:
        """Give it its outcome; what it asked for need not be remembered any longer."""
        self.outcome, self.target, self.job = outcome, None, None

    @property
    def waits(self) -> bool:
        """Whether a job owes it an outcome."""
        return self.outcome is None and self.job is not None

    @property
    def aside(self) -> bool:
        """Whether its job was ended because its page had gone quiet."""
        return self.outcome is None and self.job is None


class Tickets:
    """All tickets by name, and the last signs of life of their pages.

    Parameters
    ----------
    silence : float
        Seconds after which a page that gave no sign of life is taken for gone.
    """

    def __init__(self, silence: float):
        self.silence = silence
        self._tickets: dict[str, Ticket] = {}
        self._pages: dict[str, float] = {}
        self._resumed = 0.0

    def __contains__(self, name: str | None) -> bool:
        return name in self._tickets

    def get(self, name: str | None) -> Ticket | None:
        """Return a ticket by its name, None if it is not known."""
        return self._tickets.get(name)

    def add(self, name: str, ticket: Ticket) -> None:
        """Hand out a ticket; what is too old is forgotten."""
        self._tickets[name] = ticket
        self.asked(ticket)
        self._forget(OUTCOMES, [n for n, t in self._tickets.items() if t.outcome is not None])

    def crowded(self) -> bool:
        """Tell whether as many wait as may."""
        return sum(ticket.waits for ticket in self._tickets.values()) >= WAITING

    def asked(self, ticket: Ticket) -> None:
        """Note that a page asks for its ticket."""
        ticket.asked = time.monotonic()
        if ticket.page:
            self._pages[ticket.page] = ticket.asked

    def take(self, name: str | None) -> None:
        """Take a ticket back whose outcome was told."""
        self._tickets.pop(name, None)

    def seen(self, page: str) -> None:
        """Note a page's sign of life; pages that wait for nothing are not kept in mind."""
        if page in self._pages:
            self._pages[page] = time.monotonic()

    def resumed(self) -> None:
        """Count silence from now on: this process stood still, and heard nobody meanwhile."""
        self._resumed = time.monotonic()

    def waiting(self, job: object) -> Iterator[Ticket]:
        """Yield the tickets that a job owes an outcome."""
        return (t for t in self._tickets.values() if t.job is job and t.outcome is None)

    def wanted(self, job: object) -> bool:
        """Tell whether a page that is still there waits for a job."""
        since = time.monotonic() - self.silence
        return any(self._sign(ticket) > since for ticket in self.waiting(job))

    def put_aside(self, job: object) -> None:
        """Part a job that is to be ended from its tickets, which remember what it was."""
        for ticket in self.waiting(job):
            ticket.job = None
        self._forget(ASIDE, [name for name, ticket in self._tickets.items() if ticket.aside])

    def forget_pages(self) -> None:
        """Forget the signs of life of pages that wait for nothing."""
        waiting = {ticket.page for ticket in self._tickets.values() if ticket.waits}
        self._pages = {page: when for page, when in self._pages.items() if page in waiting}

    def _sign(self, ticket: Ticket) -> float:
        return max(ticket.asked, self._pages.get(ticket.page, 0.0), self._resumed)

    def _forget(self, most: int, names: list[str]) -> None:
        """Drop the oldest of some tickets, down to a number."""
        for name in names[: max(0, len(names) - most)]:
            del self._tickets[name]
