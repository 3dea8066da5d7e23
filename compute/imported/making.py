"""From arrays and tokens to a run: shapes are checked first, then a layer at a time is copied."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from compute import runs, store
from compute.capture import sight
from compute.capture.sight import Sight
from compute.errors import HeadscopeError
from compute.finding import imported
from compute.finding.imported import Imported
from compute.imported import arrays, comparing, words
from compute.imported.arrays import Given
from compute.imported.asking import Asked, info_of, shape_of
from compute.model_files import digests
from compute.models.model import ModelInfo
from compute.progress import Progress, unseen
from compute.runs import Run
from compute.runs.halves import STORED, widened
from compute.texts.tokens import Tokens

VERSION = 2


@dataclass(frozen=True)
class Made:
    """What was kept, and the largest difference from given attention, or None without."""

    one: Imported
    run: Run
    apart: float | None


def make(asked: Asked, progress: Progress = unseen) -> Made:
    """Keep vectors as a run.

    Parameters
    ----------
    progress : Progress, in layers

    Raises
    ------
    HeadscopeError
        For files, shapes, numbers and settings that don't fit, a name that is taken, given
        attention that is another, and a disk without room. Nothing is kept then.
    """
    imported.checked(asked.name)
    tokens = words.read(asked.tokens, asked.special)
    with contextlib.ExitStack() as opened:
        found = {name: opened.enter_context(_open(name, asked)) for name in asked.files}
        info = info_of(asked, {name: shape_of(each, asked) for name, each in found.items()}, tokens)
        one = _one(asked, tokens)
        kept = _stored(one)
        if kept is None or "attention" in found:
            return _write(asked, one, info, tokens, found, progress)
    return Made(one, kept, None)


def forget(name: str) -> None:
    """Delete an import with its vectors, or a damaged one by its key.

    Raises
    ------
    HeadscopeError
        If there is none of this name.
    """
    runs.RUNS.drop(imported.forget(name))


@contextlib.contextmanager
def _open(name: str, asked: Asked) -> Iterator[Given]:
    found = arrays.given(name, asked.files[name])
    try:
        yield found
    finally:
        found.release()


def _one(asked: Asked, tokens: Tokens) -> Imported:
    """Return the record: equal vectors, tokens and rules have equal identities."""
    try:
        own = {name: digests.sha256(f) for name, f in asked.files.items() if name != "attention"}
    except OSError as error:
        raise HeadscopeError(f"The files can't be read: {error.strerror}.") from error
    numbers = (tokens.ids, tokens.passage, tokens.special)  # two tokens may be shown alike
    told_of = [list(tokens.strings), *(a.tolist() for a in numbers)]
    rules = asked.causal, asked.scale, asked.window, asked.softcap, asked.order
    identity = store.key("imported", VERSION, sorted(own.items()), told_of, rules)
    title = asked.title.encode(errors="replace").decode()  # a file's name may be no text
    key = store.key("import", VERSION, runs.VERSION, asked.name, title, identity)
    return Imported(key, asked.name, title, identity)


def _stored(one: Imported) -> Run | None:
    """Return the run of an import that is there already."""
    return runs.RUNS.get(one.key) if imported.before(one) == one else None


def _write(
    asked: Asked,
    one: Imported,
    info: ModelInfo,
    tokens: Tokens,
    found: dict[str, Given],
    progress: Progress,
) -> Made:
    need = _need(info, tokens, found)
    if need > store.usage().limit:
        raise HeadscopeError(
            f"The vectors take {store.size_told(need)}, more than the whole cache may "
            f"({store.size_told(store.usage().limit)}). Import fewer tokens or layers."
        )
    store.check_room(need)
    old, apart = runs.RUNS.has(one.key), None
    with runs.RUNS.writing(one.key) as draft:
        q, longest_q = _kept(draft, found["q"], asked, progress)
        k, longest_k = _kept(draft, found["k"], asked, unseen)
        run = Run(
            one.key, replace(info, identity=one.identity), one.title, _notes(found), tokens, q, k,
            v_norm=_norms(draft, found, asked, info, len(tokens)),
            **_rules(asked, info, tokens),
        )  # fmt: skip
        _check_logits(np.maximum(longest_q, longest_k), run.scaling)
        if "attention" in found:
            apart = comparing.apart(run, found)
            comparing.judge(apart, found, asked)
        for each in found.values():
            each.close()
        runs.RUNS.dump(draft, run)
    try:
        replaced = imported.keep(one)
    except HeadscopeError:
        if not old:
            runs.RUNS.drop(one.key)
        raise
    if replaced:
        runs.RUNS.drop(replaced.key)
    return Made(one, runs.load(one.key), apart)


def _need(info: ModelInfo, tokens: Tokens, found: dict[str, Given]) -> int:
    sizes = {name: 2 if found[name].kind.itemsize == 2 else 4 for name in ("q", "k")}
    each = sizes["q"] * info.heads + sizes["k"] * info.kv_heads
    return info.layers * len(tokens) * (each * info.head_dim + 4 * info.kv_heads)


def _notes(found: dict[str, Given]) -> tuple[str, ...]:
    kinds = sorted({found[name].precision for name in ("q", "k")})
    said = f"Imported in {' and '.join(kinds)}."
    if kinds != ["float32"]:
        kept = " kept as float32," if "float64" in kinds else ""
        said = f"Imported in {' and '.join(kinds)};{kept} attention is computed in float32."
    if not found.keys() & {"v", "v_norm"}:
        said += " Lengths of value vectors were not imported."
    return (said,)


def _kept(
    draft: store.Draft, found: Given, asked: Asked, progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    """Copy an array layer by layer, in the order and precision in which it is kept.

    Returns
    -------
    array, float64 (layers,)
        The length of each layer's longest vector.
    """
    precision = "float32" if found.precision == "float64" else found.precision
    layers, *rest = shape_of(found, asked)
    array, longest = draft.create(found.name, (layers, *rest), STORED[precision]), np.zeros(layers)
    for layer in range(layers):
        progress(layer, layers)
        array[layer] = values = _layer(found, asked, layer)
        longest[layer] = _lengths(_float(values, found)).max()
    return array, longest


def _layer(found: Given, asked: Asked, layer: int) -> np.ndarray:
    """Return the next layer (heads, n, …), its numbers as they are kept, all of them finite."""
    values = found.next(found.shape[1:])
    if asked.order == "lnhd" and found.name != "attention":
        values = values.swapaxes(0, 1)
    if found.precision == "float64":
        with np.errstate(over="ignore"):
            values = values.astype(np.float32)
    _check_finite(_float(values, found), found.name, layer)
    return values


def _check_finite(values: np.ndarray, name: str, layer: int) -> None:
    finite = np.isfinite(values)
    if not finite.all():
        head, token = np.argwhere(~finite)[0][:2]
        raise HeadscopeError(
            f"{name} holds a number that is not finite, or too large for float32: layer "
            f"{layer}, head {head}, token {token}. Look at the code that wrote it."
        )


def _float(values: np.ndarray, found: Given) -> np.ndarray:
    return widened(values, found.precision)


def _lengths(values: np.ndarray) -> np.ndarray:
    """Return lengths of vectors (heads, n, d), float64 (heads, n): their squares may be large."""
    return np.stack([np.linalg.norm(head.astype(np.float64), axis=-1) for head in values])


def _check_logits(longest: np.ndarray, scaling: tuple[float, ...]) -> None:
    """Refuse vectors of which q·k, scaled or not, or a squared length could be beyond float32."""
    for layer, (length, scale) in enumerate(zip(longest, scaling, strict=True)):
        if length**2 * max(1, abs(scale)) > np.finfo(np.float32).max:
            raise HeadscopeError(
                f"q or k of layer {layer} is so long that scale · q·k can be beyond float32. Look "
                "at the code that wrote them, and at --scale."
            )


def _norms(
    draft: store.Draft, found: dict[str, Given], asked: Asked, info: ModelInfo, n: int
) -> np.ndarray | None:
    """Return the lengths of value vectors, (layers, kv_heads, n); None if none were given."""
    given = found.get("v", found.get("v_norm"))
    if given is None:
        return None
    array = draft.create("v_norm", (info.layers, info.kv_heads, n))
    for layer in range(info.layers):
        values = _float(_layer(given, asked, layer), given)
        with np.errstate(over="ignore"):
            array[layer] = _lengths(values) if given.name == "v" else values
        _check_finite(array[layer], given.name, layer)
    if (array < 0).any():
        raise HeadscopeError("v_norm holds lengths below 0. Give the norms of the value vectors.")
    return array


def _rules(asked: Asked, info: ModelInfo, tokens: Tokens) -> dict:
    longest = int(np.diff(tokens.starts).max())
    scale = asked.scale or (1 / np.sqrt(info.head_dim),)
    windows = [min(window, longest) for window in asked.window or (0,)]
    windows *= 1 if len(windows) > 1 else info.layers
    kinds = sorted(set(windows))
    return {
        "scaling": tuple(float(s) for s in scale) * (1 if len(scale) > 1 else info.layers),
        "softcap": asked.softcap,
        "sights": tuple(_sight(asked.causal, window, longest) for window in kinds),
        "pattern": tuple(kinds.index(window) for window in windows),
    }


def _sight(causal: bool, window: int, longest: int) -> Sight:
    if not causal:
        return sight.full(longest, longest)
    last = np.arange(1, longest + 1, dtype=np.int32)
    first = np.maximum(last - window, 0) if window else np.zeros_like(last)
    return Sight(first.astype(np.int32), last)
