"""Who waits for what, without processes: what is remembered, and for how long."""

import pytest

from compute.jobs import tickets
from compute.jobs.tickets import Ticket, Tickets


@pytest.fixture
def clock(monkeypatch):
    """The time that tickets see; tests move it."""

    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(tickets, "time", clock)
    return clock


def waiting(clock, page, job):
    return Ticket(page, "key", print, job, asked=clock.now)


def test_a_page_is_there_as_long_as_it_asks_or_gives_signs_of_life(clock):
    all, job = Tickets(silence=10), object()
    ticket = waiting(clock, "page", job)
    all.add("a", ticket)
    clock.now += 9
    all.seen("page")
    clock.now += 9
    assert all.wanted(job)
    clock.now += 2
    assert not all.wanted(job)
    all.asked(ticket)
    assert all.wanted(job)


def test_signs_of_life_of_other_pages_count_for_nothing_and_are_not_kept(clock):
    all, job = Tickets(silence=10), object()
    all.add("a", waiting(clock, "page", job))
    for i in range(1000):
        all.seen(f"forged {i}")
    assert len(all._pages) == 1
    clock.now += 11
    all.seen("forged 1")
    assert not all.wanted(job)
    all.put_aside(job)
    all.forget_pages()
    assert not all._pages


def test_nobody_is_silent_while_this_process_stood_still(clock):
    all, job = Tickets(silence=10), object()
    all.add("a", waiting(clock, "page", job))
    clock.now += 1000
    all.resumed()
    clock.now += 9
    assert all.wanted(job)
    clock.now += 2
    assert not all.wanted(job)


def test_what_was_put_aside_is_remembered_up_to_a_number(clock, monkeypatch):
    monkeypatch.setattr(tickets, "ASIDE", 3)
    all, job = Tickets(silence=10), object()
    for name in "abcde":
        all.add(name, waiting(clock, name, job))
    all.put_aside(job)
    assert [name in all for name in "abcde"] == [False, False, True, True, True]
    assert all.get("c").aside and all.get("c").target is print
    assert not list(all.waiting(job))


def test_outcomes_are_remembered_up_to_a_number(clock, monkeypatch):
    monkeypatch.setattr(tickets, "OUTCOMES", 2)
    all, job = Tickets(silence=10), object()
    all.add("waits", waiting(clock, "page", job))
    for name in "abc":
        all.add(name, Ticket("page", "key", outcome="1"))
    assert [name in all for name in ("waits", *"abc")] == [True, False, True, True]


def test_so_many_may_wait_and_no_more(monkeypatch):
    monkeypatch.setattr("compute.jobs.tickets.WAITING", 3)
    kept = Tickets(silence=10)
    for i in range(3):
        assert not kept.crowded()
        kept.add(str(i), Ticket("page", "key", job=object()))
    assert kept.crowded()
    kept.take("1")
    assert not kept.crowded()
