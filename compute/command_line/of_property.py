"""``why --property``: how much of a property of the tokens a head uses, or all heads."""

from pathlib import Path

from compute.command_line import parts
from compute.contrasts.kinds import KINDS
from compute.errors import HeadscopeError
from compute.progress import Meter
from compute.properties import asking, every_head, finding, tables, verdicts

FORMS = ", ".join(
    (*(kind.form for kind in KINDS.values()), "file:labels.csv (both have one label)",
     "file:labels.csv:verb (the key has this one)", "selection:name (one kept on the page)")
)  # fmt: skip


def write(
    said: str,
    model: str,
    text: str | None,
    text_file: Path | None,
    layer: int | None,
    head: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Write the table of one head, or of all where none is named; see `tables.COLUMNS`."""
    if (layer is None) != (head is None):
        raise HeadscopeError("Name a layer and a head, or none of them for all heads.")
    asking.check_said(said)
    with parts.Bar() as report:
        run = parts.open_text(model, text, text_file, report, layer=layer)
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
