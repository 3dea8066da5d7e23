"""The scale c that each of the study's criteria chooses for every head (`scale.scales`)."""

from dataclasses import dataclass

import numpy as np

from compute import runs, store
from compute.machine import pool
from compute.maps import projection
from compute.progress import Progress, unseen
from compute.scale import scales
from compute.scale.scales import SCALES

VERSION = 1


@dataclass(frozen=True)
class Criterion:
    """One criterion over c, for all heads; the smaller the better.

    Attributes
    ----------
    values : float64 (layers, heads, 7)
        At `SCALES`; NaN where there was nothing to count.
    fine : float64 (layers, heads, 33)
        At `scale.scales.fine_scales`.
    grid : float64 (layers, heads)
        The best of the seven; NaN where there is none.
    best : float64 (layers, heads)
        The best c between the smallest and the largest of them.
    """

    values: np.ndarray
    fine: np.ndarray
    grid: np.ndarray
    best: np.ndarray


@dataclass(frozen=True)
class AllScales:
    """What each criterion says of every head.

    Attributes
    ----------
    weighted, weighted_corrected, counts, counts_corrected : Criterion
        Weighted correlation, and the same scaled by counts; see `scale.scales`.
    norms, norms_corrected : float64 (layers, heads)
        c of the ratio of norms.
    scanned : dict of str to array
        What all this is made of, as it is kept.
    """

    weighted: Criterion
    weighted_corrected: Criterion
    counts: Criterion
    counts_corrected: Criterion
    norms: np.ndarray
    norms_corrected: np.ndarray
    scanned: dict[str, np.ndarray]


def key(run_key: str) -> str:
    """Return the name of a run's scan in the store."""
    return store.key("scales", VERSION, run_key)


def scan_all(run_key: str, progress: Progress = unseen) -> None:
    """Scan all heads of a run, unless that was done before. Progress is in heads.

    Raises
    ------
    HeadscopeError
        If the run is not in the cache, or the vectors of a head are no numbers.
    """
    SCANS.ensure(key(run_key), lambda: _scan_all(run_key, progress))


def _scan_all(run_key: str, progress: Progress) -> AllScales:
    run = runs.load(run_key)
    run.check_all()
    model = run.model
    shape = model.layers, model.heads
    heads = [(run_key, *at) for at in np.ndindex(shape)]
    found = dict(pool.each(_scan, heads, progress))
    ordered = [found[at] for at in heads]
    arrays = _curves(ordered) | _norms(ordered)
    return _of({name: values.reshape(*shape, *values.shape[1:]) for name, values in arrays.items()})


def _of(scanned: dict[str, np.ndarray]) -> AllScales:
    def criterion(name: str) -> Criterion:
        values, fine, best = (scanned[f"{name}{part}"] for part in ("", "-fine", "-best"))
        return Criterion(values, fine, _smallest(values, np.array(SCALES)), best)

    weighted, counts = criterion("weighted"), scanned["weighted-counts"]
    return AllScales(
        weighted=weighted,
        weighted_corrected=criterion("weighted_corrected"),
        counts=_scaled(weighted, counts, scanned["weighted-fine_counts"]),
        counts_corrected=criterion("counts_corrected"),
        norms=scanned["norms"],
        norms_corrected=scanned["norms_corrected"],
        scanned=scanned,
    )


def _dump(draft: store.Draft, found: AllScales) -> None:
    for name, values in found.scanned.items():
        draft.save(name, values)


def _build(entry: store.Entry) -> AllScales:
    return _of({name: np.array(entry.array(name)) for name in entry.names()})


SCANS = store.Stored("scales", _dump, _build)


def _scan(at: tuple[str, int, int]) -> scales.Scan:
    run_key, layer, head = at
    return scales.scan(projection.cloud(runs.load(run_key), layer, head))


def _curves(found: list[scales.Scan]) -> dict[str, np.ndarray]:
    arrays = {}
    for name in ("weighted", "weighted_corrected", "counts_corrected"):
        curves = [getattr(scan, name) for scan in found]
        best = [np.nan if curve.best is None else curve.best for curve in curves]
        arrays |= {name: np.stack([c.values for c in curves]), f"{name}-best": np.array(best)}
        arrays[f"{name}-fine"] = np.stack([c.fine for c in curves])
    arrays["weighted-counts"] = np.stack([scan.weighted.counts for scan in found])
    arrays["weighted-fine_counts"] = np.stack([scan.weighted.fine_counts for scan in found])
    return arrays


def _norms(found: list[scales.Scan]) -> dict[str, np.ndarray]:
    names = ("norms", "norms_corrected")
    return {name: np.array([getattr(scan, name) for scan in found]) for name in names}


def _scaled(weighted: Criterion, counts: np.ndarray, fine_counts: np.ndarray) -> Criterion:
    """Return the published count-scaled form, which needs all heads at once."""

    def of(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
        flat = [part.reshape(-1, part.shape[-1]) for part in (values, counts)]
        return scales.scaled_by_counts(*flat).reshape(values.shape)

    values, fine = of(weighted.values, counts), of(weighted.fine, fine_counts)
    best = _smallest(fine, scales.fine_scales())
    return Criterion(values, fine, _smallest(values, np.array(SCALES)), best)


def _smallest(values: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return the scale with the smallest value along the last axis; NaN where all are NaN."""
    known = np.isfinite(values).any(-1)
    place = np.argmin(np.where(np.isfinite(values), values, np.inf), axis=-1)
    return np.where(known, scale[place], np.nan)
