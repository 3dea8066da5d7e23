"""``python -m compute dossier …``: all that is known of one head, as one HTML file."""

import json
from pathlib import Path
from typing import Annotated

import typer

from compute.command_line import parts
from compute.errors import HeadscopeError
from compute.machine import bounds, computing
from compute.progress import Meter
from compute.take_away import dossier, dossier_why
from compute.take_away.dossier_page import page
from compute.trials import head_ablation

PLACE = 5


def command(
    model: parts.Model,
    head: Annotated[str, typer.Option(help="Layer and head, counted from 0: L5H3.")],
    out: Annotated[Path, typer.Option(help="HTML file to write.")],
    text: parts.TextName = None,
    text_file: parts.TextFile = None,
    part: parts.Part = "",
    target_file: parts.TargetFile = None,
    images: parts.Images = None,
    device: parts.Device = "auto",
    dtype: parts.Dtype = "auto",
    budget: parts.Budget = None,
    longest: parts.Longest = None,
    layers: parts.AllLayers = None,
) -> None:
    """Write a head's dossier: scores, map, passages, methods, in one page that opens offline."""
    computing.choose(device, dtype)
    bounds.choose(budget, longest, layers="")  # a head's place is among all
    parts.check_out(out)
    named = head_ablation.named(head)
    if len(named) != 1 or named[0][1] is None:
        raise HeadscopeError(f"A dossier is of one head, such as L5H3, not of “{head}”.")
    ((layer, number),) = named
    with parts.Bar() as report:
        run = parts.open_text(
            model, text, text_file, report, part=part, target_file=target_file, images=images
        )
        found = dossier.gather(run, layer, number, Meter(report, "steps").at)
        why = dossier_why.gather(run, layer, number, report)
    parts.write_text(out, page(found, why))
    about = parts.about(run, head=f"L{layer}H{number}")
    print(json.dumps(about | {"trust": found.trust.score, "out": str(out)}))
