"""What was found in a corpus about the heads of the open model, wherever a score is shown."""

import numpy as np

from compute import store
from compute.corpus import findings
from compute.corpus.findings import Findings

MEASURED = "corpus-measured"
"""The store of the job that measures heads over a corpus."""

_KNOWN: store.Recent[tuple[str, ...]] = store.Recent(8)
"""Every switch to another head asks which findings there are."""


def of(name: str | None, run: dict | None) -> Findings | None:
    """Return kept findings by their name; None if they are gone, or of another model."""
    found = every(name) if may(run) else None
    return found if found is not None and _fits(found, run) else None


def every(name: str | None) -> Findings | None:
    """Return kept findings by their name, of any model; None if they are gone."""
    return findings.FINDINGS.get(name) if name else None


def may(run: dict | None) -> bool:
    """Tell whether what a corpus says is of the heads that are open: all on, of one stack."""
    if not run:
        return False
    model = run["model"]
    return not (run.get("off") or model.get("part") or model.get("off"))


def latest(run: dict | None) -> Findings | None:
    """Return the newest findings of the open model; None if there are none."""
    if not may(run):
        return None
    names = _names(run["model"]["identity"])
    return next((found for name in names if (found := of(name, run)) is not None), None)


def _names(identity: str) -> tuple[str, ...]:
    """Return the names of a model's findings; looked up again when there are others."""
    folder = store.root() / findings.FINDINGS.kind
    changed = str(folder.stat().st_mtime_ns) if folder.is_dir() else ""
    names = _KNOWN.get(identity, changed)
    if names is None:
        names = tuple(known.name for known in findings.known(identity))
        if changed:
            _KNOWN.put(names, identity, changed)
    return names


def beside(run: dict, score: str) -> np.ndarray | None:
    """Return what a corpus says of a score, a line of the hover: array of str (layers, heads)."""
    found = latest(run)
    if found is None or score not in found.names:
        return None
    values = found.of(score)
    texts = np.full(values.mean.shape, "", object)
    for at in map(tuple, np.argwhere(np.isfinite(values.mean))):
        texts[at] = f"<br>corpus: {said(*(part[at] for part in values))}"
    return texts.astype(str)


def said(mean: float, low: float, high: float, digits: int = 2) -> str:
    """Return a number with its 95 % interval, such as "0.42 [0.40, 0.44]"."""
    known = np.isfinite(low) and np.isfinite(high)
    interval = f" [{low:z.{digits}f}, {high:z.{digits}f}]" if known else ""
    return f"{mean:z.{digits}f}{interval}".replace("-", "−")


def _fits(found: Findings, run: dict) -> bool:
    """Tell whether findings are of the open model."""
    model = run["model"]
    shape = model["layers"], model["heads"]
    return found.about["identity"] == model["identity"] and found.mean.shape[2:] == shape
