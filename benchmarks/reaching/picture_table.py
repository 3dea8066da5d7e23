"""The table of the families of pictures: what becomes of each, against its own attention."""

from dataclasses import replace
from pathlib import Path

import torch

from compute import pictures, runs
from compute.finding import catalog
from compute.jobs import opening
from compute.models import loading
from reaching import ours, table
from reaching import pictures as own
from reaching.families import Case
from reaching.table import Row


def row(case: Case, place: Path, seed: int = 0) -> Row:
    """Build a model of a family, open pictures with it as the page does, and judge what comes out.

    The outcome of a family that is left out in `special.NOT_PLAIN` is looked at, too: it must be
    refused in a sentence.
    """
    try:
        return table.row(case, place, seed, shown=_shown)
    finally:
        loading.load.cache_clear()


def _shown(case: Case, folder: Path) -> Row:
    name = pictures.keep((f"{i}.png", content) for i, content in enumerate(own.drawn()))
    loading.load.cache_clear()
    run = runs.load(opening.open_run(str(folder), name, lambda state: None)["key"])
    model = loading.load(catalog.find(str(folder)))
    resized = torch.from_numpy(run.pictures[:]).permute(0, 3, 1, 2).float() / 255
    mean, std = (torch.tensor(part)[:, None, None] for part in
                 (model.processor.image_mean, model.processor.image_std))  # fmt: skip
    told = own.own(folder, case, (resized - mean) / std)
    found = table.judge(case, ours.attentions(run), told)
    info = run.model
    shape = f"{info.layers} × {info.heads} ({info.kv_heads}) × {info.head_dim}"
    grid = f"{run.grid.rows} × {run.grid.columns} after {len(run.grid.before)}"
    off = opening.open_run(str(folder), name, lambda state: None, off=f"L0H{table.HEAD}")
    ablation = _off(ours.attentions(run), ours.attentions(runs.load(off["key"])))
    return replace(found, shape=f"{shape}, {grid}", ablation=ablation)


def _off(with_all: list, without: list) -> str:
    """Return whether a head that is switched off changes later layers, and them alone."""
    pairs = [list(zip(*both, strict=True)) for both in zip(with_all, without, strict=True)]
    first = max(float(abs(a - b).max()) for a, b in (each[0] for each in pairs))
    later = max((float(abs(a - b).max()) for each in pairs for a, b in each[1:]), default=1.0)
    if first > table.LATER:
        return "wrong: the layer itself changes"
    return "works" if later > table.LATER else "wrong: nothing changes"
