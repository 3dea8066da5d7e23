"""``python -m compute why …``: what made a head's queries and keys match."""

from typing import Annotated

import numpy as np
import typer

from compute import limits
from compute.command_line import of_property, parts
from compute.errors import HeadscopeError
from compute.machine import computing
from compute.why import answers, questions
from compute.why.questions import Question
from compute.why.results import EXPLAINED, Explained, above, over_passages, strongest
from compute.why.rows import COLUMNS, rows

PLACE = 3
_Number = Annotated[
    int | None,
    typer.Option(help="Counted from 0.", min=0, max=limits.LAYER.high),
]


def command(
    model: parts.Model,
    layer: _Number = None,
    head: _Number = None,
    text: parts.TextName = None,
    text_file: parts.TextFile = None,
    edge: Annotated[
        str | None,
        typer.Option(
            help="passage,i,j: from query i to key j, all counted from 0, special tokens too."
        ),
    ] = None,
    rule: Annotated[
        str | None,
        typer.Option(help="All edges of a rule: previous, same, offset:-2, brackets, …"),
    ] = None,
    induction: Annotated[
        bool, typer.Option("--induction", help="The edges of induction in random repeated tokens.")
    ] = False,
    own: Annotated[
        bool, typer.Option("--strongest", help="The strongest line of every token.")
    ] = False,
    said: Annotated[
        str | None,
        typer.Option(
            "--property", help=f"In place of edges a property of the tokens: {of_property.FORMS}."
        ),
    ] = None,
    method: Annotated[
        str, typer.Option(help="What takes a head's place: mean (over the passage) or zero.")
    ] = "mean",
    every: Annotated[
        bool, typer.Option("--all", help="Take out every earlier head, not only 20.")
    ] = False,
    seed: parts.Seed = 0,
    out: parts.Out = None,
    as_json: parts.AsJson = False,
    device: parts.Device = "auto",
    dtype: parts.Dtype = "auto",
    layers: parts.AllLayers = None,
) -> None:
    """Say what made queries and keys match: parts of the contrast, effects without earlier heads.

    Columns: side,part,layer,head,direct,effect,low,high,attention. Sides are query, key and both;
    each of the first two sums to the contrast over its rows of direct.

    With --property: how much of it the head uses, or each of all heads if none is named, a row for
    each: fitted on one half of the passages and measured on the other.
    """
    computing.choose(device, dtype)
    parts.check_out(out)
    if sum([edge is not None, rule is not None, induction, own, said is not None]) != 1:
        raise HeadscopeError(
            "Say which edges are meant: one of --edge passage,i,j, --rule, --induction and "
            "--strongest, or a --property."
        )
    if said is not None:
        of_property.write(said, model, text, text_file, layer, head, out, as_json)
        return
    if layer is None or head is None:
        raise HeadscopeError("Name the head whose edges are meant: --layer and --head.")
    asked = _question(layer, head, edge, rule, method, every)
    with parts.Bar() as report:
        if induction:
            if text or text_file:
                raise HeadscopeError("--induction makes its own text: leave --text away.")
            name = answers.of_induction(model, asked, seed, report)
        else:
            run = parts.open_text(model, text, text_file, report, layer=layer)
            name = answers.of_text(run.key, asked, report)
    found = EXPLAINED.get(name)
    table = list(rows(found))
    parts.write_rows(out, as_json, COLUMNS, table)
    if as_json:
        parts.tell({"model": model} | _summary(found), out, table)
    for note in found.notes:
        typer.echo(note, err=True)


def _question(
    layer: int, head: int, edge: str | None, rule: str | None, method: str, every: bool
) -> Question:
    more = {"method": method, "every": every}
    if edge is not None:
        return Question(layer, head, questions.EDGE, (_edge(edge),), **more)
    if rule is not None:
        name, colon, offset = rule.partition(":")
        if colon and name != "offset":
            raise HeadscopeError(f"The rule “{name}” takes no offset: write --rule {name}.")
        at = _offset(offset) if colon else -1
        return Question(layer, head, questions.RULE, rule=name, offset=at, **more)
    return Question(layer, head, questions.STRONGEST, **more)


def _edge(said: str) -> tuple[int, int, int]:
    try:
        passage, query, key = (int(part) for part in said.split(","))
    except ValueError as error:
        raise HeadscopeError(
            f"“{said}” names no edge. Write passage,i,j, such as --edge 0,12,3."
        ) from error
    return passage, query, key


def _offset(said: str) -> int:
    try:
        return int(said)
    except ValueError as error:
        raise HeadscopeError(
            f"“{said}” is no offset. Write a whole number, such as --rule offset:-2."
        ) from error


def _summary(found: Explained) -> dict:
    effects, clear = over_passages(found.effects).mean, above(found)
    first = [
        {
            "head": "L{}H{}".format(*found.measured[n]),
            "effect": _number(effects[n, 2]),
            "above": bool(clear[n, 2]),
        }
        for n in strongest(found)[:5]
    ]
    return {
        "edges": found.words,
        "count": found.edges,
        "contrast": _number(found.contrast.mean()),
        "attention": _number(found.attention.mean()),
        "complete": found.complete,
        "strongest": first,
    }


def _number(value: float) -> float | None:
    """Return a number as JSON has it: half precision may give none."""
    return float(value) if np.isfinite(value) else None
