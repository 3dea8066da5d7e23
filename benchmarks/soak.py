"""A soak: eight real tabs that are used at random, while jobs and the server are killed.

``python benchmarks/soak.py --minutes 30`` (or ``make soak``) starts the app in a throw-away folder,
opens eight tabs of two visitors in Chromium, and has them open models, switch heads, click points,
compare, cancel, close and come back, by a seed. Meanwhile jobs and the server die at random. It
ends with a table, and with exit code 1 if a tab hung, something was lost or left over, or a console
told of an error that no lost server explains.
"""

import contextlib
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from playwright.sync_api import Browser, Error, sync_playwright
from shared import BROWSER
from soaking.dying import Dying
from soaking.tabs import BOUND, Notes, Tab

VISITORS, TABS = 2, 8
LEAVE = 20.0
"""Seconds in which nothing is left of jobs when the tabs are closed, or of a server that ended."""
LINE = "the cat and the dog of the house {} sat on the mat of the other {} and the bird sang "


def own_texts(cache: Path) -> dict[str, str]:
    """Write texts of the visitors' own, short and long; return their content by name."""
    from compute import texts

    os.environ["HEADSCOPE_CACHE"] = str(cache)
    written = {}
    for lines in (5, 40, 120):
        content = "\n".join(LINE.format(i, lines) * 2 for i in range(lines))
        name = texts.save_user(texts.from_user(content, name=f"{lines} lines"))
        written[name] = repr(texts.load(name))
    return written


def soak(server: Dying, tabs: list[Tab], minutes: float, chance: random.Random) -> None:
    """Use the tabs, and kill what they rely on, for some minutes."""
    began = time.monotonic()
    end, said = began + 60 * minutes, 0
    server_dies = every(max(120.0, 60 * minutes / 6), chance)
    job_dies, weighed = every(15, chance), every(5, chance)
    while time.monotonic() < end:
        chance.choice(tabs).step()
        if next(job_dies):
            server.kill_a_job(chance)
        if next(server_dies):
            server.kill(chance)
        if next(weighed):
            server.weigh()
        pump(tabs)
        if (minute := int((time.monotonic() - began) / 60)) > said:
            said, notes = minute, tabs[0].notes
            print(
                f"minute {minute}: {notes.actions.total()} actions, {notes.drawn} pictures, "
                f"{notes.hung} hung, {server.killed}",
                flush=True,
            )


def every(seconds: float, chance: random.Random) -> Iterator[bool]:
    """Yield whether it is time again, on the average every so many seconds."""
    while True:
        then = time.monotonic() + chance.expovariate(1 / seconds)
        while time.monotonic() < then:
            yield False
        yield True


def pump(tabs: list[Tab]) -> None:
    """Let the browser's news come in."""
    with contextlib.suppress(Error):
        tabs[0].page.wait_for_timeout(150)


def settle(tabs: list[Tab]) -> None:
    """Wait until all tabs show what they were asked for, or have been found hung."""
    end = time.monotonic() + 2 * BOUND
    while not all([tab.look() for tab in tabs]) and time.monotonic() < end:
        pump(tabs)


def seconds_until(still: Callable[[], object], bound: float) -> float | None:
    """Return how long something takes to be gone, None if it takes longer than it may."""
    began = time.monotonic()
    while still():
        if time.monotonic() - began > bound:
            return None
        time.sleep(0.1)
    return time.monotonic() - began


def lost(server: Dying, notes: Notes, written: dict[str, str]) -> list[str]:
    """Return what is not there any more: finished runs, texts of one's own."""
    from compute import texts

    runs = [f"run {key}" for key, inode in notes.runs.items() if server.inode(key) != inode]
    return runs + [f"text {n}" for n, content in written.items() if repr(texts.load(n)) != content]


def visit(browser: Browser, server: Dying, minutes: float, seed: int) -> tuple[list, bool]:
    """Do it all; return the rows of the table, and whether all is well."""
    chance, notes, written = random.Random(seed), Notes(), own_texts(server.cache)
    visitors = [browser.new_context() for _ in range(VISITORS)]
    tabs = [Tab(i, visitors[i % VISITORS], server, written, notes, chance) for i in range(TABS)]
    soak(server, tabs, minutes, chance)
    settle(tabs)
    gone = lost(server, notes, written)
    for tab in tabs:
        tab.close()
    jobs = seconds_until(lambda: server.jobs() or server.drafts(), LEAVE)
    drafts = len(server.drafts())
    server.stop()
    rest = seconds_until(server.family, LEAVE)
    for problem, count in notes.problems.most_common():
        print(f"  ! {count} times: {problem}")
    for each in gone:
        print(f"  ! lost: {each}")
    for sentence, count in notes.sentences.most_common():
        print(f"  {count:4d} times told: {sentence}")
    rows = [
        ("minutes, tabs", f"{minutes:g}, {TABS}"),
        ("what was done", ", ".join(f"{n} {name}" for name, n in notes.actions.most_common())),
        ("jobs killed, servers killed", f"{server.killed['jobs']}, {server.killed['servers']}"),
        ("starts of the server that took over 90 s", server.slow),
        ("tabs that hung", notes.hung),
        ("errors on a console, unexpected sentences", notes.problems.total() - notes.hung),
        ("runs finished, and lost with the texts", f"{len(notes.runs)}, {len(gone)}"),
        ("jobs and drafts left by closed tabs", told(jobs, f"{drafts} drafts left")),
        ("processes left by the server", told(rest, f"{len(server.family())} left")),
        ("memory", server.memory()),
    ]
    well = not (notes.problems or gone or jobs is None or rest is None)
    return rows, well


def told(seconds: float | None, otherwise: str) -> str:
    """Return how soon nothing was left."""
    return otherwise if seconds is None else f"none after {seconds:.1f} s"


def main(
    minutes: Annotated[float, typer.Option(help="How long it goes on.")] = 30,
    seed: Annotated[int, typer.Option(help="Of all that is done at random.")] = 0,
) -> None:
    """Use eight tabs at random while jobs and the server are killed."""
    folder = Path(tempfile.mkdtemp(prefix="headscope-soak-"))
    (folder / "cache").mkdir()
    os.environ |= {"HOME": str(folder / "home"), "NUMBA_CACHE_DIR": str(folder / "numba")}
    server = Dying(folder)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**BROWSER)
            rows, well = visit(browser, server, minutes, seed)
            browser.close()
    finally:
        server.process.kill()
        shutil.rmtree(folder, ignore_errors=True)
    print("\n| soak | |\n|---|---|")
    for name, value in rows:
        print(f"| {name} | {value} |")
    raise SystemExit(not well)


if __name__ == "__main__":
    typer.run(main)
