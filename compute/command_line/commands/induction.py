"""``python -m compute induction …``: scores of all heads on random repeated tokens."""

from typing import Annotated

import typer

from compute.command_line import parts
from compute.jobs import measuring
from compute.lab import induction, nulls
from compute.machine import computing
from compute.take_away import tables

PLACE = 1


def command(
    model: parts.Model,
    design: Annotated[
        str, typer.Option(help="standard, shuffled, triple (masked models), four (causal ones).")
    ] = "standard",
    protocol: Annotated[
        str, typer.Option(help="corrected, or published: the study's own.")
    ] = "corrected",
    trials: parts.Trials = 50,
    length: parts.Length = None,
    seed: parts.Seed = 0,
    out: parts.Out = None,
    as_json: parts.AsJson = False,
    device: parts.Device = "auto",
    dtype: parts.Dtype = "auto",
    layers: parts.AllLayers = None,
) -> None:
    """Score all heads on random repeated tokens: layer,head,readout,mean,low,high,null_mean,z."""
    computing.choose(device, dtype)
    parts.check_out(out)
    protocol = "as published" if protocol in ("published", "as-published") else protocol
    options = dict(design=design, protocol=protocol, trials=trials, length=length, seed=seed)
    with parts.Bar() as report:
        done = measuring.measure(model, options, report)
    result, compared = induction.SCORES.get(done["scores"]), nulls.NULLS.get(done["nulls"])
    rows = list(tables.of_scores(result, compared))
    parts.write_rows(out, as_json, tables.SCORES, rows)
    if as_json:
        summary = {"model": done["model"], **options, "length": result.length}
        parts.tell(summary | tables.summary_of_scores(result, compared), out, rows)
