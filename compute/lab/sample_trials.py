"""A few trials of a measurement as a run: any head's attention on them can be shown at once.

`make` runs a model (and imports torch then); all else here is light, for the web process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from compute import runs, store
from compute.lab import induction
from compute.progress import Progress, unseen
from compute.texts.tokens import Tokens
from compute.trials import planned

if TYPE_CHECKING:
    from compute.models.model import Model

VERSION = 2
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
    keys : dict of str to int64 (n, Q, A)
        Per read-out of `Induction` the places whose attention it reads from each of them; -1 for
        none.
    """

    run_key: str
    queries: np.ndarray
    keys: dict[str, np.ndarray]


def key(identity: str, options: Mapping[str, object]) -> str:
    """Return the name in the store of a measurement's examples; see `induction.key`."""
    return store.key("examples", VERSION, runs.VERSION, induction.key(identity, options))


def _dump(draft: store.Draft, some: Examples) -> None:
    draft.save("queries", some.queries)
    draft.save("keys", np.array(list(some.keys.values())))
    draft.values["readouts"] = list(some.keys)


def _build(entry: store.Entry) -> Examples | None:
    run_key = entry.folder.name
    if not runs.RUNS.has(run_key):
        return None
    keys = dict(zip(entry.values["readouts"], np.array(entry.array("keys")), strict=True))
    return Examples(run_key, np.array(entry.array("queries")), keys)


EXAMPLES = store.Stored("examples", _dump, _build)


def make(
    model: "Model",
    options: Mapping[str, object],
    progress: Progress = unseen,
) -> Examples:
    """Read the first trials of a measurement with a model, and keep their run.

    Parameters
    ----------
    options : mapping
        Arguments of `induction.measure`.
    progress : Progress, in tokens

    Raises
    ------
    HeadscopeError
        For what `planned.plan` refuses.
    """
    from compute.runs import vectors
    from compute.texts import tokenise

    trials, *_ = planned.plan(model, **(induction.DEFAULTS | dict(options)))
    some = trials.part(slice(FEW))
    count, n = some.ids.shape
    ids = some.ids.ravel().astype(np.int32)
    tokens = Tokens(
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
    by_row = np.moveaxis(some.keys, 2, 0)
    keys = induction.arrange(by_row, trials.rows, model.info.causal)[0]
    vectors.keep(model, tokens, title, (), name, progress)
    return Examples(name, some.queries, keys)
