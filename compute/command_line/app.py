"""Headscope on the command line: the same jobs and the same cache as the page.

Tables go to a file or to stdout, progress to stderr. A wrong argument is one sentence on stderr and
exit code 2.
"""

import sys
from importlib import import_module
from pkgutil import iter_modules

import typer
from typer.exceptions import TyperException

from compute import store
from compute.command_line import commands
from compute.errors import HeadscopeError

INTERRUPTED = 130
STOPPED = "Stopped. What is done is kept: the same command goes on from there."

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Attention heads on the command line: maps with their trust, attention, induction heads "
    "with intervals, and proof by ablation.",
)


def _add_commands() -> None:
    """Add the modules of `commands`, in the order of the help; those without a place come last."""
    found = {each.name: import_module(f"{commands.__name__}.{each.name}")
             for each in iter_modules(commands.__path__)}  # fmt: skip
    for name in sorted(found, key=lambda name: getattr(found[name], "PLACE", len(found))):
        app.command(name.strip("_").replace("_", "-"))(found[name].command)


_add_commands()


def main(arguments: list[str]) -> int:
    """Run a command and return its exit code: 0, 2 for a wrong argument, 130 when interrupted."""
    for note in store.settle():
        print(note, file=sys.stderr)
    code = 2
    try:
        code = app(arguments, prog_name="python -m compute", standalone_mode=False) or 0
        message = STOPPED if code == INTERRUPTED else ""  # typer makes a code of Ctrl-C
    except HeadscopeError as error:
        message = str(error)
    except (typer.Abort, KeyboardInterrupt):
        code, message = INTERRUPTED, STOPPED
    except TyperException as error:  # typer's own on arguments; empty when it showed the help
        message = error.format_message()
    finally:
        store.sweep()
        store.remove_fresh()
    if message or code == 2:
        print(message, file=sys.stderr)
    return code
