"""``python -m compute project …`` and ``python -m compute attention …``: one head as files."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from compute import limits, runs, texts
from compute.command_line.parts import Bar, Model, check_out
from compute.errors import HeadscopeError
from compute.jobs import opening
from compute.maps import projection
from compute.maps.cloud import Layout
from compute.maps.heldout import held_out
from compute.maps.trust import Trust, trust
from compute.progress import Meter
from compute.runs import attention, unrotated
from compute.take_away import tables

ALIASES = {"attention-map": "attention"}

commands = typer.Typer(add_completion=False, rich_markup_mode=None)

TextName = Annotated[
    str | None, typer.Option("--text", help="A built-in text: prose, questions, code, grammar.")
]
TextFile = Annotated[
    Path | None,
    typer.Option(help="A file in UTF-8; one line is one passage, empty lines are left out."),
]
Layer = Annotated[int, typer.Option(help="Counted from 0.", min=0, max=limits.LAYER.high)]
Head = Annotated[int, typer.Option(help="Counted from 0.", min=0, max=limits.LAYER.high)]


@commands.command("project")
def write_map(
    model: Model,
    layer: Layer,
    head: Head,
    out: Annotated[Path, typer.Option(help="CSV file to write.")],
    text: TextName = None,
    text_file: TextFile = None,
    method: Annotated[
        str, typer.Option(help=f"attention-map, {', '.join([*projection.METHODS][1:])}.")
    ] = "attention-map",
    dims: Annotated[int, typer.Option(help="2 or 3.")] = 2,
    scale: Annotated[
        str | None, typer.Option(help="c for pca, umap, tsne and exact: a number, or norm.")
    ] = None,
    before_rotation: Annotated[
        bool,
        typer.Option(help="Rotary models: q and k before rotation, for all but attention maps."),
    ] = False,
    seed: Annotated[
        int, typer.Option(help="Equal seeds give equal maps.", min=0, max=limits.SEED.high)
    ] = 0,
    hold_out: Annotated[
        bool, typer.Option(help="Also measure passages placed without their own attention.")
    ] = False,
) -> None:
    """Lay out a head's queries and keys: role,passage,position,token,x,y[,z],trust.

    One row per point. The map's trust numbers go to stdout as JSON; "trust" is T, "trust_all" with
    special tokens.
    """
    check_out(out)
    method = ALIASES.get(method, method)
    projection.check(method, dims)
    options = {} if scale is None else {"scale": scale if scale == "norm" else _number(scale)}
    if before_rotation:
        options["rotation"] = "before"
    with Bar() as report:
        run = open_text(model, text, text_file, report)
        if before_rotation:
            unrotated.ensure(run.key, Meter(report, "tokens").at)
        cloud = projection.cloud(run, layer, head)
        fit = partial(projection.fit, method=method, dims=dims, seed=seed, options=options)
        name = projection.key(run.key, layer, head, method, dims, options, seed)
        layout = projection.MAPS.ensure(
            name, lambda: fit(cloud, progress=Meter(report, "steps").at)
        )
        found = trust(cloud, layout)
        numbers = found.numbers()
        numbers = {"trust": numbers.pop("score"), "trust_all": numbers.pop("score_all")} | numbers
        if hold_out:
            numbers["held_out"] = held_out(cloud, fit, progress=Meter(report, "rounds").at)
    columns = ("role", "passage", "position", "token", *"xyz"[:dims], "trust")
    _write(out, tables.csv_text(columns, _rows(run, layout, found)))
    about = {"model": run.model.name, "text": run.title, "layer": layer, "head": head}
    about |= {"method": method, "dims": dims, "seed": seed, "options": options}
    print(json.dumps(about | numbers | {"rows": 2 * len(cloud), "out": str(out)}))


@commands.command("attention")
def write_attention(
    model: Model,
    layer: Layer,
    head: Head,
    out: Annotated[Path, typer.Option(help="NumPy file (.npz) to write.")],
    text: TextName = None,
    text_file: TextFile = None,
) -> None:
    """Write a head's attention: tokens_0, attention_0 of the first passage, and so on.

    Rows of attention are queries, columns are keys.
    """
    check_out(out)
    with Bar() as report:
        run = open_text(model, text, text_file, report)
    run.check(layer, head)
    passages, arrays = len(run.tokens.starts) - 1, {}
    for passage in range(passages):
        arrays[f"tokens_{passage}"] = np.array(run.tokens.strings[run.span(passage)])
        arrays[f"attention_{passage}"] = attention.of_passage(run, layer, head, passage)
    try:
        with out.open("wb") as file:
            np.savez_compressed(file, **arrays)
    except OSError as error:
        raise _unwritable(out, error) from error
    about = {"model": run.model.name, "text": run.title, "layer": layer, "head": head}
    print(json.dumps(about | {"passages": passages, "out": str(out)}))


def open_text(model: str, name: str | None, file: Path | None, report: Bar) -> runs.Run:
    """Return the vectors of a text in a model, computed unless they are in the cache."""
    if name is not None and file is not None:
        raise HeadscopeError("Name one text: either --text or --text-file.")
    if file is not None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise HeadscopeError(f"{file} can't be read: {error.strerror}.") from error
        name = texts.save_user(texts.from_user(content, name=file.name, by="line"))
    return runs.load(opening.open_run(model, name or texts.BUILT_IN[0], report)["key"])


def _rows(run: runs.Run, layout: Layout, found: Trust) -> Iterator[tuple]:
    tokens = run.tokens
    for role, places, shares in (("query", layout.q, found.q), ("key", layout.k, found.k)):
        for i, token in enumerate(tokens.strings):
            where = int(tokens.passage[i] - tokens.passage[0]), int(tokens.position[i])
            yield (role, *where, token, *(float(x) for x in places[i]), float(shares[i]))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise HeadscopeError(f"The scale must be a number or “norm”, not {text!r}.") from error


def _write(out: Path, content: str) -> None:
    try:
        out.write_text(content, encoding="utf-8")
    except OSError as error:
        raise _unwritable(out, error) from error


def _unwritable(out: Path, error: OSError) -> HeadscopeError:
    return HeadscopeError(f"{out} could not be written: {error.strerror}.")
