"""What the commands share: the model option, the bar of progress, the check of what to write."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from compute.errors import HeadscopeError

Model = Annotated[str, typer.Option(help="minilm, demo-bert, demo-gpt, a hub id or a folder.")]


class Bar(tqdm):
    """A progress bar on stderr that takes ``(percent, sentence)``, and more that it ignores."""

    def __init__(self) -> None:
        super().__init__(total=100, bar_format="{percentage:3.0f} % {desc}", file=sys.stderr)

    def __call__(self, state: tuple) -> None:
        """Show how far a job is."""
        self.n = state[0]
        self.set_description_str(state[1])


def check_out(out: Path | None) -> None:
    """Refuse what can't be written before any work."""
    if out is not None and (out.is_dir() or not out.absolute().parent.is_dir()):
        raise HeadscopeError(f"{out} can't be written: name a file in a folder that exists.")
