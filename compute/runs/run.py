"""A text as one model sees it: its tokens and the query and key vectors of all heads, on disk.

This is what the web process, the maps and the scores read. Nothing here needs torch.
"""

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from compute import store
from compute.capture.bias import Bias
from compute.capture.sight import Sight
from compute.errors import HeadscopeError
from compute.machine import bounds, chosen_layers
from compute.models.model import ModelInfo
from compute.pictures.grid import Grid
from compute.runs import by_layer, halves
from compute.texts.tokens import Tokens

if TYPE_CHECKING:
    from compute.finding.catalog import Source
    from compute.pictures import Pictures
    from compute.texts import Text

VERSION = 4  # of tokenising and extraction: a change makes every stored run anew
_GONE = "The vectors of this text are no longer in the cache. Reload the page."
_OF_TOKENS = ("ids", "passage", "position", "special")
_SOURCE = "source_"
Vectors = np.ndarray | store.OnDisk | halves.Halves | by_layer.ByLayer


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
    tokens : Tokens
        Those whose queries these are, n.
    q : float32 (layers, heads, n, head_dim), on disk
        Queries after all position encoding. Where the model computes in half precision, they are
        kept so, and given as float32, which is exact.
    k : float32 (layers, kv_heads, s, head_dim), on disk
        Keys after all position encoding, of the tokens `keys`; s = n but in cross-attention.
    v_norm : float32 (layers, kv_heads, s), on disk, or None
        Length of each value vector; not always imported.
    scaling : tuple of float
        Per layer: logit = scaling * q·k.
    softcap : float or None
        Gemma 2: logit = softcap * tanh(logit / softcap).
    sights : tuple of Sight
        Which key a query may see; see `sight`.
    pattern : tuple of int
        Per layer: which of `sights` it has.
    sinks : float32 (layers, heads) or None
        gpt-oss: one extra logit per head that takes attention and gives no value.
    biases : tuple of Bias
        T5, ALiBi: what is added to the logits by place; see `bias`.
    biased : tuple of int
        Per layer: which of `biases` it has, or -1.
    added : float32 (layers, heads, pairs), on disk, or None
        DeBERTa, XLNet: added to the logits of each pair of each passage; see `added_to`.
    source : Tokens or None
        Cross-attention: the tokens whose keys these are, passage by passage as `tokens`.
    held : tuple of int or None
        The layers that are stored, if not all are: arrays on disk have no others.
    pieces : tuple of str
        Of a run that is several of other layers each: their keys.
    pace : float or None
        Seconds that a layer took when the text was read, where that is known.
    grid : Grid or None
        Of pictures: what the tokens of each are. A passage is a picture.
    pictures : uint8 (pictures, height, width, 3), on disk, or None
        As the model sees them, resized and cut.
    labels : tuple of str
        What each picture is called.
    pictures_digest : str
        Of the set of pictures: of their files and labels.
    """

    key: str
    model: ModelInfo
    title: str
    notes: tuple[str, ...]
    tokens: Tokens
    q: Vectors
    k: Vectors
    v_norm: Vectors | None
    scaling: tuple[float, ...]
    softcap: float | None
    sights: tuple[Sight, ...]
    pattern: tuple[int, ...]
    sinks: np.ndarray | None = None
    biases: tuple[Bias, ...] = ()
    biased: tuple[int, ...] = ()
    added: Vectors | None = None
    source: Tokens | None = None
    held: tuple[int, ...] | None = None
    pieces: tuple[str, ...] = ()
    pace: float | None = None
    grid: Grid | None = None
    pictures: np.ndarray | store.OnDisk | None = None
    labels: tuple[str, ...] = ()
    pictures_digest: str = ""

    @property
    def stored(self) -> tuple[int, ...]:
        """The layers that are stored."""
        return tuple(range(self.model.layers)) if self.held is None else self.held

    @property
    def keys(self) -> Tokens:
        """The tokens whose keys these are: `tokens` themselves but in cross-attention."""
        return self.tokens if self.source is None else self.source

    @property
    def square(self) -> bool:
        """Whether queries and keys are of the same tokens."""
        return self.source is None

    def vectors(
        self, layer: int, head: int, passage: int | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return queries and keys of a head, of a passage or of all, as the model has them.

        The logit is the layer's scaling times q·k.
        """
        self.check(layer, head)
        group = self.model.heads // self.model.kv_heads
        rows, columns = slice(None), slice(None)
        if passage is not None:
            rows, columns = self.span(passage), self.key_span(passage)
        return self.q[layer, head, rows], self.k[layer, head // group, columns]

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
        """Raise `HeadscopeError` if the model has no such head, or its layer is not stored."""
        self.model.check(layer, head)
        if self.held is not None and layer not in self.held:
            raise HeadscopeError(
                f"Layer {layer} of {self.model.name} is not stored for this text, only "
                f"{chosen_layers.words(self.held)}. On the page, have it computed under “Other "
                "layers”; elsewhere name it among --layers."
            )

    def check_all(self) -> None:
        """Raise `HeadscopeError` if not all layers are stored, for what looks at all of them."""
        if self.held is not None:
            raise HeadscopeError(
                "This looks at all layers, and of this text only "
                f"{chosen_layers.words(self.held)} are stored. Start without --layers for it."
            )

    def sight(self, layer: int) -> Sight:
        """Return which keys the queries of a layer may see, for the longest passage."""
        return self.sights[self.pattern[layer]]

    def bias(self, layer: int) -> Bias | None:
        """Return what a layer adds to its logits by place, for the longest passage."""
        number = self.biased[layer] if self.biased else -1
        return self.biases[number] if number >= 0 else None

    def added_to(self, layer: int, head: int | slice, passage: int) -> np.ndarray:
        """Return what a layer adds to the logits of a passage, float32 (…, m, m); see `added`."""
        pairs = pair_starts(self.tokens.starts, self.keys.starts)
        some = slice(int(pairs[passage]), int(pairs[passage + 1]))
        cells = self.added[layer][head, some]
        spans = self.span(passage), self.key_span(passage)
        return cells.reshape(*cells.shape[:-1], *(span.stop - span.start for span in spans))

    def span(self, passage: int) -> slice:
        """Return where the tokens of a passage are whose queries these are."""
        return self.tokens.span(passage)

    def key_span(self, passage: int) -> slice:
        """Return where the tokens of a passage are whose keys these are."""
        return self.keys.span(passage)


def pair_starts(starts: np.ndarray, key_starts: np.ndarray) -> np.ndarray:
    """Return where the pairs of each passage begin in `Run.added`, int64 (passages + 1,)."""
    sizes = np.diff(starts).astype(np.int64) * np.diff(key_starts)
    return np.concatenate([[0], np.cumsum(sizes)])


def key_of(source: "Source", text: "Text | Pictures", part: str = "", layers: str = "") -> str:
    """Return the name in the store of the vectors of a text or pictures in a model or a part of it.

    Parameters
    ----------
    layers : str
        Which are stored, as `chosen_layers` says them; all where it is empty.
    """
    longest = bounds.longest()
    more = [part] if part else []
    more += [] if longest == bounds.LONGEST else [longest]  # names of before stay
    more += [f"layers {layers}"] if layers else []
    names = source.spec, source.identity, source.note, text.title, text.digest
    return store.key("run", VERSION, *names, *more)


def note_of(held: tuple[int, ...], layers: int) -> str:
    """Return a run's sentence on which of its layers are stored."""
    return (
        f"Of its layers 0-{layers - 1} these are stored: {chosen_layers.words(held)}. Another is "
        "computed when it is opened."
    )


def joined(key: str, pieces: list[Run]) -> Run:
    """Return the same text in the same model, of which each piece has other layers, as one run."""
    last = max(pieces, key=lambda piece: max(piece.stored))  # whose pass knows all their rules
    held = sorted({layer for piece in pieces for layer in piece.stored})
    arrays = {
        name: by_layer.joined([(getattr(p, name), p.stored) for p in pieces], last.model.layers)
        for name in ("q", "k", "v_norm", "added")
    }
    names = tuple(piece.key for piece in pieces)
    paces = [piece.pace for piece in pieces if piece.pace]
    layers, pace = last.model.layers, paces[0] if paces else None
    notes = [note for note in last.notes if note != note_of(last.stored, layers)]
    notes.append(note_of(tuple(held), layers))
    more = {"held": tuple(held), "pieces": names, "pace": pace, "notes": tuple(notes)}
    return replace(last, key=key, **more, **arrays)


def load(key: str) -> Run:
    """Return a run of the store; `HeadscopeError` if it isn't there any more."""
    run = RUNS.get(key)
    if run is None:
        raise HeadscopeError(_GONE)
    return run


def _dump(draft: store.Draft, run: Run) -> None:
    if run.pieces:
        draft.values["pieces"] = list(run.pieces)
        return
    for side, tokens in _sides(run).items():
        for name in _OF_TOKENS:
            draft.save(f"{side}{name}", getattr(tokens, name))
    for name in ("q", "k", "v_norm", "sinks", "added", "pictures"):
        if getattr(run, name) is not None:
            draft.save(name, getattr(run, name))
    for number, sight in enumerate(run.sights):
        draft.save(f"sight_{number}", np.stack([sight.first, sight.last]))
        if sight.table is not None:
            draft.save(f"table_{number}", sight.table)
    for number, bias in enumerate(run.biases):
        draft.save(f"bias_{number}", bias.values)
    draft.values |= {
        "model": asdict(run.model),
        "title": run.title,
        "notes": list(run.notes),
        **{f"{side}strings": list(tokens.strings) for side, tokens in _sides(run).items()},
        "scaling": [float(s) for s in run.scaling],
        "softcap": run.softcap,
        "pattern": [int(p) for p in run.pattern],
        "biased": [int(b) for b in run.biased],
        "biases": [bias.queries for bias in run.biases],
        "pace": run.pace,
    } | ({} if run.held is None else {"held": list(run.held)})
    if run.grid is not None:
        draft.values |= {"grid": asdict(run.grid), "labels": list(run.labels)}
        draft.values["pictures_digest"] = run.pictures_digest


def _build(entry: store.Entry) -> Run | None:
    values = entry.values
    if "pieces" in values:
        pieces = [RUNS.get(name) for name in values["pieces"]]
        return None if None in pieces else joined(entry.folder.name, pieces)
    held = tuple(values["held"]) if "held" in values else None
    read = dict.fromkeys(("added", "v_norm", "pictures"), entry.on_disk) | {"sinks": entry.array}
    optional = {name: read[name](name) for name in read.keys() & entry.names()}
    if grid := values.get("grid"):
        named = tuple(grid["before"])
        optional |= {"grid": Grid(grid["rows"], grid["columns"], named)}
        optional |= {"labels": tuple(values["labels"])}
        optional |= {"pictures_digest": values.get("pictures_digest", "")}
    biases = (Bias(entry.array(f"bias_{i}"), count) for i, count in enumerate(values["biases"]))
    optional |= {"source": _tokens(entry, _SOURCE)} if f"{_SOURCE}ids" in entry.names() else {}
    arrays = {name: halves.read(entry.on_disk(name)) for name in ("q", "k")}
    arrays |= {name: optional.pop(name, None) for name in ("v_norm", "added")}
    model = _model(values["model"])
    arrays = {name: by_layer.of(each, held, model.layers) for name, each in arrays.items()}
    return Run(
        key=entry.folder.name,
        model=model,
        title=values["title"],
        notes=tuple(values["notes"]),
        tokens=_tokens(entry),
        scaling=tuple(values["scaling"]),
        softcap=values["softcap"],
        sights=tuple(_sight(entry, number) for number in range(max(values["pattern"]) + 1)),
        pattern=tuple(values["pattern"]),
        biases=tuple(biases),
        biased=tuple(values["biased"]),
        held=held,
        pace=values.get("pace"),
        **arrays,
        **optional,
    )


def _sides(run: Run) -> dict[str, Tokens]:
    """Return the tokens of a run by what stands before the names of their arrays in the store."""
    return {"": run.tokens} | ({} if run.square else {_SOURCE: run.keys})


def _tokens(entry: store.Entry, side: str = "") -> Tokens:
    arrays = (entry.array(f"{side}{name}") for name in _OF_TOKENS)
    return Tokens(tuple(entry.values[f"{side}strings"]), *arrays)


def _model(kept: dict) -> ModelInfo:
    # Imports that were kept before there was `weights` can't be made anew by a `VERSION`.
    return ModelInfo(**({"weights": kept["task"] != "imported"} | kept))


def _sight(entry: store.Entry, number: int) -> Sight:
    table = f"table_{number}"
    gaps = entry.array(table) if table in entry.names() else None
    return Sight(*entry.array(f"sight_{number}"), gaps)


RUNS = store.Stored("runs", _dump, _build, recent=8, of=lambda run: run.pieces)
