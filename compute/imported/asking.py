"""What a person says of vectors, and whether the shapes of the arrays fit it and each other."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from compute import limits
from compute.errors import HeadscopeError
from compute.finding import imported
from compute.imported.arrays import Given, told
from compute.models.model import ModelInfo
from compute.texts.tokens import Tokens

ORDERS = {"lhnd": (0, 1, 2, 3), "lnhd": (0, 2, 1, 3)}
"""Layers, heads, tokens, dimensions; or tokens before heads, as many caches have them."""
NAMES = ("q", "k", "v", "v_norm", "attention")
LONGEST = 1024
"""Tokens of a passage, as in every text."""


@dataclass(frozen=True)
class Asked:
    """What a person says of vectors.

    Attributes
    ----------
    name, title : str
        Of the import, and of its text.
    files : dict of str to Path
        Where the arrays `NAMES` are; ``q`` and ``k`` at least.
    tokens : Path
        See `words`.
    causal : bool
        Whether a token sees only itself and what is before it.
    scale : tuple of float
        logit = scale · q·k: one number, or one a layer; empty for 1/√d.
    window : tuple of int
        Causal: how many keys a query sees, its own included; 0 for all. One, or one a layer.
    softcap : float or None
    special : tuple of str
    order : str
        Key of `ORDERS`, of q, k, v and v_norm.
    anyway : bool
        Keep it though given attention differs.
    """

    name: str
    title: str
    files: dict[str, Path]
    tokens: Path
    causal: bool
    scale: tuple[float, ...] = ()
    window: tuple[int, ...] = ()
    softcap: float | None = None
    special: tuple[str, ...] = ()
    order: str = "lhnd"
    anyway: bool = False


def shape_of(found: Given, asked: Asked) -> tuple[int, ...]:
    """Return a shape in the order (layers, heads, n, …)."""
    dims = {"v_norm": 3}.get(found.name, 4)
    if len(found.shape) != dims:
        wanted = "(layers, heads, tokens, dimensions)"
        if found.name in ("v_norm", "attention"):
            wanted = "(layers, heads, tokens)" if dims == 3 else "(layers, heads, tokens, tokens)"
        raise HeadscopeError(
            f"{found.name} has the shape {told(found.shape)}, and must be {wanted}. Add the axis "
            "that is missing, or take one out."
        )
    if found.name == "attention":
        return found.shape
    return tuple(found.shape[axis] for axis in ORDERS[asked.order][:dims])


def info_of(asked: Asked, shapes: dict[str, tuple[int, ...]], tokens: Tokens) -> ModelInfo:
    """Return what is known of the model, once all shapes fit."""
    layers, heads, n, d = shapes["q"]
    kv_heads = shapes["k"][1]
    both = (
        f"q has {told(shapes['q'])} and k {told(shapes['k'])} (layers, heads, tokens, dimensions)"
    )
    if n != shapes["k"][2]:
        raise HeadscopeError(
            f"{both}: {n} queries and {shapes['k'][2]} keys. Attention from one text to another "
            "can't be imported yet; give both of the same tokens." + _hint(asked)
        )
    if (layers, d) != (shapes["k"][0], shapes["k"][3]) or heads % kv_heads:
        raise HeadscopeError(
            f"{both}. Layers and dimensions must be the same, and the heads of k divide those of "
            "q." + _hint(asked)
        )
    if max(layers, heads) > limits.LAYER.high:
        raise HeadscopeError(f"{both}: more layers or heads than Headscope can show.")
    if n != len(tokens):
        raise HeadscopeError(
            f"q has {n:,} tokens, its shape being {told(shapes['q'])}, and {asked.tokens} has "
            f"{len(tokens):,}. Give a token for each." + _hint(asked)
        )
    values = {"v": (layers, kv_heads, n), "v_norm": (layers, kv_heads, n)}
    for name, wanted in (values | {"attention": (layers, heads, n, n)}).items():
        got = shapes.get(name, wanted)[: len(wanted)]
        if got != wanted:
            raise HeadscopeError(
                f"{name} has {told(shapes[name])} and must begin with {told(wanted)}, as {both}."
            )
    if (longest := int(np.diff(tokens.starts).max())) > LONGEST:
        raise HeadscopeError(
            f"A passage has {longest:,} tokens, and at most {LONGEST:,} can be shown. End passages "
            "with an empty line where one forward pass ended, or import shorter ones."
        )
    _check_settings(asked, layers)
    return ModelInfo(
        spec=f"{imported.PREFIX}{asked.name}",
        name=asked.name,
        identity="",
        note="Vectors that were imported from other code, without a model: what needs weights is "
        "not there.",
        task=imported.TASK,
        family="imported",
        layers=layers,
        heads=heads,
        kv_heads=kv_heads,
        head_dim=d,
        causal=asked.causal,
        positions=None,
        mask_id=None,
        weights=False,
    )


def _hint(asked: Asked) -> str:
    other = next(order for order in ORDERS if order != asked.order)
    return f" If the axes stand in the other order, say --order {other}."


def _check_settings(asked: Asked, layers: int) -> None:
    for name, values in (("scale", asked.scale), ("window", asked.window)):
        if len(values) not in (0, 1, layers):
            raise HeadscopeError(
                f"--{name} has {len(values)} numbers, and q {layers} layers. Give one, or one for "
                "each layer, with commas."
            )
    with np.errstate(over="ignore"):  # numbers are computed with as float32 has them
        scale, softcap = np.float32(asked.scale), np.float32(asked.softcap or 0)
    if not np.isfinite(scale).all() or any(each < 0 for each in asked.window):
        raise HeadscopeError(
            "--scale must be finite numbers that float32 has, --window 0 (none) or more."
        )
    if any(asked.window) and not asked.causal:
        raise HeadscopeError(
            "A window counts the keys up to a query's own, so it needs --causal. Windows to both "
            "sides can't be imported yet."
        )
    if asked.softcap is not None and not (np.isfinite(softcap) and softcap > 0):
        raise HeadscopeError(
            "--softcap must be a number above 0 that float32 has: logit = c · tanh(logit / c)."
        )
