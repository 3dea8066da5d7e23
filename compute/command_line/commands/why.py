"""``python -m compute why …``: which property of the tokens a head's queries and keys meet by."""

from typing import Annotated

import typer

from compute import limits
from compute.command_line import parts
from compute.contrasts.kinds import KINDS
from compute.errors import HeadscopeError
from compute.machine import bounds, computing
from compute.progress import Meter
from compute.properties import asking, every_head, finding, tables, verdicts

PLACE = 7
_FORMS = ", ".join(kind.form for kind in KINDS.values())
_Number = Annotated[
    int | None,
    typer.Option(help="Counted from 0; all heads without.", min=0, max=limits.LAYER.high),
]


def command(
    model: parts.Model,
    said: Annotated[
        str,
        typer.Option(
            "--property",
            help=f"{_FORMS}, file:labels.csv (both have one label), file:labels.csv:verb (the key "
            "has this one), selection:name (one that was kept on the page).",
        ),
    ],
    layer: _Number = None,
    head: _Number = None,
    text: parts.TextName = None,
    text_file: parts.TextFile = None,
    part: parts.Part = "",
    target_file: parts.TargetFile = None,
    out: parts.Out = None,
    as_json: parts.AsJson = False,
    device: parts.Device = "auto",
    dtype: parts.Dtype = "auto",
    budget: parts.Budget = None,
    longest: parts.Longest = None,
    layers: parts.Layers = None,
) -> None:
    """Write how much of a property a head uses, or all heads, as a table.

    Fitted on one half of the passages and measured on the other: the share of the logits that lies
    in so many directions, and the attention on matching keys as it is, without the directions,
    without as many at random and without as many principal components of the queries.
    """
    computing.choose(device, dtype)
    bounds.choose(budget, longest, layers)
    parts.check_out(out)
    if (layer is None) != (head is None):
        raise HeadscopeError("Name a layer and a head, or none of them for all heads.")
    asking.check_said(said)
    with parts.Bar() as report:
        sides = {"part": part, "target_file": target_file}
        run = parts.open_text(model, text, text_file, report, **sides, layer=layer)
        question = asking.ask(run, said)
        more = {"property": said, "words": question.marks.words}
        if layer is not None:
            found = finding.ensure(question, layer, head)
            rows = tables.of_head(found)
            more |= {"layer": layer, "head": head, "says": verdicts.sentence(found)}
        else:
            rows = tables.of_heads(every_head.ensure(question, Meter(report, "heads").at))
    parts.write_rows(out, as_json, tables.COLUMNS, rows)
    if as_json:
        parts.tell(parts.about(run, **more), out, rows)
    elif out is not None and "says" in more:
        print(more["says"])
