"""``python -m compute project …``: the map of a head as a file."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from compute import limits, runs
from compute.command_line import parts
from compute.contrasts import kinds
from compute.errors import HeadscopeError
from compute.machine import bounds, computing
from compute.maps import projection
from compute.maps.cloud import Layout
from compute.maps.left_out import left_out
from compute.maps.property_map import DEFAULT
from compute.progress import Meter
from compute.runs import unrotated
from compute.take_away import tables
from compute.trust.heldout import held_out
from compute.trust.trust import Trust, trust

PLACE = 3
ALIASES = {"attention-map": "attention"}

# Short names first.
*_FIRST, _LAST = sorted((n for n, m in projection.METHODS.items() if m.takes_scale), key=len)
_FORMS = ", ".join(kind.form for kind in kinds.KINDS.values())
_SCALED = f"{', '.join(_FIRST)} and {_LAST}"


def command(
    model: parts.Model,
    layer: parts.Layer,
    head: parts.Head,
    out: Annotated[Path, typer.Option(help="CSV file to write.")],
    text: parts.TextName = None,
    text_file: parts.TextFile = None,
    part: parts.Part = "",
    target_file: parts.TargetFile = None,
    images: parts.Images = None,
    method: Annotated[
        str, typer.Option(help=f"attention-map, {', '.join([*projection.METHODS][1:])}.")
    ] = "attention-map",
    dims: Annotated[int, typer.Option(help="2 or 3.")] = 2,
    scale: Annotated[str | None, typer.Option(help=f"c for {_SCALED}: a number, or norm.")] = None,
    said: Annotated[
        str | None,
        typer.Option("--property", help=f"For the method property: {_FORMS}; {DEFAULT} without."),
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
    device: parts.Device = "auto",
    dtype: parts.Dtype = "auto",
    budget: parts.Budget = None,
    longest: parts.Longest = None,
    layers: parts.Layers = None,
) -> None:
    """Lay out a head's queries and keys: role,passage,position,token,x,y[,z],trust.

    One row per point. The map's trust numbers go to stdout as JSON; "trust" is T, "trust_all" with
    special tokens. "note" says what the map leaves out, in models that add to q·k.
    """
    computing.choose(device, dtype)
    bounds.choose(budget, longest, layers)
    parts.check_out(out)
    method = ALIASES.get(method, method)
    projection.check(method, dims)
    options = {} if scale is None else {"scale": scale if scale == "norm" else _number(scale)}
    if before_rotation:
        options["rotation"] = "before"
    if said is not None:
        if not projection.METHODS[method].takes_property:
            raise HeadscopeError("A --property is for --method property. Name both, or none.")
        kinds.read(said)
        options["property"] = said
    with parts.Bar() as report:
        sides = {"part": part, "target_file": target_file, "images": images}
        run = parts.open_text(model, text, text_file, report, **sides, layer=layer)
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
    parts.write_text(out, tables.csv_text(columns, _rows(run, layout, found)))
    about = parts.about(run, layer=layer, head=head)
    about |= {"method": method, "dims": dims, "seed": seed, "options": options}
    if said := left_out(run.model, method):
        about["note"] = said
    print(json.dumps(about | numbers | {"rows": len(cloud.q) + len(cloud.k), "out": str(out)}))


def _rows(run: runs.Run, layout: Layout, found: Trust) -> Iterator[tuple]:
    sides = ("query", run.tokens, layout.q, found.q), ("key", run.keys, layout.k, found.k)
    for role, tokens, places, shares in sides:
        for i, token in enumerate(tokens.strings):
            where = int(tokens.passage[i] - tokens.passage[0]), int(tokens.position[i])
            yield (role, *where, token, *(float(x) for x in places[i]), float(shares[i]))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise HeadscopeError(f"The scale must be a number or “norm”, not {text!r}.") from error
