"""A few trials of a measurement as a run: any head's attention on them can be shown at once.

`make` runs a model (and imports torch then); all else here is light, for the web process.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from compute import induction, runs, store

if TYPE_CHECKING:
    from compute.models import Model

KIND = "examples"
VERSION = 1
FEW = 3


@dataclass(frozen=True)
class Examples:
    """Some trials; passage p of the run `run_key` is trial p.

    Attributes
    ----------
    run_key : str
        For `runs.load`, and then `attention.of_passage`.
    queries : int64 (n, Q)
        The tokens whose attention is read, as places in the passage.
    keys : int64 (n, Q, A)
        Where an induction head of this design would look from each of them; -1 for none.
    """

    run_key: str
    queries: np.ndarray
    keys: np.ndarray


def key(identity: str, options: Mapping[str, object]) -> str:
    """Return the name in the store of a measurement's examples; see `induction.key`."""
    return store.key(KIND, VERSION, induction.key(identity, options))


def load(name: str) -> Examples | None:
    """Return examples, or None if they or their run are not in the store."""
    entry = store.find(KIND, name)
    if entry is None or runs.find(name) is None:
        return None
    return Examples(name, np.array(entry.array("queries")), np.array(entry.array("keys")))


def make(
    model: "Model",
    options: Mapping[str, object],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Examples:
    """Read the first trials of a measurement with a model, and keep them.

    Parameters
    ----------
    model : Model
    options : mapping
        Arguments of `induction.measure`.
    progress : callable
        Called with the number of tokens done and of all.

    Raises
    ------
    HeadscopeError
        For what `induction.plan` refuses.
    """
    from compute import tokenise, vectors

    trials, *_ = induction.plan(model, **(induction.DEFAULTS | dict(options)))
    some = trials.part(slice(FEW))
    count, n = some.ids.shape
    ids = some.ids.ravel().astype(np.int32)
    tokens = runs.Tokens(
        strings=tokenise.strings(model.tokenizer, ids),
        ids=ids,
        passage=np.repeat(np.arange(count, dtype=np.int32), n),
        position=np.tile(np.arange(n, dtype=np.int32), count),
        special=np.isin(
            ids, [i for i in model.tokenizer.all_special_ids if i != model.info.mask_id]
        ),
    )
    name = key(model.info.identity, options)
    title = f"{count} trials of random repeated tokens"
    # The shuffled design as published reads the neighbours alone.
    wanted = ("earlier+1",) if model.info.causal else ("earlier+0", "after_left")
    row = next(trials.rows.index(name) for name in wanted if name in trials.rows)
    keys = some.keys[:, :, row]
    vectors.keep(model, tokens, title, (), name, progress)
    with store.writing(KIND, name) as draft:
        draft.save("queries", some.queries)
        draft.save("keys", keys)
    return Examples(name, some.queries, keys)
