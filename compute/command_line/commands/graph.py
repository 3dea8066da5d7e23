"""``python -m compute graph …``: which heads build the queries and keys of others."""

from math import isnan
from typing import Annotated

import typer

from compute.circuits import behaviours, feeding, rising, rows
from compute.circuits.behaviours import Asked
from compute.circuits.graph import Graph, nodes, sentence
from compute.circuits.taken import Taken
from compute.command_line import parts
from compute.errors import HeadscopeError
from compute.jobs import graphs
from compute.machine import computing
from compute.trials import head_ablation

PLACE = 3


def command(
    model: parts.Model,
    text: parts.TextName = None,
    text_file: parts.TextFile = None,
    rule: Annotated[
        str | None,
        typer.Option(help="The edges of a rule on a text: same, offset:-2, brackets, …"),
    ] = None,
    layer: Annotated[
        int | None, typer.Option(help="With --head: the only head whose builders are looked for.")
    ] = None,
    head: Annotated[int | None, typer.Option(help="Counted from 0.")] = None,
    without: Annotated[
        str | None,
        typer.Option(help="Heads to take out, such as L0H0,L0H1: says which others rise then."),
    ] = None,
    feeds: Annotated[
        str | None,
        typer.Option(help="Heads to take out: says whose queries and keys lose contrast by it."),
    ] = None,
    method: Annotated[
        str, typer.Option(help="What takes a head's place: mean (over the passage) or zero.")
    ] = "mean",
    seed: parts.Seed = 0,
    out: parts.Out = None,
    as_json: parts.AsJson = False,
    device: parts.Device = "auto",
    dtype: parts.Dtype = "auto",
    layers: parts.AllLayers = None,
) -> None:
    """Say who builds whose queries and keys; of induction, or of a rule on a text.

    Columns: builder_layer,builder_head,layer,head,side,effect,low,high,attention; with --without
    layer,head,before,after,change,low,high,rises; with --feeds
    layer,head,side,effect,low,high,share,attention.
    """
    computing.choose(device, dtype)
    parts.check_out(out)
    only = _only(layer, head)
    heads = _out(without, feeds, only)
    asked = _asked(rule, seed, method, text is not None or text_file is not None)
    with parts.Bar() as report:
        of = model
        if rule is not None:
            of = parts.open_text(model, text, text_file, report, layer=layer).key
        if heads is None:
            graph = graphs.graph(of, asked, report, only=only)
        else:
            taken = graphs.without(of, asked, heads, report)
    if heads is None:
        table, columns, notes = list(rows.of_graph(graph)), rows.GRAPH, graph.notes
        told = _of_graph(graph)
    else:
        made, columns = (rows.of_rises, rows.RISES) if feeds is None else (feeding.fed, rows.FED)
        table, notes, told = list(made(taken)), taken.notes, _of_taken(taken)
    parts.write_rows(out, as_json, columns, table)
    if as_json:
        parts.tell({"model": model} | told, out, table)
    for note in (told["sentence"], *notes):
        typer.echo(note, err=True)


def _only(layer: int | None, head: int | None) -> tuple[int, int] | None:
    if (layer is None) != (head is None):
        raise HeadscopeError("Name a head by both --layer and --head.")
    return None if layer is None else (layer, head)


def _out(
    without: str | None, feeds: str | None, only: tuple[int, int] | None
) -> list[tuple[int, int | None]] | None:
    said = [named for named in (without, feeds) if named is not None]
    if len(said) + (only is not None) > 1:
        raise HeadscopeError("Name one of --layer with --head, --without and --feeds.")
    return head_ablation.named(said[0]) if said else None


def _asked(rule: str | None, seed: int, method: str, of_text: bool) -> Asked:
    if rule is None:
        if of_text:
            raise HeadscopeError("Say which edges of the text are meant: name a rule with --rule.")
        return Asked(seed=seed, method=method)
    name, _, offset = rule.partition(":")
    try:
        number = int(offset or "-1")
    except ValueError as error:
        raise HeadscopeError(
            f"“{offset}” is no offset. Write a whole number, such as --rule offset:-2."
        ) from error
    return Asked(behaviours.RULE, name, number, method=method)


def _of_graph(found: Graph) -> dict:
    heads = [
        {
            "head": f"L{node.layer}H{node.head}",
            "attention": None if isnan(node.attention) else node.attention,
            "role": node.role,
        }
        for node in nodes(found)
    ]
    return {"edges": found.words, "sentence": sentence(found), "heads": heads}


def _of_taken(found: Taken) -> dict:
    return {
        "edges": found.words,
        "sentence": rising.sentence(found),
        "rising": [one._asdict() for one in rising.rising(found)],
        "fed": [one._asdict() for one in feeding.fed(found)],
    }
