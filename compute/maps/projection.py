"""All layouts of a head's queries and keys under one call, and kept on disk.

Adding a method is one function in a module of its own and one entry in `METHODS`: what else the app
must know of a method, its entry says.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import psutil

from compute import store
from compute.errors import HeadscopeError
from compute.maps.attention_map import fit_attention, preview
from compute.maps.cloud import Cloud, Frame, Layout, cloud
from compute.maps.linear import fit_biplot, fit_exact, fit_pca
from compute.maps.property_map import fit_property
from compute.maps.targets import memory
from compute.maps.tsne_map import fit_tsne
from compute.maps.umap_code import prepare_umap
from compute.maps.umap_map import fit_umap
from compute.progress import Progress

__all__ = ["MAPS", "METHODS", "Cloud", "Layout", "Method", "cloud", "fit", "key"]

VERSION = 2


def _small(points: Cloud) -> int:
    """Return the memory of methods that keep a few copies of the vectors, in bytes."""
    return 8 * points.q.nbytes


def _neighbours(points: Cloud) -> int:
    """Return the memory of methods on a graph of neighbours, in bytes."""
    return _small(points) + 2 * len(points) * 150 * 48


@dataclass(frozen=True)
class Method:
    """A way to lay out queries and keys.

    Attributes
    ----------
    name : str
        Key of `METHODS`.
    title : str
        For the page.
    definition : str
        Two plain sentences: what it does, and how to read it.
    fit : callable
        ``fit(cloud, *, dims=2, seed=0, options=None, progress=None, frame=None) -> Layout``; in
        closed form ``fit(cloud, *, dims=2, options=None) -> Layout``.
    instant : bool
        In closed form: fast enough, and light enough, for the web process, and without chance.
    memory : callable
        Estimates the bytes that a fit takes.
    steps : str or None
        The option that says how many steps a fit takes, if it goes by steps.
    takes_scale : bool
        It has the option ``scale``, the scale c.
    over_scales : bool
        The stage of the scale offers its maps over c; for methods that take c and few seconds.
    takes_property : bool
        It has the option ``property``, a property of pairs of tokens; without one that a text has
        there is no such map, so that it is in no table of all methods.
    sees_attention : bool
        It is fitted to attention itself. Others see the vectors alone, also before rotation.
    minutes : bool
        A fit takes a minute or more, so that fewer are asked for.
    preview : callable or None
        ``preview(cloud, dims) -> Layout`` gives what is shown until a fit is there; else the PCA.
    prepare : callable or None
        Loads and compiles what it needs, before processes are forked and clocks are read.
    """

    name: str
    title: str
    definition: str
    fit: Callable[..., Layout]
    instant: bool
    memory: Callable[[Cloud], int] = _small
    steps: str | None = None
    takes_scale: bool = False
    over_scales: bool = False
    takes_property: bool = False
    sees_attention: bool = False
    minutes: bool = False
    preview: Callable[[Cloud, int], Layout] | None = None
    prepare: Callable[[], None] | None = None

    @property
    def short(self) -> str:
        """The title without what is in brackets."""
        return self.title.partition(" (")[0]


_ALL = (
    Method(
        "attention",
        "Attention map",
        "Places fitted so that a query is near the keys it attends to, in its passage and over the "
        "whole text. Near means attended, as far as trust says.",
        fit_attention,
        instant=False,
        memory=memory,
        steps="steps",
        sees_attention=True,
        preview=preview,
    ),
    Method(
        "attention-size",
        "Attention map with sizes",
        "The attention map with each key's popularity drawn as the size of its dot: a big key is "
        "attended to from afar. Read distance together with size; distance alone says less here.",
        partial(fit_attention, sized=True),
        instant=False,
        memory=memory,
        steps="steps",
        sees_attention=True,
        preview=preview,
    ),
    Method(
        "pca",
        "PCA",
        "The two directions in which queries and keys, the keys moved onto the queries' centre, "
        "differ most. Distances are those of the vectors seen from one side, so attention shows "
        "only in part.",
        fit_pca,
        instant=True,
        takes_scale=True,
        over_scales=True,
    ),
    Method(
        "biplot",
        "Biplot",
        "The best flat picture of the products q·k: a key lies far out in a query's direction if "
        "their product is large. Read directions and lengths here, not distances.",
        fit_biplot,
        instant=True,
    ),
    Method(
        "exact",
        "Exact-distance PCA",
        "Two added coordinates make the squared distance of a query and a key a constant minus "
        "twice their product, for every pair; this is the PCA of that. Queries and keys lie apart.",
        fit_exact,
        instant=True,
        takes_scale=True,
    ),
    Method(
        "umap",
        "UMAP (AttentionViz)",
        "UMAP by cosine distance after the keys were moved onto the queries' centre, as in "
        "AttentionViz. It keeps neighbours among the vectors together and never looks at "
        "attention, so near does not have to mean attended.",
        fit_umap,
        instant=False,
        memory=_neighbours,
        steps="n_epochs",
        takes_scale=True,
        over_scales=True,
        prepare=prepare_umap,
    ),
    Method(
        "tsne",
        "t-SNE (AttentionViz)",
        "t-SNE by cosine distance after the keys were moved onto the queries' centre; like UMAP it "
        "never looks at attention. AttentionViz stops after 300 iterations, of which 250 push "
        "clusters apart, so its strings and spirals are partly unfinished: more settle it.",
        fit_tsne,
        instant=False,
        memory=_neighbours,
        steps="iterations",
        takes_scale=True,
        minutes=True,
    ),
    Method(
        "property",
        "By a property",
        "Queries and keys in the directions by which pairs with a property, such as the same "
        "token, differ from others at the same places. On each axis a query and a key on the same "
        "side are drawn together by it; what else makes a head look is not on this map.",
        fit_property,
        instant=False,
        takes_property=True,
    ),
)
METHODS: dict[str, Method] = {m.name: m for m in _ALL}


def fit(
    points: Cloud,
    method: str,
    *,
    dims: int = 2,
    seed: int = 0,
    options: dict | None = None,
    progress: Progress | None = None,
    frame: Frame | None = None,
) -> Layout:
    """Return a layout by the name of its method.

    Parameters
    ----------
    method : str
        A key of `METHODS`.
    dims : int
        2 or 3.
    options : dict
        The method's own settings; and of rotary models ``rotation="before"``: lay out queries and
        keys as they are before their rotation, which attention does not see.
    progress : Progress, in steps
    frame : callable
        Called with the step and the layout so far, by methods that refine in view.

    Raises
    ------
    HeadscopeError
        If there is no such method, a setting makes no sense, or memory is too small for so many
        tokens.
    """
    check(method, dims)
    options = dict(options or {})
    if options.pop("rotation", "after") == "before":
        points = _unrotated(points, method)
    chosen = METHODS[method]
    _check_memory(points, chosen)
    if chosen.instant:
        return chosen.fit(points, dims=dims, options=options)
    return chosen.fit(points, dims=dims, seed=seed, options=options, progress=progress, frame=frame)


def _unrotated(points: Cloud, method: str) -> Cloud:
    """Return a cloud of the vectors before rotation, for methods that look at nothing else."""
    if METHODS[method].sees_attention:
        raise HeadscopeError(
            "The attention map is made of attention, which the rotated vectors give. Choose PCA, "
            "UMAP, t-SNE or a biplot for the vectors before rotation."
        )
    if points.before is None:
        raise HeadscopeError("The vectors before rotation have not been extracted for this text.")
    q, k = (np.ascontiguousarray(vectors, np.float32) for vectors in points.before)
    return replace(points, q=q, k=k)


def check(method: str, dims: int) -> None:
    """Raise `HeadscopeError` if there is no such method, or it does not draw so many dimensions."""
    if method not in METHODS:
        raise HeadscopeError(f"There is no map called {method!r}; there are {', '.join(METHODS)}.")
    if dims not in (2, 3):
        raise HeadscopeError(f"A map has 2 or 3 dimensions, not {dims}.")


def _check_memory(points: Cloud, method: Method) -> None:
    """Raise `HeadscopeError` if a fit would take more memory than there is."""
    needed, free = method.memory(points), psutil.virtual_memory().available
    if needed > free:
        raise HeadscopeError(
            f"{method.title} of {len(points):,} tokens needs about {needed / 2**30:.1f} GB of "
            f"memory and {free / 2**30:.1f} GB is free. Choose a shorter text, or PCA."
        )


def key(
    run_key: str,
    layer: int,
    head: int,
    method: str,
    dims: int = 2,
    options: dict | None = None,
    seed: int = 0,
) -> str:
    """Return the name of a layout in the store, from everything it depends on."""
    return store.key("map", VERSION, run_key, layer, head, method, dims, options or {}, seed)


def _dump(draft: store.Draft, layout: Layout) -> None:
    draft.save("q", layout.q)
    draft.save("k", layout.k)
    if layout.size is not None:
        draft.save("size", layout.size)
    draft.values |= {"info": layout.info, "size": layout.size is not None}


def _build(entry: store.Entry) -> Layout:
    size = entry.array("size") if entry.values["size"] else None
    return Layout(entry.array("q"), entry.array("k"), size, entry.values["info"])


MAPS = store.Stored("maps", _dump, _build)
