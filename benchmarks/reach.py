"""Every family of transformers against its own attention: ``python benchmarks/reach.py``.

A tiny random model of each family of the masked, causal and text-encoder classes is saved, opened
and extracted as the page does it, and the attention read from the run is compared with what the
model itself tells, for every layer, head and token of a padded batch. The same for a head that is
switched off, and whether induction can be measured. Of encoder–decoders all three parts are read,
with sources and targets of different lengths. Exit code 1 for a wrong number or a crash.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import shared
import typer


def main(
    only: Annotated[str, typer.Option(help="Some families, with commas between.")] = "",
    seed: Annotated[int, typer.Option(help="Of all weights.")] = 0,
    pictures: Annotated[
        bool, typer.Option(help="The families that read pictures, not those of text.")
    ] = False,
    table: Annotated[
        bool, typer.Option(help="Write the table as markdown, families merged.")
    ] = False,
) -> None:
    """Compare every family with its own attention."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="headscope-reach-") as place:
        os.environ |= {"HEADSCOPE_CACHE": f"{place}/cache", "HF_HUB_OFFLINE": "1"}
        some = {name for name in only.split(",") if name}
        rows, well = compare(Path(place), some, seed, table, pictures)
    print(f"\n{rows}; {time.monotonic() - began:.0f} s, {shared.machine()}")
    raise SystemExit(not well)


def compare(
    place: Path, only: set[str], seed: int, markdown: bool, pictures: bool = False
) -> tuple[str, bool]:
    """Print a row a family; return the summary, and whether all is well."""
    from compute.finding import catalog  # noqa: F401, I001  before all else that imports transformers
    from reaching import families, picture_table, printed, table, table_pairs
    import torch
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    rows = []
    ways = {"seq2seq": table_pairs, "picture": picture_table}
    tasks = families.PICTURES if pictures else (*families.TEXT, "seq2seq")
    for case in families.cases(*tasks):
        if only and case.family not in only:
            continue
        way = ways.get(case.task, table)
        rows.append(way.row(case, place, seed))
        if not markdown:
            print(printed.line(rows[-1]), flush=True)
    if markdown:
        print(printed.markdown(rows))
    return table.summary(rows), not any(map(table.is_fault, rows))


if __name__ == "__main__":
    sys.exit(typer.run(main))
