"""What explains edges, as a table: a row per part, and per earlier head and side."""

from collections.abc import Iterator

import numpy as np

from compute.why.results import Explained, over_passages
from compute.why.subject import ONE_SIDED, SIDES

COLUMNS = ("side", "part", "layer", "head", "direct", "effect", "low", "high", "attention")


def rows(found: Explained) -> Iterator[tuple]:
    """Yield the rows of `COLUMNS`; None where there is nothing to say.

    ``direct`` is the part of the contrast that was written directly, in logits: each side's rows
    add up to the contrast. ``effect`` is what of the contrast went when the head was taken out,
    ``low`` and ``high`` its 95 % interval over passages, ``attention`` what went of the attention.
    A row ``not attributed`` is there if the parts don't add up.
    """
    for at, side in enumerate(ONE_SIDED):
        for part in ("token", "position"):
            yield (side, part, None, None, float(getattr(found, part)[at].mean()), *[None] * 4)
        for layer, direct in enumerate(found.mlps[at].mean(0)):
            yield (side, "mlp", layer, None, float(direct), *[None] * 4)
        yield (side, "rest", None, None, float(found.rest[at].mean()), *[None] * 4)
        if not found.complete:
            yield (side, "not attributed", None, None, float(found.gap[at].mean()), *[None] * 4)
    measured = _measured(found)
    direct = found.heads.mean(1)
    for at, side in enumerate(SIDES):
        for layer, head in np.ndindex(direct.shape[1:]):
            known = measured.get((layer, head))
            if side == "both" and known is None:
                continue
            own = None if side == "both" else float(direct[at, layer, head])
            more = [None] * 4 if known is None else known[at]
            yield (side, "head", layer, head, own, *more)


def _measured(found: Explained) -> dict[tuple[int, int], list[tuple]]:
    """Return effect, interval and change of attention of each measured head, by side."""
    if not len(found.measured):
        return {}
    effect, change = over_passages(found.effects), over_passages(found.changes).mean
    return {
        (int(layer), int(head)): [
            (*(_number(part[n, side]) for part in effect), _number(change[n, side]))
            for side in range(len(SIDES))
        ]
        for n, (layer, head) in enumerate(found.measured)
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
