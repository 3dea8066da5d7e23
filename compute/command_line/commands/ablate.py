"""``python -m compute ablate …``: what changes without some heads."""

from typing import Annotated

import typer

from compute.command_line import parts
from compute.jobs import measuring
from compute.lab import ablation
from compute.machine import computing
from compute.take_away import tables
from compute.trials import head_ablation

PLACE = 2


def command(
    model: parts.Model,
    heads: Annotated[str, typer.Option(help="L1H3,L1H2, or L1 for a whole layer.")],
    method: Annotated[str, typer.Option(help="zero or mean.")] = "zero",
    design: Annotated[str, typer.Option(help="standard, triple or four.")] = "standard",
    text: Annotated[
        str | None, typer.Option(help="Text for the loss on it: prose, questions, code, grammar.")
    ] = None,
    trials: parts.Trials = 50,
    length: parts.Length = None,
    seed: parts.Seed = 0,
    out: parts.Out = None,
    as_json: parts.AsJson = False,
    device: parts.Device = "auto",
    dtype: parts.Dtype = "auto",
    layers: parts.AllLayers = None,
) -> None:
    """Take heads out: losses and all heads' scores before and after, with paired intervals."""
    computing.choose(device, dtype)
    parts.check_out(out)
    options = dict(method=method, design=design, trials=trials, length=length, seed=seed)
    with parts.Bar() as report:
        name = measuring.ablate(model, head_ablation.named(heads), text, options, report)
    result = ablation.ABLATIONS.get(name)
    rows = list(tables.of_ablation(result))
    parts.write_rows(out, as_json, tables.EFFECTS, rows)
    if as_json:
        parts.tell({"model": model} | tables.summary_of_ablation(result), out, rows)
