"""What the commands share: options, the bar of progress, how a text is opened and files written."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from compute import limits, pictures, runs, texts
from compute.errors import HeadscopeError
from compute.finding import imported
from compute.jobs import opening
from compute.machine import bounds, chosen_layers
from compute.progress import Meter
from compute.take_away import tables

Model = Annotated[
    str,
    typer.Option(help="minilm, demo-bert, demo-gpt, demo-pairs, a hub id, a folder, a GGUF file."),
]

TextName = Annotated[
    str | None,
    typer.Option("--text", help="A built-in text: prose, questions, code, grammar, pairs."),
]
TextFile = Annotated[
    Path | None,
    typer.Option(
        help="A file in UTF-8; one line is one passage, empty lines are left out. For an "
        "encoder–decoder a line may be “source ⇥ target”."
    ),
]
Images = Annotated[
    list[Path] | None,
    typer.Option(
        help="Models of pictures: a folder, or files; name it again for each. PNG, JPEG, WebP, BMP "
        "or GIF."
    ),
]
Device = Annotated[
    str, typer.Option(help="What the model computes on: auto, cpu, cuda (a GPU) or mps.")
]
Dtype = Annotated[str, typer.Option(help="In which precision: auto, float32, bfloat16 or float16.")]
Part = Annotated[
    str,
    typer.Option(help="Of an encoder–decoder: encoder (if none is named), decoder or cross."),
]
TargetFile = Annotated[
    Path | None,
    typer.Option(
        help="What the decoder reads, a line for each passage of --text-file; the model writes it "
        "itself where the line is empty."
    ),
]
Budget = Annotated[
    float | None,
    typer.Option(help="GiB that the vectors of one text may take; 2 by default.", min=0.01),
]
Longest = Annotated[
    int | None,
    typer.Option(help="Tokens of a passage, after which it is split; 1024 by default.", min=16),
]
Layers = Annotated[
    str | None,
    typer.Option(help="Which layers are stored, as 8-15 or 0,4,8-15; all unless it is said."),
]


def _no_layers(said: str | None) -> None:
    if said is not None:
        raise HeadscopeError("This looks at all layers of the model: leave --layers away.")


AllLayers = Annotated[str | None, typer.Option("--layers", hidden=True, callback=_no_layers)]
"""For commands that need all layers: who chooses some is told so at once."""
Layer = Annotated[int, typer.Option(help="Counted from 0.", min=0, max=limits.LAYER.high)]
Head = Annotated[int, typer.Option(help="Counted from 0.", min=0, max=limits.LAYER.high)]
Trials = Annotated[
    int,
    typer.Option(help="Number of random sequences.", min=limits.TRIALS.low, max=limits.TRIALS.high),
]
Length = Annotated[
    int | None,
    typer.Option(
        help="Random tokens per copy; by default what suits the model.",
        min=limits.LENGTH.low,
        max=limits.LENGTH.high,
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        help="Equal seeds give equal sequences.", min=limits.SEED.low, max=limits.SEED.high
    ),
]
Out = Annotated[Path | None, typer.Option(help="CSV file to write; stdout without.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print a summary as JSON on stdout.")]


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


def open_text(
    model: str,
    name: str | None,
    file: Path | None,
    report: Bar,
    *,
    part: str = "",
    target_file: Path | None = None,
    images: list[Path] | None = None,
    layer: int | None = None,
) -> runs.Run:
    """Return the vectors of a text, or of pictures, in a model: those in the cache, or new ones.

    Those of `layer` are among them, also where --layers doesn't name it.
    """
    if sum(bool(given) for given in (name, file, images)) > 1:
        raise HeadscopeError("Name one text: either --text or --text-file, or --images.")
    if target_file is not None and file is None:
        raise HeadscopeError("Targets belong to passages of a file: name it with --text-file.")
    if images:
        title = images[0].name if len(images) == 1 else "Your pictures"
        files = pictures.files_of(images)
        progress = Meter(report, "pictures checked").at
        name = pictures.keep(pictures.of_paths(files), title, progress, len(files))
    if file is not None:
        targets = None if target_file is None else content(target_file)
        text = texts.from_user(content(file), name=file.name, by="line", targets=targets)
        name = texts.save_user(text)
    own = model if imported.is_one(model) else texts.BUILT_IN[0]
    some = chosen_layers.numbers(bounds.layers())
    some = chosen_layers.words({*some, layer}) if some and layer is not None else None
    exactly = name is not None
    told = opening.open_run(model, name or own, report, part=part, layers=some, exactly=exactly)
    run = runs.load(told["key"])
    if target_file is not None and not run.model.part:
        raise HeadscopeError(
            f"{run.model.name} reads one text, not a source and a target. Leave --target-file away."
        )
    return run


def content(file: Path) -> bytes:
    """Return what is in a file that a person named."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise HeadscopeError(f"{file} can't be read: {error.strerror}.") from error


def about(run: runs.Run, **more: object) -> dict:
    """Return what a summary says of a run, and more."""
    part = {"part": run.model.part} if run.model.part else {}
    more |= {"notes": list(run.notes)} if run.notes and part else {}
    return {"model": run.model.name} | part | {"text": run.title} | more


def write_rows(
    out: Path | None, as_json: bool, columns: tuple[str, ...], rows: list[tuple]
) -> None:
    """Write a table to a file, or to stdout unless a summary goes there."""
    if out is None and as_json:
        return
    text = tables.csv_text(columns, rows)
    if out is None:
        sys.stdout.write(text)
    else:
        write_text(out, text)


def tell(summary: dict, out: Path | None, rows: list[tuple]) -> None:
    """Print a summary as JSON, with where the table is and how long."""
    table = {"out": None if out is None else str(out), "rows": len(rows)}
    print(json.dumps(summary | table))


def write_text(out: Path, content: str) -> None:
    """Write a file of text."""
    try:
        out.write_text(content, encoding="utf-8")
    except OSError as error:
        raise unwritable(out, error) from error


def unwritable(out: Path, error: OSError) -> HeadscopeError:
    """Return the error of a file that could not be written."""
    return HeadscopeError(f"{out} could not be written: {error.strerror}.")
