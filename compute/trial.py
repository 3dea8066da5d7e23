"""One trial of an induction measurement to look at: its tokens, the attention of all heads.

`record` runs a model (and imports torch then); all else here is light, for the web process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from compute import catalog, induction, store
from compute.progress import Report

if TYPE_CHECKING:
    from compute.models import Model

KIND = "trials"
VERSION = 1


@dataclass(frozen=True)
class Trial:
    """The first sequence of a measurement.

    Attributes
    ----------
    attention : float16 (layers, heads, N, N), memory-mapped
        Rows are queries.
    tokens : tuple of str
        The N tokens.
    cells : dict of str to int64 (c, 2)
        For each read-out the pairs (query, key) whose attention it reads in this sequence.
    """

    attention: np.ndarray
    tokens: tuple[str, ...]
    cells: dict[str, np.ndarray]


def key(identity: str, options: Mapping[str, object]) -> str:
    """Return the trial's name in the store; the arguments are those of `induction.key`."""
    return store.key(KIND, VERSION, identity, induction.DEFAULTS | dict(options))


def record(model: "Model", options: Mapping[str, object]) -> None:
    """Run the first trial of a measurement and keep the attention of all heads.

    Parameters
    ----------
    model : Model
    options : mapping
        Arguments of `induction.measure`.

    Raises
    ------
    HeadscopeError
        As `induction.measure`.
    """
    import torch

    from compute import capture, tokenise

    made, _, _ = induction.plan(model, **induction.DEFAULTS | dict(options))
    ids = made.ids[:1]
    size = ids.shape[1]
    with store.writing(KIND, key(model.info.identity, options)) as draft:
        shape = (model.info.layers, model.info.heads, size, size)
        attention = draft.create("attention", shape, "float16")

        def keep(call: capture.Call) -> None:
            attention[call.layer] = call.attention()[0].numpy()

        capture.run(model.net.base_model, {"input_ids": torch.from_numpy(ids)}, on_call=keep)
        rows = induction.rows_of_readouts(model.info.causal)
        there = {name: row for name, row in rows.items() if row in made.rows}
        for name, row in there.items():
            keys = made.keys[0, :, made.rows.index(row)]
            draft.save(f"cells-{name}", _cells(made.queries[0], keys))
        tokens = tokenise.strings(model.tokenizer, ids[0])
        draft.values |= {"tokens": list(tokens), "readouts": list(there)}


def _cells(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return the pairs of queries (Q,) with the keys (Q, A) that exist."""
    pairs = np.stack(np.broadcast_arrays(queries[:, None], keys), axis=-1)
    return pairs[keys >= 0]


def load(name: str) -> Trial | None:
    """Return a trial, or None if it is not in the store."""
    entry = store.find(KIND, name)
    if entry is None:
        return None
    cells = {n: np.array(entry.array(f"cells-{n}")) for n in entry.values["readouts"]}
    return Trial(entry.array("attention"), tuple(entry.values["tokens"]), cells)


def find_or_record(spec: str, options: Mapping[str, object], report: Report) -> str:
    """Return the name of a measurement's first trial, which is recorded unless it was before.

    Parameters
    ----------
    spec : str
        A built-in model's name, a hub id or a folder.
    options : mapping
        Arguments of `induction.measure`.
    report : callable
        Takes ``(percent, sentence)``.
    """
    source = catalog.find(spec)
    name = key(source.identity, options)
    if load(name) is None:
        from compute import models

        report((0, "Loading the model …"))
        model = models.load(source)
        report((50, "Reading one sequence …"))
        record(model, options)
    return name
