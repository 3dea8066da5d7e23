"""A model's own attention and output, as transformers' eager code gives them: nothing of ours."""

from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
from transformers import PreTrainedModel

from reaching.families import Case, model_class
from reaching.shrink import PAD

SUM = 1e-4
"""So far a row of attention may be from 1 before it is called no attention."""
SAME = 1e-4
"""So far a passage's attention may be from that of the passage alone, without padding."""


@dataclass(frozen=True)
class Own:
    """What a model says of itself over passages that were padded to one length.

    Attributes
    ----------
    attention : list of lists of float32 (heads, m, m)
        By passage, then by layer, without the padding.
    kind : str
        ``attention``, ``scores`` (before the softmax, which was taken here), or ``none``.
    alone : bool
        Whether these are the passages read one by one, because the family reads its padding.
    """

    attention: list[list[np.ndarray]]
    kind: str
    alone: bool = False


def own(net: PreTrainedModel, passages: list[np.ndarray]) -> Own:
    """Ask a net for its own attention: of a padded batch, if padding changes nothing.

    Parameters
    ----------
    net : PreTrainedModel
        Loaded to compute by the eager code.
    passages : list of int (m,)
        Ids, with all special tokens.
    """
    together = told(net, passages)
    try:
        each = [told(net, [passage]) for passage in passages]
    except RuntimeError:  # too short for the family
        return together
    alone = Own([one.attention[0] for one in each], together.kind, alone=True)
    return together if alike(together.attention, alone.attention) else alone


def alike(some: list[list[np.ndarray]], other: list[list[np.ndarray]]) -> bool:
    """Tell whether attention is the same up to `SAME`."""
    pairs = zip(chain(*some), chain(*other), strict=True)
    return all(a.shape == b.shape and np.abs(a - b).max() <= SAME for a, b in pairs)


def told(net: PreTrainedModel, passages: list[np.ndarray]) -> Own:
    """Return what a net tells of its attention over one padded batch."""
    with torch.inference_mode():
        output = net(**padded(passages), output_attentions=True)
    lengths = [len(ids) for ids in passages]
    kind, layers = judged(attentions(output, max(lengths), bands(net)), lengths)
    return Own([[layer[row, :, :m, :m] for layer in layers] for row, m in enumerate(lengths)], kind)


def fused(net: PreTrainedModel, passages: list[np.ndarray]) -> Own:
    """Return the attention that torch computes in one step, from what the net gives it.

    For families whose eager code computes something else than their default does (Falcon with
    ALiBi adds it twice there).
    """
    seen: list[np.ndarray] = []
    real = torch.nn.functional.scaled_dot_product_attention

    def watched(
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attn_mask: torch.Tensor | None = None,
        is_causal: bool = False,
        scale: float | None = None,
        **more: Any,
    ) -> torch.Tensor:
        logits = query @ key.transpose(-1, -2) * (scale or query.shape[-1] ** -0.5)
        mask = torch.ones(logits.shape[-2:], dtype=torch.bool).tril() if is_causal else attn_mask
        if mask is not None and mask.dtype == torch.bool:
            logits = logits.masked_fill(~mask, -torch.inf)
        elif mask is not None:
            logits = logits + mask
        seen.append(torch.softmax(logits.float(), -1).numpy())
        return real(query, key, value, attn_mask, is_causal=is_causal, scale=scale, **more)

    with mock.patch.object(torch.nn.functional, real.__name__, watched), torch.inference_mode():
        net(**padded(passages))
    lengths = [len(ids) for ids in passages]
    cut = [[layer[row, :, :m, :m] for layer in seen] for row, m in enumerate(lengths)]
    return Own(cut, "attention" if seen else "none")


def output(net: PreTrainedModel, passages: list[np.ndarray]) -> list[np.ndarray]:
    """Return by passage logits or last hidden states, float32 (m, n)."""
    with torch.inference_mode():
        found = first(net(**padded(passages)))
    return [found[row, : len(ids)].float().numpy() for row, ids in enumerate(passages)]


