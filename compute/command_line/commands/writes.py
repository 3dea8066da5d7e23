"""``python -m compute writes …``: what a head writes, as tokens that it raises and lowers."""

from typing import Annotated

import typer

from compute import limits
from compute.command_line import parts
from compute.errors import HeadscopeError
from compute.jobs import writing
from compute.machine import bounds, computing
from compute.runs import Run
from compute.take_away import written_tables
from compute.writes import at_place, over_text

PLACE = 3
_MOST = 100  # tokens that are raised or lowered


def command(
    model: parts.Model,
    layer: parts.Layer,
    head: parts.Head,
    text: parts.TextName = None,
    text_file: parts.TextFile = None,
    passage: Annotated[
        int | None, typer.Option(help="Counted from 0; the first if none is named.", min=0)
    ] = None,
    position: Annotated[
        int | None,
        typer.Option(
            help="In the passage, from 0, special tokens counted; the whole text without.", min=0
        ),
    ] = None,
    top: Annotated[
        int, typer.Option(help="Tokens raised most, and lowered most.", min=1, max=_MOST)
    ] = 10,
    hide: Annotated[
        bool,
        typer.Option(
            "--hide/--visible",
            help="Masked models: put the mask token where a token is predicted, or leave it.",
        ),
    ] = True,
    seed: Annotated[
        int,
        typer.Option(
            help="Of which tokens of a whole text are hidden.",
            min=limits.SEED.low,
            max=limits.SEED.high,
        ),
    ] = 0,
    out: parts.Out = None,
    as_json: parts.AsJson = False,
    device: parts.Device = "auto",
    dtype: parts.Dtype = "auto",
    longest: parts.Longest = None,
) -> None:
    """Measure a head's direct effect on the logits of the next token, or of the masked one.

    part,token,id,position,effect,low,high,rank,attention,often,count: with --position a row for
    the token that really comes (target; rank among all), for those raised and lowered most, and for
    each source token, whose effects on the target sum to its effect. Without: the mean effect on
    what really comes (text; often is how often it is raised) and by position, with 95 % intervals
    over passages, and the tokens raised and lowered on average, with how often they are among the
    first. Effects are logits beside their mean over the vocabulary, which the softmax ignores.
    """
    computing.choose(device, dtype)
    bounds.choose(None, longest, None)
    parts.check_out(out)
    if passage is not None and position is None:
        raise HeadscopeError("Name a --position in the passage, or leave --passage away.")
    with parts.Bar() as report:
        run = parts.open_text(model, text, text_file, report, layer=layer)
        run.check(layer, head)
        if position is None:
            options = {"top": top, "hide": hide, "seed": seed}
            name = writing.over_text(run.key, layer, head, options, report)
        else:
            at = passage or 0, position
            options = {"top": top, "hide": hide}
            name = writing.at_place(run.key, layer, head, *at, options, report)
    rows, summary = _told(run, name, passage or 0, whole=position is None)
    parts.write_rows(out, as_json, written_tables.COLUMNS, rows)
    if as_json:
        parts.tell(parts.about(run, layer=layer, head=head) | summary, out, rows)


def _told(run: Run, name: str, passage: int, whole: bool) -> tuple[list[tuple], dict]:
    """Return rows and summary of what was measured."""
    if whole:
        found = over_text.OVERALL.get(name)
        return list(written_tables.of_text(found)), written_tables.summary_of_text(found)
    at = at_place.WRITTEN.get(name)
    rows = list(written_tables.of_place(at, run.tokens, passage))
    return rows, written_tables.summary_of_place(at)
