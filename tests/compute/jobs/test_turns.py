"""Turns of threads: order, and those that leave before their turn came."""

import threading

from compute.jobs.turns import Turns


class Thread:
    """One that wants its turn, and keeps it until it is told to go."""

    def __init__(self, turns: Turns, order: list[str], name: str):
        self.me, self.go, self.here = (threading.Event() for _ in range(3))
        self.turns, self.order, self.name = turns, order, name
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        assert self.here.wait(10)  # it has its turn, or waits for it

    def _run(self):
        with self.turns.turn(self.me, self.here.set) as mine:
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
