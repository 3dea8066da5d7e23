import threading
from types import SimpleNamespace

import pytest

from compute.jobs import running


@pytest.mark.parametrize("error", [EOFError("unexpected EOF"), BrokenPipeError(), None])
def test_a_template_that_is_ended_while_it_starts_is_no_error(monkeypatch, error):
    """As when the server is told to stop in its first seconds, on a busy machine."""
    asked = []

    def process(target, args=(), daemon=None):
        def start():
            asked.append(target)
            if error is not None:
                raise error

        return SimpleNamespace(start=start, join=lambda: None)

    monkeypatch.setattr(running, "ignore_interrupt", lambda: None)
    runner = object.__new__(running.Runner)
    runner._processes, runner._warm = SimpleNamespace(Process=process), threading.Event()
    runner.warm_up(print)
    assert len(asked) == (2 if error is None else 1)
    assert runner._warm.is_set() == (error is None)
