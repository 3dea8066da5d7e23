"""Queries and keys before rotary position encoding: maps of what tokens say, not of where they are.

Attention uses the rotated vectors, and `compute.runs` stores those. These here are made on request,
by a pass in which the model's own rotation function is watched.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from compute import runs, store
from compute.errors import HeadscopeError
from compute.models.model import ROTATION, rotations
from compute.progress import Progress, unseen
from compute.runs import Run, by_layer
from compute.runs.halves import STORED, read
from compute.runs.run import Vectors

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel

    from compute.capture.calls import Call
    from compute.models.model import Model

VERSION = 1
TOLERANCE = 1e-3


def key(run_key: str) -> str:
    """Return the name of a run's vectors before rotation in the store."""
    return store.key("unrotated", VERSION, run_key)


def head(run: Run, layer: int, head: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Return queries and keys (n, head_dim) of a head before rotation, scaled as by `Run.head`.

    None if they were not extracted.
    """
    found = UNROTATED.get(key(run.key))
    if found is None:
        return None
    both = (by_layer.of(array, run.held, run.model.layers) for array in found)
    return run.scaled(*both, layer, head)


def ensure(run_key: str, progress: Progress = unseen) -> None:
    """Extract a run's vectors before rotation, unless that was done before.

    Progress is in tokens.

    Raises
    ------
    HeadscopeError
        If the model does not rotate queries and keys, or not in a way that can be watched.
    """
    if not UNROTATED.has(key(run_key)):
        from compute.finding import catalog
        from compute.models import loading

        run = runs.load(run_key)
        extract(loading.load(catalog.find(run.model.spec)), run, progress)


def extract(model: "Model", run: Run, progress: Progress) -> None:
    """Compute and store the vectors of a run before rotation; see `ensure`."""
    from compute.capture import passes
    from compute.runs import ablated_runs, kept, vectors

    tokens, done, rotated = run.tokens, 0, set()
    ablate = ablated_runs.again(model, run.model)
    with UNROTATED.writing(key(run.key)) as draft, _watched(model.net) as latest:
        kind = STORED[run.model.dtype]
        places = {layer: at for at, layer in enumerate(run.stored)}
        shapes = {name: (len(places), *getattr(run, name).shape[1:]) for name in ("q", "k")}
        arrays = tuple(draft.create(name, shape, kind) for name, shape in shapes.items())
        for batch in vectors.batches(np.diff(tokens.starts), model.info.pads):
            ids, mask = vectors.padded(model, tokens, batch)
            starts = tokens.starts[batch]
            lengths = tokens.starts[batch + 1] - starts

            def on_call(call: "Call", starts=starts, lengths=lengths) -> None:
                if latest:
                    rotated.add(call.layer)
                before = _before(call, latest, model.info.name)
                if (at := places.get(call.layer)) is None:
                    return
                for array, found in zip(arrays, before, strict=True):
                    kept.place(array, at, found, starts, lengths)

            inputs = {"input_ids": ids}
            if len(set(lengths)) > 1:  # as `vectors` does: a mask of a long passage is large
                inputs["attention_mask"] = mask
            passes.run(model.net.base_model, inputs, on_call=on_call, ablate=ablate)
            done += int(lengths.sum())
            progress(done, len(tokens))
        if not rotated:
            raise _not_rotary(model.info.name)
        UNROTATED.dump(draft, arrays)


def _dump(draft: store.Draft, vectors: tuple[Vectors, Vectors]) -> None:
    for name, array in zip(("q", "k"), vectors, strict=True):
        draft.save(name, array)


def _build(entry: store.Entry) -> tuple[Vectors, Vectors]:
    return read(entry.on_disk("q")), read(entry.on_disk("k"))


UNROTATED = store.Stored("unrotated", _dump, _build)


@contextlib.contextmanager
def _watched(net: "PreTrainedModel") -> Iterator[list["Tensor"]]:
    """Let the rotation function leave what it was given in a list: queries, keys, tables; or none.

    Which of it is what the lengths of vectors tell; see `_whole`.
    """
    originals = rotations(net)
    latest: list[Tensor] = []

    def watching(original: Callable) -> Callable:
        def rotate(*args: object, **options: object) -> object:
            latest.extend(args[:2])
            return original(*args, **options)

        return rotate

    try:
        for module, original in originals.items():
            setattr(module, ROTATION, watching(original))
        yield latest
    finally:
        for module, original in originals.items():
            setattr(module, ROTATION, original)


def _before(call: "Call", latest: list["Tensor"], name: str) -> tuple["Tensor", "Tensor"]:
    """Return a layer's queries and keys before rotation; as they are where it has none."""
    if not latest:
        return call.query, call.key
    given, latest[:] = tuple(latest), []
    return tuple(_whole(given, after, name) for after in (call.query, call.key))


def _whole(given: tuple["Tensor", ...], after: "Tensor", name: str) -> "Tensor":
    """Return what was rotated to some vectors (B, H, T, D), with the coordinates that never are.

    Families rotate queries and keys together or one by one, with heads before places or after them;
    a rotation keeps lengths, which tells which is which, and that a rotation is all there was.
    """
    import torch

    for each in given:
        for before in (each, each.transpose(1, 2)) if each.ndim == 4 else ():
            if before.shape[:-1] == after.shape[:-1] and _is_rotated(before, after):
                return torch.cat([before, after[..., before.shape[-1] :]], dim=-1)
    raise HeadscopeError(
        f"{name} rotates its queries and keys in a way that Headscope can't undo. Use the maps "
        "after rotation, which are those of attention."
    )


def _is_rotated(before: "Tensor", after: "Tensor") -> bool:
    import torch

    width = before.shape[-1]
    lengths = [torch.linalg.vector_norm(v[..., :width].float(), dim=-1) for v in (before, after)]
    # Some families (YaRN) also stretch what they rotate, all of it alike.
    stretch = (lengths[1] / lengths[0].clamp(min=1e-12)).median()
    near = max(TOLERANCE, 4 * torch.finfo(after.dtype).eps)
    return torch.allclose(lengths[0] * stretch, lengths[1], rtol=near, atol=near)


def _not_rotary(name: str) -> HeadscopeError:
    return HeadscopeError(
        f"{name} does not rotate its queries and keys by position, so there is nothing before "
        "rotation to show."
    )
