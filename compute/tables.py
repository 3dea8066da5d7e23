"""Measurements of induction as rows of a table: one implementation for page and command line."""

import csv
import io
from collections.abc import Iterator

import numpy as np

from compute.designs import OFFSETS
from compute.induction import Induction
from compute.intervals import Estimate
from compute.nulls import Comparison, Nulls

COLUMNS = ("layer", "head", "readout", "mean", "low", "high", "null_mean", "z")


def rows(found: Induction, nulls: Nulls | None) -> Iterator[tuple]:
    """Yield one row of `COLUMNS` per layer, head and read-out.

    Parameters
    ----------
    found : Induction
        Its read-outs come first, then the spectrum round the earlier instance, ``offset-5`` …
        ``offset+5``.
    nulls : Nulls or None
        None: the last two columns are NaN.
    """
    for name, score in found.readouts.items():
        yield from _heads(name, score, nulls.readouts[name] if nulls else None)
    if "earlier" in found.spectra:
        score, null = found.spectra["earlier"], nulls.spectra["earlier"] if nulls else None
        for i, offset in enumerate(OFFSETS):
            here = None if null is None else Comparison(*(part[i] for part in null))
            yield from _heads(f"offset{offset:+d}", Estimate(*(part[i] for part in score)), here)


def _heads(name: str, score: Estimate, null: Comparison | None) -> Iterator[tuple]:
    nothing = np.full(score.mean.shape, np.nan)
    against = (nothing, nothing) if null is None else (null.null, null.z)
    for layer, head in np.ndindex(score.mean.shape):
        values = (float(part[layer, head]) for part in (*score, *against))
        yield (layer, head, name, *values)


def as_csv(found: Induction, nulls: Nulls | None) -> str:
    """Return the rows as CSV with a header; what is not known is an empty field."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for layer, head, name, *values in rows(found, nulls):
        writer.writerow([layer, head, name, *("" if np.isnan(v) else f"{v:.6g}" for v in values)])
    return text.getvalue()
