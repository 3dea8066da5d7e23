"""Tables of the scale stage: what each criterion chooses, its curve, and compared maps."""

from collections.abc import Mapping

import numpy as np

from compute.scale.all_scales import AllScales, Criterion
from compute.scale.comparison import Row
from compute.scale.scales import SCALES, fine_scales
from compute.take_away.export import Table, of_rows

CURVES = ("weighted", "weighted_corrected", "counts", "counts_corrected")
NORMS = ("norms", "norms_corrected")


def choices(found: AllScales) -> Table:
    """Return which c each criterion chooses: layer, head, criterion, of the seven, between them.

    The ratio of norms names a c itself: both columns hold it.
    """
    rows = []
    for name in (*CURVES, *NORMS):
        values = getattr(found, name)
        both = (values.grid, values.best) if isinstance(values, Criterion) else (values, values)
        rows += [(*at, name, *(part[at] for part in both)) for at in np.ndindex(both[0].shape)]
    return of_rows(("layer", "head", "criterion", "best_of_seven", "best_between"), rows)


def curves(found: AllScales, layer: int, head: int) -> Table:
    """Return the criteria of one head over c: criterion, c, value, if c is one of the seven."""
    rows = []
    for name in CURVES:
        criterion = getattr(found, name)
        for scales, values in ((SCALES, criterion.values), (fine_scales(), criterion.fine)):
            seven = scales is SCALES
            pairs = zip(scales, values[layer, head], strict=True)
            rows += [(name, float(c), value, seven) for c, value in pairs]
    return of_rows(("criterion", "c", "value", "of_the_seven"), rows)


def maps(first: str, rows: Mapping[object, Row]) -> Table:
    """Return what was measured of several maps of one head.

    Parameters
    ----------
    first : str
        What sets the maps apart, the name of the first column.
    rows : mapping of its values to Row
        Of maps whose recall was measured at the same numbers of keys.
    """
    listed = []
    for value, row in rows.items():
        found, hidden = row.trust, row.held_out or {}
        numbers = (found["score"], hidden.get("score"), *found["recall"].values())
        both = (*numbers, found["corpus"], found["mixing"], row.seconds)
        listed.append((value, *(np.nan if number is None else number for number in both)))
    at = next(iter(rows.values())).trust["recall"]
    recall = tuple(f"recall_at_{k}" for k in at)
    names = (first, "trust", "held_out_trust", *recall, "corpus", "mixing", "seconds")
    return of_rows(names, listed)
