"""Which picture of a head the "Map" panel asks for, and how far it can be trusted."""

from dataclasses import dataclass
from functools import lru_cache

from components.shown.records import HeadView, MapOptions
from compute import limits, runs, store
from compute.all_heads import tiles
from compute.contrasts import kinds
from compute.errors import HeadscopeError
from compute.maps import projection
from compute.maps.property_map import DEFAULT
from compute.trust import trust, trust_store


@dataclass(frozen=True)
class Picture:
    """What the "Map" panel asks for; `name` is the layout's in the store, None if it is instant."""

    method: str
    dims: int
    options: tuple[tuple[str, object], ...]
    name: str | None

    def of(self, view: HeadView) -> projection.Layout | None:
        """Return the layout, or None if a job must fit it first."""
        return self.layout(view.data, *view.at)

    def layout(self, data: runs.Run, layer: int, head: int) -> projection.Layout | None:
        """Return the same by a run and a head."""
        if self.name:
            return projection.MAPS.get(self.name)
        cloud = projection.cloud(data, layer, head)
        return projection.fit(cloud, self.method, dims=self.dims, options=dict(self.options))

    def ready(self) -> bool:
        """Tell whether the layout needs no job (any more)."""
        return self.name is None or projection.MAPS.has(self.name)

    def said(self) -> str:
        """Return method and settings in words, for a caption."""
        method, options = projection.METHODS[self.method], dict(self.options)
        parts = [method.title, f"{self.dims}-D"]
        if method.steps in options:
            parts.append(f"{options[method.steps]} {method.steps.removeprefix('n_')}")
        if (scale := options.get("scale")) is not None:
            parts.append("queries and keys of equal norms" if scale == "norm" else f"c = {scale:g}")
        parts.append(options.get("property", DEFAULT) if method.takes_property else "")
        parts.append("vectors before rotation" if "rotation" in options else "")
        return ", ".join(part for part in parts if part)

    def preview(self, view: HeadView) -> projection.Layout:
        """Return what stands in until the job has something to show."""
        return tiles.stand_in(projection.cloud(view.data, *view.at), self.method, self.dims)


def picture(view: HeadView, asked: MapOptions) -> Picture:
    """Return what the panel's values ask for; options a method does not have are left out."""
    method, options = projection.METHODS[asked.method], {}
    if method.steps and asked.steps not in (None, ""):
        options[method.steps] = _steps(asked.steps)
    if method.takes_scale and asked.scale != "none":
        options["scale"] = asked.scale if asked.scale == "norm" else float(asked.scale)
    if method.takes_property and asked.said:
        kinds.read(asked.said)
        options["property"] = asked.said
    rotary = view.run["model"]["rotary"]
    if asked.rotation == "before" and rotary and not method.sees_attention:
        options["rotation"] = asked.rotation
    dims, name = int(asked.dims), None
    if not method.instant or "rotation" in options:
        name = projection.key(view.key, *view.at, method.name, dims, options)
    return Picture(method.name, dims, tuple(options.items()), name)


def _steps(typed: str | float) -> int:
    """Return how many steps a map is to have; `HeadscopeError` for an impossible number."""
    low, most = limits.STEPS
    if not (str(typed).isdecimal() and len(str(typed)) < 20 and low <= int(typed) <= most):
        raise HeadscopeError(
            f"A map can't have {str(typed)[:40]} steps. "
            f"Give a whole number from {low} to {most:,}, or none."
        )
    return int(typed)


def measure(view: HeadView, asked: Picture) -> trust.Trust | None:
    """Return the trust of a picture, or None if it must be fitted first."""
    return _measured(str(store.root()), view.key, *view.at, asked) if asked.ready() else None


@lru_cache(maxsize=64)
def _measured(_cache: str, run_key: str, layer: int, head: int, asked: Picture) -> trust.Trust:
    data, options = runs.load(run_key), dict(asked.options)
    name = projection.key(run_key, layer, head, asked.method, asked.dims, options)
    if asked.name is None:  # it takes a moment to lay out, and less to find what was measured
        found = trust_store.TRUST.get(trust_store.key(name))
        if found is not None:
            return found
    return trust_store.measured(data, layer, head, name, asked.layout(data, layer, head))
