"""The table of all families: what becomes of each, judged against the model's own attention."""

import shutil
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from transformers import PreTrainedModel

from compute.errors import HeadscopeError
from compute.models.model import Model
from compute.runs import Run
from reaching import by_hand, families, ours, special, truth
from reaching.families import Case

BAR = 1e-6
"""The largest difference of an attention from the model's own that is called exact."""
BAR_WITH_SINKS = 2e-6
"""The same where the model's own had to be multiplied first by what sinks leave."""
LATER = 1e-4
"""The same for layers after a head was switched off by hand, in a pass of another kind."""
HEAD = 1
"""The head of the first layer that is switched off."""
FAULTS = "wrong", "crash"
OUTCOMES = "exact", "refused", *FAULTS, "unproven", "not built"


Ask = Callable[[PreTrainedModel, list[np.ndarray]], truth.Own]


@dataclass(frozen=True)
class Row:
    """What became of a family in one task.

    Attributes
    ----------
    outcome : str
        Of `OUTCOMES`. ``unproven``: it is shown, and the model tells no attention of its own.
    difference : float or None
        Of any weight of any head from the model's own, at most.
    why : str
        The sentence of a refusal, or what went wrong, or what there is to know.
    shape : str
        Layers × heads (key-value heads) × numbers a head.
    ablation, induction : str
        ``as by hand``, ``works``, or what went wrong.
    """

    case: Case
    outcome: str
    difference: float | None = None
    why: str = ""
    shape: str = ""
    ablation: str = ""
    induction: str = ""


def row(
    case: Case, place: Path, seed: int = 0, shown: Callable[[Case, Path], Row] | None = None
) -> Row:
    """Build a model of a family, take it the way of the product, and judge what comes out.

    Parameters
    ----------
    place : Path
        A folder for the model's files, which are deleted afterwards.
    seed : int
        Of the model's weights.
    shown : callable, optional
        Judges what comes of the files in a folder; by default, as of a model of one stack.
    """
    if case.family in special.NOT_BUILT:
        return Row(case, "not built", why=special.NOT_BUILT[case.family])
    folder = place / case.name.replace(" ", "-")
    try:
        families.save(folder, case, seed)
        return (shown or _shown)(case, folder)
    except HeadscopeError as error:
        return Row(case, "refused", why=str(error).replace(str(folder), case.name))
    except Exception as error:  # of any kind: that is what is looked for
        return Row(case, "crash", why=told(error))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _shown(case: Case, folder: Path) -> Row:
    model = ours.open_model(folder)
    run = ours.extract(model)
    ids = ours.passages(run)
    net, ask = _source(case, folder, ids)
    own, mine = ask(net, ids), ours.attentions(run)
    found = judge(case, mine, own)
    if ask is truth.fused:
        found = replace(found, why="its eager code computes something else than its default")
    same = truth.load_as(type(model.net), folder)
    apart = relative(ours.output(model, ids), truth.output(same, ids))
    if apart > LATER and found.outcome not in FAULTS:
        found = replace(found, outcome="wrong", why=f"what it returns differs by {apart:.1e}")
    info = run.model
    return replace(
        found,
        shape=f"{info.layers} × {info.heads} ({info.kv_heads}) × {info.head_dim}",
        ablation=_careful(lambda: ablation(case, partial(ask, net), net, model, run, mine)),
        induction=_careful(lambda: ours.measure_induction(model) or "works"),
    )


def _source(case: Case, folder: Path, ids: list[np.ndarray]) -> tuple[PreTrainedModel, Ask]:
    """Return a net to ask for its own attention, and how: by its eager code, if that is right."""
    eager, usual = (truth.load(folder, case, way) for way in ("eager", None))
    if relative(truth.output(eager, ids), truth.output(usual, ids)) <= LATER:
        return eager, truth.own
    return usual, truth.fused


def judge(case: Case, mine: list[list[np.ndarray]], own: truth.Own) -> Row:
    """Return whether attention is the model's own.

    Parameters
    ----------
    mine : list of lists of float32 (heads, m, m)
        By passage, then by layer.
    """
    if own.kind == "none":
        return Row(case, "unproven", why="the model tells no attention of its own")
    if len(mine[0]) != len(own.attention[0]):
        why = f"{len(mine[0])} layers are shown, and the model tells of {len(own.attention[0])}"
        return Row(case, "wrong", why=why)
    notes = ["its own are scores, put through the softmax here"] if own.kind == "scores" else []
    expected = with_sinks(mine, own.attention)
    if expected is not own.attention:
        notes.append("its own leave out what the sinks take: compared with that share taken off")
    if own.alone:
        notes.append("it reads its padding: compared with passages read alone")
    largest = difference(_flat(mine), _flat(expected))
    bar = BAR if expected is own.attention else BAR_WITH_SINKS
    outcome = "exact" if largest <= bar else "wrong"
    return Row(case, outcome, largest, "; ".join(notes))


