"""Start Headscope: ``python app.py``. Jobs re-execute this file, so importing it does nothing."""

import atexit
import os
import signal
import sys
import threading
import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from dash import Dash
from flask import has_request_context, request

from components import entrance
from components.gate import door, listening, options
from components.gate.settings import Settings
from components.page import layout, scripts, wiring
from components.parts import errors
from components.pictures import serving
from components.presence import signs
from compute import store
from compute.engine.desk import Desk
from compute.errors import HeadscopeError
from compute.jobs import opening
from compute.jobs.after_start import after_start
from compute.jobs.manager import JobManager
from compute.jobs.results import Results
from compute.machine import bounds, computing
from compute.version import code_version


def create_app(
    model: str = "minilm",
    text: str = "prose",
    settings: Settings | None = None,
    desk: Desk | None = None,
) -> Dash:
    """Return the dashboard, with its jobs' template process being warmed up.

    Parameters
    ----------
    model : str
        What to open when the address names no model: a built-in name, a hub id, a folder or a file.
    text : str
        The collection to open.
    settings : Settings, optional
        Who may ask; by default every process of this machine.
    desk : Desk, optional
        Of a Dask scheduler on whose workers models compute; by default they do here.
    """
    manager = JobManager(
        Results(),
        cache_by=[code_version],
        preload=["app", "compute.jobs.warm"],
        still_valid=opening.still_there,
        waiting=lambda sentence: (0, sentence, None),
        desk=desk,
    )
    app = Dash(
        "app",
        assets_folder=str(scripts.ASSETS),
        include_assets_files=False,  # `scripts` does, in its order
        title="Headscope",
        update_title=None,
        prevent_initial_callbacks=True,
        suppress_callback_exceptions=True,  # stages are made when first shown; tests look at ids
        background_callback_manager=manager,
        on_error=errors.show_error,
        health_endpoint="health",
    )
    scripts.add(app)
    # Dash names no language; screen readers need one.
    app.index_string = app.index_string.replace("<html>", '<html lang="en">')
    app.layout = lambda: layout.page({"model": model, "text": text}, _theme())
    wiring.register(app)
    signs.take(app.server, manager.seen)
    serving.serve(app.server)
    door.guard(app, settings or Settings())
    entrance.guard(app)  # after the door: who may not ask gets no answer
    manager.warm_up(after_start)
    return app


def _theme() -> str:
    """Return the theme that this browser chose last (a cookie of headscope.js)."""
    kept = request.cookies.get("headscope-theme") if has_request_context() else None
    return "dark" if kept == "dark" else "light"


def main(
    model: Annotated[
        str, typer.Option(help="Model to open: minilm, demo-gpt, a hub id, a folder, a GGUF file.")
    ] = "minilm",
    text: Annotated[
        str, typer.Option(help="Text to open: prose, questions, code or grammar.")
    ] = "prose",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8050,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A further name under which the page is asked for; can be repeated."),
    ] = None,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = False,
    no_token: Annotated[
        bool,
        typer.Option("--no-token", help="Let everybody on this machine in; for loopback alone."),
    ] = False,
    token_file: Annotated[
        Path | None, typer.Option(help="File with a token of your own, for a service.")
    ] = None,
    device: Annotated[
        str, typer.Option(help="What models compute on: auto, cpu, cuda (a GPU) or mps.")
    ] = "auto",
    dtype: Annotated[
        str,
        typer.Option(
            help="In which precision: auto (single where it fits), float32, bfloat16 or float16."
        ),
    ] = "auto",
    budget: Annotated[
        float | None,
        typer.Option(help="GiB that the vectors of one text may take; 2 by default.", min=0.01),
    ] = None,
    longest: Annotated[
        int | None,
        typer.Option(help="Tokens of a passage, after which it is split; 1024 by default.", min=16),
    ] = None,
    layers: Annotated[
        str | None,
        typer.Option(
            help="Which layers' vectors are stored, as 8-15 or 0,4,8-15; others are computed when "
            "you open them. All by default."
        ),
    ] = None,
    cache_limit: Annotated[
        float,
        typer.Option(
            help="GiB that the cache folder may take; what was not used longest goes first.",
            min=0.1,
        ),
    ] = store.SIZE_LIMIT / 2**30,
    scheduler: Annotated[
        str | None,
        typer.Option(
            envvar="HEADSCOPE_SCHEDULER",
            help="A Dask scheduler, tcp://host:8786, on whose workers models compute; they have "
            "the same code, and share the cache folder. Here by default.",
        ),
    ] = None,
) -> None:
    """Show what the attention heads of a transformer do, in the browser.

    Results are kept in the folder cache/ (or the one that HEADSCOPE_CACHE names).
    """
    try:
        computing.choose(device, dtype)
        bounds.choose(budget, longest, layers)
        settings, notes = options.settings_of(
            host, port, allow_host or (), not no_token, token_file
        )
    except HeadscopeError as problem:
        print(problem, file=sys.stderr)
        raise typer.Exit(2) from problem
    try:
        sockets = listening.sockets(host, port)
    except OSError as problem:
        print(
            f"Headscope can't listen on {host}:{port} ({problem.strerror}). "
            f"Is it running already? Another port: --port {port + 1}",
            file=sys.stderr,
        )
        raise typer.Exit(1) from problem
    store.set_limit(cache_limit)
    notes += store.settle()
    desk, who = _desk(scheduler)
    notes += who
    atexit.register(store.remove_fresh)
    signal.signal(signal.SIGTERM, _end)
    # The terminal was closed; not with nohup, which has it ignored.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:
        signal.signal(signal.SIGHUP, _end)
    app = create_app(model, text, settings, desk)
    for line in [*notes, *options.announcement(host, settings, token_file)]:
        print(line, flush=True)
    if open_browser:
        address = options.address(host, settings, "once")
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    listening.serve(app.server, sockets, settings)


def _desk(scheduler: str | None) -> tuple[Desk | None, list[str]]:
    """Connect to a scheduler, if one is named; return what the person must know, too."""
    if not scheduler:
        return None, []
    try:
        desk = Desk(scheduler)
        return desk, [desk.open()]
    except HeadscopeError as problem:
        print(problem, file=sys.stderr)
        raise typer.Exit(2) from problem


def _end(number: int, _frame: object) -> None:
    """Leave no folder behind when told to stop, and stop as one does."""
    store.remove_fresh()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


if __name__ == "__main__":
    typer.run(main)
