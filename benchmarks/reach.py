"""Every family of transformers against its own attention: ``python benchmarks/reach.py``.

A tiny random model of each family of the masked, causal and text-encoder classes is saved, opened
and extracted as the page does it, and the attention read from the run is compared with what the
model itself tells, for every layer, head and token of a padded batch. The same for a head that is
switched off, and whether induction can be measured. Of encoder–decoders all three parts are read,
with sources and targets of different lengths. Exit code 1 for a wrong number or a crash.

``--long`` and ``--large`` go with random weights of a real shape from opening the model to a window
of the heatmap and a map, and tell the memory of each step; ``--loading`` how long models take to
open. Exit code 1 for more memory than the path may take.
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
    long: Annotated[
        bool, typer.Option(help="A passage of 16,384 tokens: 15 minutes, 3 GB of disk.")
    ] = False,
    large: Annotated[
        bool, typer.Option(help="The shape of an 8B model: 5 minutes, 3 GB of disk.")
    ] = False,
    loading: Annotated[bool, typer.Option(help="How long models take to open.")] = False,
    layers: Annotated[
        int, typer.Option(help="So many are made: all of the long one, 2 of the large one.")
    ] = 0,
) -> None:
    """Compare every family with its own attention."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="headscope-reach-") as place:
        os.environ |= {"HEADSCOPE_CACHE": f"{place}/cache", "HF_HUB_OFFLINE": "1"}
        if loading:
            rows, well = load()
        elif long or large:
            rows, well = walk(Path(place), "large" if large else "long", layers)
        else:
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

    _quiet()
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


def walk(place: Path, which: str, layers: int = 0) -> tuple[str, bool]:
    """Print the memory of each step of a path; return the summary, and whether it is little enough.

    Parameters
    ----------
    which : str
        ``long`` or ``large``.
    layers : int
        So many are made; as many as are usual if it is 0.
    """
    from compute.finding import catalog  # noqa: F401, I001  before all else that imports transformers
    from reaching import paths, peaks

    _quiet()
    shape, usual = {"long": (paths.LONG, paths.LONG.layers), "large": (paths.LARGE, 2)}[which]
    made = layers or usual
    folder = paths.save(place / f"{which}-{made}", shape, made)
    found, steps = peaks.of(paths.walk, str(folder), shape)
    lines, most = paths.told(shape, made, found, steps)
    print("\n".join(lines))
    well = most <= shape.most and paths.is_whole(shape, found)
    return f"at most {shape.most / 2**30:.0f} GiB", well


def load() -> tuple[str, bool]:
    """Print how long models take to open; return the summary, and True."""
    from compute.finding import catalog  # noqa: F401, I001  before all else that imports transformers
    from reaching import loading_times

    _quiet()
    rows = loading_times.table(lambda line: print(line, flush=True))
    return f"{len(rows)} models, the least of {loading_times.ROUNDS} rounds", True


def _quiet() -> None:
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


if __name__ == "__main__":
    sys.exit(typer.run(main))
