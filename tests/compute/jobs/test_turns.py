"""Turns of threads: order, those that leave before their turn came, and what is done aside."""

import threading

from servers import until

from compute.jobs.turns import Turns


class Thread:
    """One that wants its turn, and keeps it until it is told to go."""

    def __init__(self, turns: Turns, order: list[str], name: str, aside: bool = False):
        self.take = turns.aside if aside else turns.turn
        self.me, self.go, self.here = (threading.Event() for _ in range(3))
        self.order, self.name = order, name
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        assert self.here.wait(10)  # it has its turn, or waits for it

    def _run(self):
        with self.take(self.me, self.here.set) as mine:
            self.order.append(self.name if mine else f"not {self.name}")
            self.here.set()
            if mine:
                self.go.wait()

    def end(self):
        self.go.set()
        self.thread.join(10)
        assert not self.thread.is_alive()


def test_turns_come_in_order_and_who_leaves_takes_none():
    turns, order = Turns(2), []
    a, b, c, d, e = (Thread(turns, order, name) for name in "abcde")
    assert sorted(order) == ["a", "b"]
    turns.leave(c.me)
    c.end()
    turns.leave(a.me)  # has its turn already: keeps it
    assert order[2:] == ["not c"]
    a.end()
    d.end()
    b.end()
    e.end()
    assert order[2:] == ["not c", "d", "e"]
    last = Thread(turns, order, "f")
    assert order[-1] == "f"
    last.end()


def test_what_is_done_aside_waits_for_all_others_and_keeps_none_from_their_turn():
    turns, order = Turns(2), []
    a, b = Thread(turns, order, "a"), Thread(turns, order, "b", aside=True)
    c = Thread(turns, order, "c", aside=True)
    assert order == ["a"]
    a.end()
    until(lambda: order == ["a", "b"])
    others = [Thread(turns, order, name) for name in "de"]  # both turns, beside what is done aside
    assert sorted(order[2:]) == ["d", "e"]
    b.end()
    assert "c" not in order  # others compute
    turns.leave(c.me)
    c.end()
    for each in others:
        each.end()
    last = Thread(turns, order, "f", aside=True)
    assert order[-2:] == ["not c", "f"]
    last.end()
