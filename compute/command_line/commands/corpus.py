"""``python -m compute corpus …``: what heads do over a corpus, as a folder of tables."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from compute import corpora, limits
from compute.command_line import parts
from compute.corpora import Chosen
from compute.corpus import keeping, merging
from compute.corpus.findings import FINDINGS, Whole
from compute.corpus_files import folder, page, reading
from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.machine import computing
from compute.trials import head_ablation

PLACE = 6
_SAMPLES = ", ".join(sample.name for sample in corpora.SAMPLES)
_ALL = 0


def command(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(help="With --merge: folders that were written before."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write; new, empty or ours.")] = None,
    model: Annotated[
        str | None,
        typer.Option(help="minilm, demo-bert, demo-gpt, a hub id, a folder, a GGUF file."),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            help="A file or folder of text, JSON lines (.gz, .zst), Parquet or a saved data set; "
            f"name it again for each. Or a corpus to try with: {_SAMPLES}."
        ),
    ] = None,
    tokens: Annotated[
        int, typer.Option(help="About how many are read, a random part of all; 0 for all.", min=0)
    ] = 1_000_000,
    length: Annotated[
        int, typer.Option(help="Tokens of a passage, at most.", min=16, max=2_048)
    ] = 256,
    field: Annotated[
        str, typer.Option(help="Of the text in JSON lines and tables; found by itself.")
    ] = "",
    by: Annotated[
        str, typer.Option(help="What slices are: file, folder, a field's name; “” for none.")
    ] = "file",
    rules: Annotated[
        Path | None,
        typer.Option(help="File with classes of tokens of your own, a line each: name = pattern."),
    ] = None,
    loss: Annotated[
        bool, typer.Option("--loss", help="Causal models: the loss of next tokens, too.")
    ] = False,
    head: Annotated[
        list[str] | None,
        typer.Option(help="Head of which a page is written, too: L5H1; name it again for each."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes that read; as many as suit the machine.", min=0)
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(help="Of each worker; what is to be merged needs the same number.", min=1),
    ] = None,
    scheduler: Annotated[
        str, typer.Option(help="Address of a Dask scheduler that is there: tcp://host:8786.")
    ] = "",
    seed: Annotated[
        int,
        typer.Option(help="Equal seeds read equal parts.", min=0, max=limits.SEED.high),
    ] = 0,
    merge: Annotated[
        bool, typer.Option("--merge", help="Add what was found in several corpora.")
    ] = False,
    device: parts.Device = "auto",
    dtype: parts.Dtype = "auto",
) -> None:
    """Measure all heads over a corpus, and write tables: heads, examples, tokens, pairs and more.

    What is read is kept: stopped, the same command goes on where it was. Nothing in the folder
    depends on workers or time; about.json says what is in it. With --merge, folders of other data
    are added: corpus --merge A B --out C.
    """
    computing.choose(device, dtype)
    if out is None:
        raise HeadscopeError("Name the folder to write with --out.")
    folder.check(out)
    wanted = _heads(head or [])
    if merge:
        if model is not None or data:
            raise HeadscopeError("--merge adds folders that were written before: name these alone.")
        name = _merged(folders or [], out)
    else:
        if folders:
            raise HeadscopeError("Name data with --data, or folders to be added with --merge.")
        if model is None or not data:
            raise HeadscopeError("Name a model with --model and a corpus with --data.")
        chosen = _chosen(data, field, by)
        own = "" if rules is None else _own(rules)
        with parts.Bar() as report:
            from compute.corpus import whole  # torch only where something is measured

            options = whole.Options(
                tokens=None if tokens == _ALL else tokens,
                length=length,
                rules=own,
                loss=loss,
                workers=workers,
                threads=threads,
                scheduler=scheduler,
                seed=seed,
            )
            _check_heads(model, wanted)
            name = whole.measure(model, chosen, options, report)
    with parts.Bar() as report:
        about = folder.write(name, out, _of_model(name, wanted), report)
    told = "model", "corpus", "tokens", "passages", "documents", "broken"
    lost = {"left_out": len(about["left_out"])}
    print(json.dumps({what: about[what] for what in told} | lost | {"out": str(out)}))


def _chosen(data: Sequence[str], field: str, by: str) -> Chosen:
    samples = [name for name in data if corpora.is_name(name)]
    if not samples:
        return Chosen(tuple(str(Path(name).expanduser().absolute()) for name in data), field, by)
    if len(data) > 1 or field:
        raise HeadscopeError(
            f"“{samples[0]}” is a corpus to try with, and has its own fields: name it alone. (A "
            f"file of this name is ./{samples[0]}.)"
        )
    return corpora.load(samples[0])


def _own(rules: Path) -> str:
    """Return the person's own classes; what they say is checked when they are used."""
    found = parts.content(rules).decode("utf-8", "replace")
    if len(found) > limits.RULES:
        raise HeadscopeError(f"{rules} is longer than {limits.RULES:,} characters. Shorten it.")
    return found


def _heads(said: Sequence[str]) -> list[tuple[int, int]]:
    found = head_ablation.named(" ".join(said)) if said else []
    for layer, head in found:
        if head is None:
            raise HeadscopeError(f"A page is of one head, such as L{layer}H0, not of a layer.")
    return sorted(set(found))


def _check_heads(model: str, wanted: Sequence[tuple[int, int]]) -> None:
    """Refuse heads that are not there before anything is measured."""
    if wanted:
        from compute.models import loading

        info = loading.load(catalog.find(model)).info
        for layer, head in wanted:
            info.check(layer, head)


def _of_model(name: str, wanted: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    about = FINDINGS.get(name).about
    for layer, head in wanted:
        page.check_head(about, layer, head)
    return wanted


def _merged(folders: Sequence[Path], out: Path) -> str:
    """Add what folders hold, keep it, and return its name."""
    places = [path.resolve() for path in folders]
    if len(set(places)) < len(places):
        raise HeadscopeError("A folder is named twice: it would count twice.")
    if out.resolve() in places:
        raise HeadscopeError(f"{out} is one of the folders to add. Write into another one.")

    def found() -> Iterator[tuple[str, Whole]]:
        for path in folders:
            yield str(path), reading.read(path)

    return keeping.keep(merging.merge(found()))
