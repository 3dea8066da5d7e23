"""``python -m compute import …``: queries and keys of any other code, opened as a run."""

import json
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from compute import store
from compute.command_line import parts
from compute.errors import HeadscopeError
from compute.imported import arrays, asking, making, words
from compute.progress import Meter

PLACE = 6
ADDRESS = "http://127.0.0.1:8050/?model="


def command(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="q.npy k.npy, or one .npz or .safetensors with q and k."),
    ] = None,
    tokens: Annotated[
        Path | None,
        typer.Option(
            help="One token a line, an empty line ends a passage; or JSON, a list of lists."
        ),
    ] = None,
    causal: Annotated[
        bool | None,
        typer.Option("--causal/--full", help="What a token sees: itself and before, or all."),
    ] = None,
    scale: Annotated[
        str, typer.Option(help="logit = scale · q·k; 1/√d by default. One, or one a layer: 1,0.5")
    ] = "",
    window: Annotated[
        str, typer.Option(help="With --causal: keys that a query sees, its own included; 0: all.")
    ] = "",
    softcap: Annotated[float | None, typer.Option(help="logit = c · tanh(logit / c).")] = None,
    values: Annotated[
        Path | None, typer.Option(help="Value vectors, shaped as k, or their norms.")
    ] = None,
    attention: Annotated[
        Path | None,
        typer.Option(help="Attention (layers, heads, n, n) to hold softmax(scale · q·k) against."),
    ] = None,
    anyway: Annotated[bool, typer.Option(help="Keep them though attention differs.")] = False,
    special: Annotated[
        list[str] | None, typer.Option(help="A special token, such as [CLS]; can be repeated.")
    ] = None,
    order: Annotated[
        str, typer.Option(help="Axes: lhnd (layers, heads, tokens, dimensions), or lnhd.")
    ] = "lhnd",
    name: Annotated[
        str | None, typer.Option(help="What to call it; the file's name if not.")
    ] = None,
    delete: Annotated[
        str | None, typer.Option(help="Delete the import of this name, and do nothing else.")
    ] = None,
) -> None:
    """Import queries (layers, heads, n, d) and keys (layers, kv heads, n, d) of any other code.

    They are those whose product is the attention: after position encoding and normalisation. Put
    the tokens of several passages one after the other.
    """
    if delete is not None:
        making.forget(delete)
        print(json.dumps({"deleted": delete}))
        return
    files = files or []
    if tokens is None or causal is None or not files:
        raise HeadscopeError(
            "Name q.npy and k.npy (or one .npz or .safetensors), --tokens FILE, and --causal or "
            "--full: whether a token sees only what is before it can't be told from the vectors."
        )
    if order not in asking.ORDERS:
        raise HeadscopeError(f"There is no order “{order[:20]}”: choose lhnd or lnhd.")
    asked = asking.Asked(
        name=name or files[0].stem,
        title=" ".join(tokens.name.split())[:80],
        files=_files(files, values, attention),
        tokens=tokens,
        causal=causal,
        scale=_numbers("scale", scale, float),
        window=_numbers("window", window, int),
        softcap=softcap,
        special=tuple(special or ()),
        order=order,
        anyway=anyway,
    )
    with parts.Bar() as report:
        made = making.make(asked, Meter(report, "layers").at)
    _tell(made, asked)


def _files(files: list[Path], values: Path | None, attention: Path | None) -> dict[str, Path]:
    """Return where each array is."""
    if len(files) == 1 and files[0].suffix.lower() in (".npz", ".safetensors"):
        there = arrays.names(files[0])
        found = {n: files[0] for n in asking.NAMES if n in there or n in ("q", "k")}
        if {"v", "v_norm"} <= found.keys():
            del found["v_norm"]
    elif len(files) == 2:
        found = dict(zip(("q", "k"), files, strict=True))
    else:
        raise HeadscopeError(
            "Name two files, q.npy and k.npy, or one .npz or .safetensors that holds q and k."
        )
    if values is not None:
        found.pop("v", None)
        found.pop("v_norm", None)
        found[_kind_of_values(values)] = values
    return found | ({"attention": attention} if attention is not None else {})


def _kind_of_values(file: Path) -> str:
    """Tell vectors from norms: by their names, or in a .npy file by the number of axes."""
    if file.suffix.lower() != ".npy":
        return "v" if "v" in arrays.names(file) else "v_norm"
    found = arrays.given("v", file)
    found.close()
    return "v_norm" if len(found.shape) == 3 else "v"


def _numbers(name: str, text: str, kind: type) -> tuple:
    try:
        return tuple(kind(part) for part in text.split(",") if text)
    except ValueError as error:
        raise HeadscopeError(
            f"--{name} must be a number, or one for each layer with commas, not {text[:40]!r}."
        ) from error


def _tell(made: making.Made, asked: asking.Asked) -> None:
    if likely := words.likely_special(made.run.tokens):
        listed = " ".join(f"--special '{each}'" for each in likely[:5])
        print(
            f"{', '.join(likely[:5])} look like special tokens, and count as others. If they are, "
            f"delete the import and make it with {listed}",
            file=sys.stderr,
        )
    if sentence := store.usage().trouble:
        print(sentence, file=sys.stderr)
    model, one = made.run.model, made.one
    about = {"name": one.name, "model": one.spec, "layers": model.layers, "heads": model.heads}
    about |= {"kv_heads": model.kv_heads, "head_dim": model.head_dim}
    about |= {"tokens": len(made.run.tokens), "passages": len(made.run.tokens.starts) - 1}
    if made.apart is not None:
        about["largest_difference"] = made.apart
    print(json.dumps(about | {"open": f"{ADDRESS}{quote(one.spec, safe=':')}"}))
    print(
        f"Start Headscope (python app.py) and choose {one.name} under Model, or use it as "
        f"--model {one.spec}",
        file=sys.stderr,
    )
