"""A tiny app with real background jobs, for test_manager.py: `python manager_app.py --port PORT`.

Jobs leave traces in the folder in JOB_TRACES and wait for files that the tests put there.
"""

import faulthandler
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
from dash import Dash, Input, Output, dcc, html, no_update, set_props

from components.presence import signs
from compute import store
from compute.errors import HeadscopeError
from compute.jobs.manager import JobManager, message_of
from compute.jobs.results import Results
from compute.machine import memory

TRACES = Path(os.environ["JOB_TRACES"])


def sleeper():
    time.sleep(600)


def wait_for(name):
    while not (TRACES / f"{name}.go").exists():
        time.sleep(0.01)


def job(set_progress, clicks, plan):
    """Do what `plan` says: a word and a name that tells apart the jobs of different tests."""
    word, _, name = plan.partition(" ")
    with (TRACES / f"{name}.pids").open("a") as file:
        file.write(f"{os.getpid()}\n")
    set_progress((f"began {name}", 1))
    if word == "quick":
        return {"plan": plan}
    if word == "user-error":
        raise HeadscopeError("The text is empty. Type something.")
    if word == "bug":
        raise ValueError(f"no {name}\nsecond line")
    if word == "panic":
        raise BaseException(f"no {name}")
    if word == "crash":
        os._exit(3)
    if word == "nothing":
        return no_update
    if word == "unprintable":
        return object()
    if word == "lingers":
        threading.Thread(target=sleeper).start()
        return {"plan": plan}
    if word == "family":
        child = multiprocessing.get_context("fork").Process(target=sleeper)
        child.start()
        (TRACES / f"{name}.child").write_text(str(child.pid))
    if word == "greedy":
        np.ones(2 * memory.free() // 8)
    if word == "hog":
        held = np.ones(2 * memory.WORTH_ENDING // 8)
        set_progress((f"holds {held.nbytes}", 1))
    if word == "draft":
        with store.writing("drafts", store.key(name)) as draft:
            draft.save("some", np.zeros(10))
            set_progress((f"drew {name}", 1))
            wait_for(name)
    wait_for(name)
    return {"plan": plan, "pid": os.getpid()}


def fail_in_page(clicks):
    raise HeadscopeError("No such page.") if clicks == 1 else KeyError("page")


def show_error(error):
    set_props("error", {"children": message_of(error)})


def still_valid(value):
    return not (TRACES / f"{value['plan'].partition(' ')[2]}.evicted").exists()


def create_app(desk=None):
    memory.is_short = (TRACES / "short").exists
    manager = JobManager(
        Results(),
        cache_by=[lambda: "1"],
        preload=["manager_app", "a_module_that_is_not_there"],
        still_valid=still_valid,
        waiting=lambda why: (why, 0),
        at_once=2,
        silence=2,
        desk=desk,
    )
    app = Dash(
        "tests", background_callback_manager=manager, on_error=show_error, health_endpoint="health"
    )
    app.server.secret_key = "the same after a restart"
    signs.take(app.server, manager.seen)
    app.layout = html.Div(
        [html.P(id=name) for name in ("plan", "start", "stop", "text", "done", "error", "oops")]
        + [dcc.Store(id="result")]
    )
    app.callback(
        Output("result", "data"),
        Input("start", "n_clicks"),
        Input("plan", "children"),
        background=True,
        interval=100,
        cache_args_to_ignore=[0],
        progress=[Output("text", "children"), Output("done", "children")],
        progress_default=["", 0],
        cancel=[Input("stop", "n_clicks")],
        prevent_initial_call=True,
    )(job)
    app.callback(Output("oops", "children"), Input("oops", "n_clicks"))(fail_in_page)
    manager.warm_up()
    return app


if __name__ == "__main__":
    if hasattr(signal, "SIGUSR1"):  # asked for by the tests, should it not end
        faulthandler.register(signal.SIGUSR1)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    create_app().run(port=int(sys.argv[2]), debug=False)
