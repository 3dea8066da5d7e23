"""Headscope on the command line: the same jobs and the same cache as the page.

Tables go to a file or to stdout, progress to stderr. A wrong argument is one sentence on stderr and
exit code 2.
"""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from compute import limits, store
from compute.command_line import dossier_command, maps
from compute.command_line.parts import Bar, Model, check_out
from compute.errors import HeadscopeError
from compute.jobs import measuring
from compute.lab import ablation, induction, nulls
from compute.take_away import tables
from compute.trials import head_ablation

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Attention heads on the command line: maps with their trust, attention, induction heads "
    "with intervals, and proof by ablation.",
)
app.add_typer(maps.commands)
app.add_typer(dossier_command.commands)

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


def main(arguments: list[str]) -> int:
    """Run a command and return its exit code: 0, 2 for a wrong argument, 130 when interrupted."""
    for note in store.settle():
        print(note, file=sys.stderr)
    try:
        return app(arguments, prog_name="python -m compute", standalone_mode=False) or 0
    except HeadscopeError as error:
        message = str(error)
    except (typer.Abort, KeyboardInterrupt):
        print("Stopped. What was finished before is kept.", file=sys.stderr)
        return 130
    except TyperException as error:  # typer's own on arguments; empty when it showed the help
        message = error.format_message()
    finally:
        store.sweep()
        store.remove_fresh()
    print(message, file=sys.stderr)
    return 2


@app.command("induction")
def find_induction(
    model: Model,
    design: Annotated[
        str, typer.Option(help="standard, shuffled, triple (masked models), four (causal ones).")
    ] = "standard",
    protocol: Annotated[
        str, typer.Option(help="corrected, or published: the study's own.")
    ] = "corrected",
    trials: Trials = 50,
    length: Length = None,
    seed: Seed = 0,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Score all heads on random repeated tokens: layer,head,readout,mean,low,high,null_mean,z."""
    check_out(out)
    protocol = "as published" if protocol in ("published", "as-published") else protocol
    options = dict(design=design, protocol=protocol, trials=trials, length=length, seed=seed)
    with Bar() as report:
        done = measuring.measure(model, options, report)
    result, compared = induction.SCORES.get(done["scores"]), nulls.NULLS.get(done["nulls"])
    rows = list(tables.of_scores(result, compared))
    _write(out, as_json, tables.SCORES, rows)
    if as_json:
        summary = {"model": done["model"], **options, "length": result.length}
        print(json.dumps(summary | tables.summary_of_scores(result, compared) | _where(out, rows)))


@app.command("ablate")
def take_out_heads(
    model: Model,
    heads: Annotated[str, typer.Option(help="L1H3,L1H2, or L1 for a whole layer.")],
    method: Annotated[str, typer.Option(help="zero or mean.")] = "zero",
    design: Annotated[str, typer.Option(help="standard, triple or four.")] = "standard",
    text: Annotated[
        str | None, typer.Option(help="Text for the loss on it: prose, questions, code, grammar.")
    ] = None,
    trials: Trials = 50,
    length: Length = None,
    seed: Seed = 0,
    out: Out = None,
    as_json: AsJson = False,
) -> None:
    """Take heads out: losses and all heads' scores before and after, with paired intervals."""
    check_out(out)
    options = dict(method=method, design=design, trials=trials, length=length, seed=seed)
    with Bar() as report:
        name = measuring.ablate(model, head_ablation.named(heads), text, options, report)
    result = ablation.ABLATIONS.get(name)
    rows = list(tables.of_ablation(result))
    _write(out, as_json, tables.EFFECTS, rows)
    if as_json:
        print(json.dumps({"model": model} | tables.summary_of_ablation(result) | _where(out, rows)))


def _write(out: Path | None, as_json: bool, columns: tuple[str, ...], rows: list[tuple]) -> None:
    if out is None and as_json:
        return
    text = tables.csv_text(columns, rows)
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise HeadscopeError(f"{out} could not be written: {error.strerror}.") from error


def _where(out: Path | None, rows: list[tuple]) -> dict:
    return {"out": None if out is None else str(out), "rows": len(rows)}
