"""A text as one model sees it: its tokens and the query and key vectors of all heads, on disk.

This is what the web process, the maps and the scores read. Nothing here needs torch.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from compute import store
from compute.errors import HeadscopeError
from compute.models.model import ModelInfo
from compute.texts.tokens import Tokens

if TYPE_CHECKING:
    from compute.models.catalog import Source
    from compute.texts import Text

VERSION = 3  # of tokenising and extraction: a change makes every stored run anew
_GONE = "The vectors of this text are no longer in the cache. Reload the page."
Vectors = np.ndarray | store.OnDisk


@dataclass(frozen=True)
class Run:
    """The vectors of one text in one model.

    Attributes
    ----------
    key : str
        Name of the entry in the store.
    title : str
        The text's title.
    notes : tuple of str
        Sentences for the page, such as "3 passages were split".
    q : float32 (layers, heads, n, head_dim), on disk
        Queries after all position encoding.
    k : float32 (layers, kv_heads, n, head_dim), on disk
        Keys after all position encoding.
    v_norm : float32 (layers, kv_heads, n), on disk
        Length of each value vector.
    scaling : tuple of float
        Per layer: logit = scaling * q·k.
    softcap : float or None
        Gemma 2: logit = softcap * tanh(logit / softcap).
    allowed : bool (patterns, t, t)
        For passages up to the longest, t: which key a query may see. Shorter ones use the corner.
    pattern : tuple of int
        Per layer: its row of `allowed`.
    sinks : float32 (layers, heads) or None
        gpt-oss: one extra logit per head that takes attention and gives no value.
    bias : float32 (layers, heads, t, t), on disk, or None
        T5: added to the logits.
    """

    key: str
    model: ModelInfo
    title: str
    notes: tuple[str, ...]
    tokens: Tokens
    q: Vectors
    k: Vectors
    v_norm: Vectors
    scaling: tuple[float, ...]
    softcap: float | None
    allowed: np.ndarray
    pattern: tuple[int, ...]
    sinks: np.ndarray | None = None
    bias: Vectors | None = None

    def head(self, layer: int, head: int) -> tuple[np.ndarray, np.ndarray]:
        """Return queries and keys (n, head_dim) of a head, scaled so that q·k is the logit.

        The square root of the layer's scaling goes to each side.
        """
        return self.scaled(self.q, self.k, layer, head)

    def scaled(
        self, q: Vectors, k: Vectors, layer: int, head: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return a head's part of vectors shaped as `q` and `k` of the run; see `head`."""
        self.check(layer, head)
        root = np.float32(np.sqrt(abs(self.scaling[layer])))
        sign = np.float32(np.sign(self.scaling[layer]))
        group = self.model.heads // self.model.kv_heads
        return q[layer, head] * (root * sign), k[layer, head // group] * root

    def check(self, layer: int, head: int) -> None:
        """Raise `HeadscopeError` if the model has no such head."""
        self.model.check(layer, head)

    def span(self, passage: int) -> slice:
        """Return where the tokens of a passage are."""
        return slice(int(self.tokens.starts[passage]), int(self.tokens.starts[passage + 1]))


def key_of(source: "Source", text: "Text") -> str:
    """Return the name in the store of a text's vectors in a model."""
    return store.key(
        "run", VERSION, source.spec, source.identity, source.note, text.title, text.digest
    )


def load(key: str) -> Run:
    """Return a run of the store; `HeadscopeError` if it isn't there any more."""
    run = RUNS.get(key)
    if run is None:
        raise HeadscopeError(_GONE)
    return run


def _dump(draft: store.Draft, run: Run) -> None:
    for name in ("ids", "passage", "position", "special"):
        draft.save(name, getattr(run.tokens, name))
    for name in ("q", "k", "v_norm", "allowed", "sinks", "bias"):
        if getattr(run, name) is not None:
            draft.save(name, getattr(run, name))
    draft.values |= {
        "model": asdict(run.model),
        "title": run.title,
        "notes": list(run.notes),
        "strings": list(run.tokens.strings),
        "scaling": [float(s) for s in run.scaling],
        "softcap": run.softcap,
        "pattern": [int(p) for p in run.pattern],
    }


def _build(entry: store.Entry) -> Run:
    values = entry.values
    read = {"sinks": entry.array, "bias": entry.on_disk}
    optional = {name: read[name](name) for name in read.keys() & entry.names()}
    tokens = Tokens(
        tuple(values["strings"]),
        *(entry.array(n) for n in ("ids", "passage", "position", "special")),
    )
    return Run(
        key=entry.folder.name,
        model=ModelInfo(**values["model"]),
        title=values["title"],
        notes=tuple(values["notes"]),
        tokens=tokens,
        q=entry.on_disk("q"),
        k=entry.on_disk("k"),
        v_norm=entry.on_disk("v_norm"),
        scaling=tuple(values["scaling"]),
        softcap=values["softcap"],
        allowed=entry.array("allowed"),
        pattern=tuple(values["pattern"]),
        **optional,
    )


RUNS = store.Stored("runs", _dump, _build, recent=8)