def with_sinks(mine: list[list[np.ndarray]], own: list[list[np.ndarray]]) -> list[list[np.ndarray]]:
    """Return a model's own attention less what sinks take, if it tells whole rows and we do not.

    Granite with windows does so: it multiplies the heads' outputs by what the sinks leave.
    """
    whole = all(abs(layer.sum(-1) - 1).max() < truth.SUM for layer in _flat(own))
    if not whole or all(layer.sum(-1).min() > 1 - truth.SUM for layer in _flat(mine)):
        return own
    return [
        [theirs * layer.sum(-1, keepdims=True) for theirs, layer in zip(*pair, strict=True)]
        for pair in zip(own, mine, strict=True)
    ]


def difference(found: list[np.ndarray], expected: list[np.ndarray]) -> float:
    """Return the largest difference, infinite where shapes differ or something is no number."""
    if [one.shape for one in found] != [one.shape for one in expected]:
        return float("inf")
    largest = max(float(np.abs(a - b).max()) for a, b in zip(found, expected, strict=True))
    return largest if np.isfinite(largest) else float("inf")


def relative(found: list[np.ndarray], expected: list[np.ndarray]) -> float:
    """Return the largest difference as a part of the largest number."""
    return difference(found, expected) / max(float(np.abs(one).max()) for one in expected)


def ablation(
    case: Case,
    ask: Callable[[list[np.ndarray]], truth.Own],
    net: PreTrainedModel,
    model: Model,
    run: Run,
    with_all: list[list[np.ndarray]],
) -> str:
    """Switch a head off, and compare later layers with a pass in which that was done by hand.

    Parameters
    ----------
    ask : callable
        Asks the net for its own attention over passages.
    net : PreTrainedModel
        The same model, loaded by transformers alone, in which it is done by hand.
    with_all : list of lists of float32 (heads, m, m)
        `ours.attentions` with all heads.
    """
    if run.model.layers < 2:
        return "only one layer"
    found = ours.attentions(ours.without(model, run, f"L0H{HEAD}"))
    if difference(_flat(found), _flat(with_all)) < LATER:
        return "wrong: nothing changes"
    if max(float(np.abs(a[0] - b[0]).max()) for a, b in zip(found, with_all, strict=True)) > LATER:
        return "wrong: the layer itself changes"
    ids = ours.passages(run)
    module = by_hand.projection(net, truth.padded(ids), run.model.heads)
    if module is None or case.family in special.MIXED:
        return "works"
    with by_hand.silent(net, module, HEAD, run.model.heads, run.model.head_dim):
        own = ask(ids)
    if own.kind == "none":
        return "works"
    apart = difference(_flat(found), _flat(with_sinks(found, own.attention)))
    return "as by hand" if apart <= LATER else f"wrong: by hand it differs by {apart:.1e}"


def _flat(passages: list[list[np.ndarray]]) -> list[np.ndarray]:
    return [layer for layers in passages for layer in layers]


def _careful(way) -> str:
    try:
        return way()
    except HeadscopeError as error:
        return f"refused: {error}"
    except Exception as error:  # of any kind: that is what is looked for
        return f"crash: {told(error)}"


def told(error: Exception) -> str:
    """Return an error in a line, with the place where it was raised."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    lines = str(error).strip().splitlines() or [""]
    where = "/".join(Path(place.filename).parts[-2:])
    return f"{type(error).__name__}: {lines[0][:160]} ({where}:{place.lineno})"


def is_fault(row: Row) -> bool:
    """Tell whether the product did something that it may not."""
    more = (row.ablation, row.induction)
    return row.outcome in FAULTS or any(word.startswith(FAULTS) for word in more)


def summary(rows: Iterable[Row]) -> str:
    """Return how many families and tasks ended how."""
    count = Counter(row.outcome for row in rows)
    return ", ".join(f"{count[name]} {name}" for name in OUTCOMES if count[name])
