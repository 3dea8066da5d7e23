"""A text as a model reads it without some of its heads: a run like any other, under its own name.

A head that is switched off still looks where it looked; what it would pass on is replaced by zero,
or by its mean over random tokens. So its own attention stays, and that of heads
in later layers shows what they took from it.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from compute import store
from compute.errors import HeadscopeError
from compute.models.model import ModelInfo
from compute.progress import Progress
from compute.runs import Run
from compute.trials import head_ablation
from compute.trials.head_ablation import Heads

if TYPE_CHECKING:
    from compute.capture.passes import Ablate
    from compute.models.model import Model
    from compute.pictures import Pictures
    from compute.texts import Text

VERSION = 1
_BY = {"zero": "zero", "mean": "its mean over random tokens"}


def key(run_key: str, off: str, method: str) -> str:
    """Return the name in the store of a run without some heads.

    Parameters
    ----------
    run_key : str
        The name of the run with all heads, from `runs.key_of`.
    off : str
        The heads, as `head_ablation.named` reads them.
    method : str
        ``zero`` or ``mean``.

    Raises
    ------
    HeadscopeError
        If some of `off` names no head, or there is no such method.
    """
    if method not in head_ablation.ABLATIONS:
        raise HeadscopeError(f"There is no ablation “{method}”: choose zero or mean.")
    heads = sorted(
        {(layer, -1 if head is None else head) for layer, head in head_ablation.named(off)}
    )
    return store.key("without", VERSION, run_key, heads, method)


def extract(
    model: "Model",
    text: "Text | Pictures",
    off: str,
    method: str,
    name: str,
    progress: Progress,
    layers: str = "",
) -> Run:
    """Compute and store the vectors of a text in a model without some heads.

    Parameters
    ----------
    name : str
        From `key`: the name of the entry in the store.
    progress : Progress, in tokens
    layers : str
        Which are stored, as `chosen_layers` says them; all where it is empty.

    Raises
    ------
    HeadscopeError
        If the model has no such head, or for what `vectors.extract` or, for the mean,
        `planned.plan` refuses.
    """
    from compute.runs import picture_vectors, vectors

    heads = head_ablation.parse(off, model.info)
    if model.grid is not None and method == "mean":
        raise HeadscopeError(
            f"{model.info.name} reads pictures: its heads have no mean over random tokens. Put "
            "zero in the place of their output."
        )
    changed = replace(model, info=named(model.info, heads, method))
    silenced, way = ablate(model, heads, method), vectors if model.grid is None else picture_vectors
    return way.extract(changed, text, name, progress, silenced, layers=layers)


def named(info: ModelInfo, heads: Heads, method: str) -> ModelInfo:
    """Return what is known of a model once some of its heads are switched off."""
    return replace(
        info,
        name=f"{info.name} without {words(heads, info)}",
        identity=store.key("without", info.identity, heads, method),
        note=f"What {words(heads, info)} would pass on is replaced by {_BY[method]}.",
        off=head_ablation.names(heads),
        off_method=method,
    )


def words(heads: Heads, info: ModelInfo) -> str:
    """Return heads as ``L0H1, layer 2``: a layer that is named whole is not spelled out."""
    parts = []
    for layer in sorted({at for at, _ in heads}):
        own = [pair for pair in heads if pair[0] == layer]
        parts.append(f"layer {layer}" if len(own) == info.heads else head_ablation.names(own))
    return ", ".join(parts)


def ablate(model: "Model", heads: Heads, method: str) -> "Ablate":
    """Return what `passes.run` needs to leave heads out of a text.

    Parameters
    ----------
    method : str
        ``mean``: the mean over the same random sequences as `ablation.measure` uses by default.
    """
    from compute.trials import planned

    means = None
    if method == "mean":
        made, *_ = planned.plan(model, **planned.DEFAULTS)
        blank = planned.without_repeat(
            model, made, planned.DEFAULTS["protocol"], planned.DEFAULTS["seed"]
        )
        means = head_ablation.means(model, blank)
    return head_ablation.silence(heads, means)


def again(model: "Model", info: ModelInfo) -> "Ablate | None":
    """Return what left heads out of a run, for another pass; None if it has all heads.

    Parameters
    ----------
    model : Model
        With all its heads.
    info : ModelInfo
        `Run.model`.
    """
    if not info.off:
        return None
    return ablate(model, head_ablation.parse(info.off, model.info), info.off_method)