def load(folder: Path, case: Case, implementation: str | None) -> PreTrainedModel:
    """Load a model in float32 with an implementation of attention; None for the default one."""
    return load_as(model_class(case), folder, implementation)


def load_as(
    kind: type[PreTrainedModel], folder: Path, implementation: str | None = None
) -> PreTrainedModel:
    """Load a model as one of transformers' classes; see `load`."""
    way = {} if implementation is None else {"attn_implementation": implementation}
    found = kind.from_pretrained(folder, dtype=torch.float32, **way).eval()
    found.config.use_cache = False
    return found


def padded(passages: list[np.ndarray]) -> dict[str, torch.Tensor]:
    """Return the inputs of one batch, padded on the right."""
    longest = max(map(len, passages))
    ids = torch.full((len(passages), longest), PAD)
    mask = torch.zeros_like(ids)
    for row, passage in enumerate(passages):
        ids[row, : len(passage)] = torch.from_numpy(np.asarray(passage, dtype=np.int64))
        mask[row, : len(passage)] = 1
    return {"input_ids": ids, "attention_mask": mask}


def attentions(output: Any, longest: int, widths: set[int]) -> list[np.ndarray]:
    """Return what a model calls its attentions, by layer; those of other shapes are left out.

    Parameters
    ----------
    longest : int
        Tokens of the longest passage.
    widths : set of int
        From `bands`.
    """
    layers = [one for one in output.get("attentions") or () if isinstance(one, torch.Tensor)]
    whole = [unrolled(one.float().numpy(), longest, widths) for one in layers]
    return [one for one in whole if one.ndim == 4 and one.shape[2:] == (longest, longest)]


def bands(net: PreTrainedModel) -> set[int]:
    """Return how many columns attention has that a family tells as a band along the diagonal."""
    windows = getattr(net.config, "attention_window", ())
    return {window + 1 for window in ([windows] if isinstance(windows, int) else windows)}


def unrolled(layer: np.ndarray, keys: int, widths: set[int]) -> np.ndarray:
    """Return attention (..., t, keys) of a band whose middle column is each query's own key.

    What is no band stays as it is.
    """
    width = layer.shape[-1]
    if width not in widths or layer.ndim != 4:
        return layer
    queries = np.arange(layer.shape[2])
    out = np.zeros((*layer.shape[:3], keys), layer.dtype)
    for column in range(width):
        key = queries + column - width // 2
        inside = (key >= 0) & (key < keys)
        out[:, :, queries[inside], key[inside]] = layer[:, :, inside, column]
    return out


def first(output: Any) -> torch.Tensor:
    """Return logits, or the last hidden states of a model without a head."""
    return output["logits"] if "logits" in output else output["last_hidden_state"]


def judged(
    layers: list[np.ndarray], lengths: list[int], keys: list[int] | None = None
) -> tuple[str, list[np.ndarray]]:
    """Return what the layers hold, and attention: scores are put through the softmax.

    Parameters
    ----------
    layers : list of float32 (passages, heads, t, s)
    lengths, keys : list of int
        Of the passages: how many rows and columns are no padding. As many columns as rows, if
        not said.
    """
    if not layers:
        return "none", []
    if all(_is_attention(layer, lengths, keys or lengths) for layer in layers):
        return "attention", layers
    soft = [torch.softmax(torch.from_numpy(layer), -1).numpy() for layer in layers]
    return "scores", soft


def _is_attention(layer: np.ndarray, rows: list[int], columns: list[int]) -> bool:
    """Tell whether rows sum to 1, or to less where a sink takes some."""
    sizes = zip(rows, columns, strict=True)
    parts = [layer[at, :, :t, :s] for at, (t, s) in enumerate(sizes)]
    return all(bool((part >= 0).all() and (part.sum(-1) <= 1 + SUM).all()) for part in parts)
