"""What a person takes away as a table, CSV or Parquet: the columns of each, and the files."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict

import numpy as np

from compute.attention.exact import in_rows
from compute.errors import HeadscopeError
from compute.maps.cloud import Layout
from compute.runs import Run
from compute.scores.aggregate import Aggregate
from compute.scores.classes import FEW, Classes
from compute.scores.head_similarity import Likeness
from compute.scores.heads import Scores
from compute.scores.patterns import Ranking, rows
from compute.take_away import tables
from compute.trust.trust import Trust

Table = Mapping[str, Sequence | np.ndarray]
"""Columns of equal length by name, in order."""


def write(table: Table, kind: str) -> bytes:
    """Return a table as a file.

    Parameters
    ----------
    kind : {"csv", "parquet"}
        CSV is UTF-8 with a header; numbers have 6 significant digits, NaN is an empty field.

    Raises
    ------
    HeadscopeError
        For another format.
    """
    if kind == "csv":
        return _csv(table).encode()
    if kind != "parquet":
        raise HeadscopeError(f"There is no format {kind}. Choose CSV or Parquet.")
    import pyarrow  # only here: loading it takes half a second
    import pyarrow.parquet

    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(dict(table)), file)
    return file.getvalue()


def of_rows(names: Sequence[str], rows: Iterable[Sequence]) -> Table:
    """Return rows as a table with columns of these names."""
    listed = list(rows)
    return {name: [row[i] for row in listed] for i, name in enumerate(names)}


def of_records(records: Sequence) -> Table:
    """Return dataclasses of one kind, at least one, as a table: a column per field."""
    listed = [asdict(record) for record in records]
    return {name: [each[name] for each in listed] for name in listed[0]}


def map_table(run: Run, layer: int, head: int, layout: Layout, trusted: Trust | None) -> Table:
    """Return the coordinates of a map, queries first.

    Parameters
    ----------
    layout : Layout
        Of this head, in 2 or 3 dimensions.
    trusted : Trust or None
        Of this map; None leaves its column empty.

    Returns
    -------
    Table
        ``role`` (query, key), ``passage``, ``position`` (from 0), ``token``, ``x``, ``y``[, ``z``],
        ``attention_received`` (of keys; see `received`) and ``trust`` (of the point: see
        `trust.trust.Trust`).
    """
    sides = run.tokens, run.keys
    nothing = [np.full(len(side), np.nan) for side in sides]
    places = np.concatenate([layout.q, layout.k])
    both = {
        "role": ["query"] * len(sides[0]) + ["key"] * len(sides[1]),
        "passage": np.concatenate([side.passage for side in sides]),
        "position": np.concatenate([side.position for side in sides]),
        "token": [string for side in sides for string in side.strings],
    }
    axes = {name: places[:, i] for i, name in enumerate("xyz"[: places.shape[1]])}
    seen = np.concatenate([nothing[0], received(run, layer, head)])
    trusts = nothing if trusted is None else (trusted.q, trusted.k)
    return both | axes | {"attention_received": seen, "trust": np.concatenate(trusts)}


def received(run: Run, layer: int, head: int) -> np.ndarray:
    """Return the mean attention that each key gets from the queries that may see it, float64 (s,).

    Raises
    ------
    HeadscopeError
        If the model has no such head.
    """
    run.check(layer, head)
    sight, out = run.sight(layer), np.zeros(len(run.keys))
    for passage in range(len(run.tokens.starts) - 1):
        columns = run.key_span(passage)
        able = np.zeros(columns.stop - columns.start)
        for some, weights in in_rows(run, layer, head, passage):
            out[columns] += weights.sum(0)
            able += sight.cells(len(able), some).sum(0)
        out[columns] /= np.maximum(able, 1)
    return out


def scores_table(scores: Scores) -> Table:
    """Return the scores of all heads: layer, head, score, mean, low, high, n."""
    names, layers, heads = scores.mean.shape
    name, layer, head = (i.ravel() for i in np.indices((names, layers, heads)))
    return {
        "layer": layer,
        "head": head,
        "score": [scores.names[i] for i in name],
        "mean": scores.mean.ravel(),
        "low": scores.low.ravel(),
        "high": scores.high.ravel(),
        "n": scores.n[name, layer],
    }


def pair_table(one: Scores, a: tuple[int, int], other: Scores, b: tuple[int, int]) -> Table:
    """Return the scores of two heads (layer, head) side by side: a, b with intervals, a − b.

    They may be heads of two models, or of one on two texts; scores that one lacks are left out.
    """
    shared = [name for name in one.names if name in other.names]
    table: dict[str, Sequence | np.ndarray] = {"score": shared}
    for side, scores, at in (("a", one, a), ("b", other, b)):
        found = [scores.of(name) for name in shared]
        for part in ("mean", "low", "high"):
            table[f"{side}_{part}"] = np.array([getattr(each, part)[at] for each in found])
    return table | {"difference": table["a_mean"] - table["b_mean"]}


def offsets_table(found: Aggregate) -> Table:
    """Return attention by offset of all heads: layer, head, offset, mean, low, high, n."""
    layer, head, at = (i.ravel() for i in np.indices(found.mean.shape))
    return {
        "layer": layer,
        "head": head,
        "offset": found.offsets[at],
        "mean": found.mean.ravel(),
        "low": found.low.ravel(),
        "high": found.high.ravel(),
        "n": np.asarray(found.n)[layer, at],
    }


def positions_table(found: Aggregate, layer: int, head: int) -> Table:
    """Return attention by position of one head: query, key (first positions of a cell), mean, n."""
    query, key = (i.ravel() for i in np.indices(found.positions.shape[2:]))
    return {
        "query": query * found.width,
        "key": key * found.width,
        "mean": found.positions[layer, head].ravel(),
        "n": found.counted[layer].ravel(),
    }


def classes_table(found: Classes) -> Table:
    """Return attention between classes of all heads, with chance, lift and intervals.

    ``n`` is the number of queries, ``keys`` that of tokens in the key's class; ``few`` marks what
    rests on fewer than `classes.FEW` of either.
    """
    layer, head, query, key = (i.ravel() for i in np.indices(found.mean.shape))
    numbers = ("mean", "low", "high", "lift", "lift_low", "lift_high")
    return {
        "layer": layer,
        "head": head,
        "query": [found.names[i] for i in query],
        "key": [found.names[i] for i in key],
        **{name: getattr(found, name).ravel() for name in numbers},
        "chance": np.asarray(found.chance)[layer, query, key],
        "n": np.asarray(found.n)[layer, query],
        "keys": np.asarray(found.tokens)[key],
        "few": np.concatenate([found.rests_on(each).ravel() < FEW for each in _places(found)]),
    }


def _places(found: Classes) -> list[int]:
    """Return the layer of each head, in their order."""
    layers, heads = np.shape(found.mean)[:2]
    return np.repeat(np.arange(layers), heads).tolist()


def ranking_table(found: Ranking, by: str = "excess") -> Table:
    """Return the heads ranked by a pattern, the best first."""
    listed = rows(found, by)
    return of_records(listed) | {"baseline": [found.baseline] * len(listed)}


def likeness_table(found: Likeness) -> Table:
    """Return the divergence of all pairs of heads, each pair of one run once."""
    a, b, c, d = (i.ravel() for i in np.indices(found.divergence.shape))
    kept = (a < c) | ((a == c) & (b < d)) if found.same else np.ones(len(a), bool)
    return {
        "layer_a": a[kept],
        "head_a": b[kept],
        "layer_b": c[kept],
        "head_b": d[kept],
        "divergence": np.asarray(found.divergence).ravel()[kept],
    }


def _csv(table: Table) -> str:
    columns = (np.asarray(c).tolist() if isinstance(c, np.ndarray) else c for c in table.values())
    return tables.csv_text(table, zip(*columns, strict=True))
