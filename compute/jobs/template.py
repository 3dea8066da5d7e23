"""The template of jobs' processes: what it imports first, and by it all the rest.

That takes seconds, minutes on a busy machine, and only afterwards does the template hear that the
web process has gone. So meanwhile a thread looks whether that is still its parent. It ends before
the first job is forked: threads don't survive a fork, and what they hold stays locked.

Nor does it look for garbage: a quarter of the time would go there, for some ten MiB. What was
imported is never looked through again; a job that did so would copy it page by page.

No other process imports this module.
"""

import atexit
import gc
import importlib
import os
import sys
import threading
import traceback

from compute.jobs import worker

LOOK = 0.5
"""Seconds between two looks."""


def _watch(done: threading.Event, server: int) -> None:
    while not done.wait(LOOK):
        if os.getppid() != server:
            os._exit(1)


def _fill() -> None:
    done = threading.Event()
    watch = threading.Thread(target=_watch, args=(done, int(os.environ[worker.SERVER])))
    watch.start()
    gc.disable()
    for name in os.environ[worker.MODULES].split():
        try:
            importlib.import_module(name)
        except ImportError as error:  # the jobs that need it will say so
            print(f"{name} can't be imported: {error}", file=sys.stderr)
        except Exception:
            traceback.print_exc()
    gc.freeze()
    gc.enable()
    done.set()
    watch.join()
    # It ends at once, when its time has come: to take down a filled interpreter takes a second of
    # work, of which a busy machine makes half a minute. What is forked from it does not end so.
    atexit.register(os._exit, 0)


_fill()
