"""The rows of encoder–decoders: what becomes of their three parts, against the model's own."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from compute import store
from compute.models.model import Model
from compute.progress import unseen
from compute.runs import Run, pair_vectors
from reaching import ours, pairs, table, truth
from reaching.families import WORDS, Case
from reaching.pairs import PARTS, Pair
from reaching.table import Row

LENGTHS = (21, 9), (8, 14), (3, 1), (14, 6)
"""Words of source and target: no source is as long as its target."""


@dataclass(frozen=True)
class Text:
    """What extraction needs of a text with targets."""

    passages: tuple[str, ...]
    targets: tuple[str, ...]
    title: str = "Words"
    digest: str = "0"


def text() -> Text:
    """Return sources and targets of different lengths, so that a batch is padded on both sides."""
    chance = np.random.default_rng(0)
    drawn = [[" ".join(chance.choice(WORDS, n)) for n in lengths] for lengths in LENGTHS]
    return Text(*(tuple(side) for side in zip(*drawn, strict=True)))


def row(case: Case, place: Path, seed: int = 0) -> Row:
    """Build an encoder–decoder, take it the way of the product, and judge its parts."""
    return table.row(case, place, seed, _shown)


def _shown(case: Case, folder: Path) -> Row:
    model = ours.open_model(folder)
    if not model.parts:
        return Row(case, "wrong", why="it is opened as a model of one stack")
    runs = extract(model)
    own = pairs.own(folder, case, read_by(runs))
    found = [_of_part(case, runs[part], own[part]) for part in PARTS]
    worst = max(found, key=lambda each: table.OUTCOMES.index(each.outcome))
    differences = [each.difference for each in found if each.difference is not None]
    infos = [runs[part].model for part in PARTS]
    shape = ", ".join(f"{i.part} {i.layers} × {i.heads} × {i.head_dim}" for i in infos)
    why = "; ".join(dict.fromkeys(each.why for each in found if each.why))
    return Row(case, worst.outcome, max(differences, default=None), why, shape)


def _of_part(case: Case, run: Run, own: truth.Own) -> Row:
    found = table.judge(case, ours.attentions(run), own)
    why = f"{run.model.part}: {found.why}" if found.why else ""
    return Row(case, found.outcome, found.difference, why)


def extract(model: Model) -> dict[str, Run]:
    """Return the runs of all parts."""
    identity = model.info.spec, model.info.identity
    keys = {part: store.key("reach pairs", part, *identity) for part in PARTS}
    return pair_vectors.extract(model, text(), keys, unseen)


def read_by(runs: dict[str, Run]) -> list[Pair]:
    """Return the ids that encoder and decoder read, by passage."""
    sides = (ours.passages(runs[part]) for part in ("encoder", "decoder"))
    return [Pair(*pair) for pair in zip(*sides, strict=True)]
