"""``python -m compute attention …``: the attention of a head as a file."""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from compute import attention
from compute.command_line import parts
from compute.machine import bounds, computing
from compute.runs import Run
from compute.texts.tokens import Tokens

PLACE = 4


def command(
    model: parts.Model,
    layer: parts.Layer,
    head: parts.Head,
    out: Annotated[Path, typer.Option(help="NumPy file (.npz) to write.")],
    text: parts.TextName = None,
    text_file: parts.TextFile = None,
    part: parts.Part = "",
    target_file: parts.TargetFile = None,
    images: parts.Images = None,
    device: parts.Device = "auto",
    dtype: parts.Dtype = "auto",
    budget: parts.Budget = None,
    longest: parts.Longest = None,
    layers: parts.Layers = None,
) -> None:
    """Write a head's attention: tokens_0, attention_0 of the first passage, and so on.

    Rows of attention are queries, columns are keys. Of an encoder–decoder: queries_0, keys_0 in
    place of tokens_0.
    """
    computing.choose(device, dtype)
    bounds.choose(budget, longest, layers)
    parts.check_out(out)
    with parts.Bar() as report:
        sides = {"part": part, "target_file": target_file, "images": images}
        run = parts.open_text(model, text, text_file, report, **sides, layer=layer)
    run.check(layer, head)
    passages, arrays = len(run.tokens.starts) - 1, {}
    for passage in range(passages):
        for name, side in _sides(run).items():
            arrays[f"{name}_{passage}"] = np.array(side.strings[side.span(passage)])
        arrays[f"attention_{passage}"] = attention.of_passage(run, layer, head, passage)
    try:
        with out.open("wb") as file:
            np.savez_compressed(file, **arrays)
    except OSError as error:
        raise parts.unwritable(out, error) from error
    about = parts.about(run, layer=layer, head=head)
    print(json.dumps(about | {"passages": passages, "out": str(out)}))


def _sides(run: Run) -> dict[str, Tokens]:
    """Return the tokens of rows and columns by their names in the file."""
    if not run.model.part:
        return {"tokens": run.tokens}
    return {"queries": run.tokens, "keys": run.keys}
