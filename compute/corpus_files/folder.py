"""The folder in which a corpus's findings are written: whole or not at all, and never over others.

It is written beside its place, and then takes it.
"""

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from compute import store
from compute.corpus.corpus_scores import CORPUS_SCORES
from compute.corpus.findings import FINDINGS, Findings, Whole
from compute.corpus.findings import whole as whole_of
from compute.corpus_files import columns, page, reading, tables
from compute.errors import HeadscopeError
from compute.model_files import names
from compute.progress import Meter, Report
from compute.summaries.summary import Kind


def write(name: str, out: Path, heads: Iterable[tuple[int, int]], report: Report) -> dict:
    """Write what was found in a corpus.

    Parameters
    ----------
    name : str
        Of the findings in the store.
    out : Path
        The folder; what is in it was checked, see `check`.
    heads : iterable of (layer, head)
        Of which a page is written.

    Returns
    -------
    dict
        What ``about.json`` says.

    Raises
    ------
    HeadscopeError
        If the findings are not kept any more, or the folder can't be written: what was there stays.
    """
    found = FINDINGS.get(name)
    entry = store.find(FINDINGS.kind, name)
    whole = entry and whole_of(entry)
    if found is None or whole is None:
        raise HeadscopeError("What was found is not kept any more. Start again.")
    about = _about(found, whole.summary.kind)
    report((0, "Writing the tables …"))
    with _replaced(out) as folder:
        meter = Meter(report, "heads written")
        tables.write(folder, name, found, meter.at)
        meter.close()
        for layer, head in heads:
            made = page.of_head(name, layer, head)
            _write_text(folder / f"L{layer}H{head}.html", made)
        draft = folder / reading.SUMMARY
        draft.mkdir()
        _dump(draft, whole, about["model"])
        _write_text(folder / reading.ABOUT, json.dumps(about, indent=1, ensure_ascii=False) + "\n")
    return about


def check(out: Path) -> None:
    """Refuse a folder that can't be written, or in which something of somebody else is.

    Raises
    ------
    HeadscopeError
    """
    parent = out.absolute().parent
    if not (parent.is_dir() and os.access(parent, os.W_OK)):
        raise HeadscopeError(f"{out} can't be written: name a folder in a folder that exists.")
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise HeadscopeError(f"{out} is no folder. Name one that is new, or empty.")
    if not out.exists() or not any(out.iterdir()):
        return
    others = sorted(path.name for path in out.iterdir() if not _ours(path.name))
    if others or not reading.is_ours(out):
        named = f", such as {others[0]}" if others else ""
        raise HeadscopeError(
            f"{out} holds files that this command did not write{named}, so it stays as it is. "
            "Name a folder that is new, or empty."
        )


def _ours(name: str) -> bool:
    known = {f"{table}.parquet" for table in columns.TABLES} | {reading.ABOUT, reading.SUMMARY}
    return name in known or page.is_name(name)


@contextlib.contextmanager
def _replaced(out: Path) -> Iterator[Path]:
    """Give a new folder that takes the place of `out` if the block ends without an error."""
    place = out.absolute()
    draft, old = (
        place.with_name(f".{place.name}.{secrets.token_hex(4)}.{n}") for n in ("new", "old")
    )
    try:
        try:
            draft.mkdir()
            yield draft
            check(out)  # somebody may have used it meanwhile
            if place.exists():
                os.rename(place, old)
            try:
                os.rename(draft, place)
            except OSError:
                if old.exists():
                    os.rename(old, place)
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except (OSError, store.TroubleWriting) as error:
        raise HeadscopeError(f"{out} could not be written: {_why(error)}") from error
    shutil.rmtree(old, ignore_errors=True)


def _why(error: Exception) -> str:
    cause = error if isinstance(error, OSError) else error.__cause__
    return f"{getattr(cause, 'strerror', None) or cause or error}."


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")


def _dump(folder: Path, whole: Whole, model: str) -> None:
    """Write all that a merge needs: plain arrays, and a manifest with their checksums."""
    found = replace(whole.findings, about=whole.findings.about | {"model": model})
    draft = store.Draft(folder)
    FINDINGS.dump(draft, replace(whole, findings=found))
    draft.seal()


def _about(found: Findings, kind: Kind) -> dict:
    own = found.about | {"model": _without_place(found.about["model"], found.about["name"])}
    return {
        "made_by": reading.MADE_BY,
        "format": reading.FORMAT,
        **own,
        **{name: getattr(kind, name) for name in ("loss", "rules", "classes", "precision")},
        "slices": {
            part: {"documents": int(found.documents[at]), "tokens": int(found.tokens[at])}
            for at, part in enumerate(found.slices)
        },
        "scores": {name: _score(name) for name in found.names},
        "tables": {
            f"{table}.parquet": {column: what.means for column, what in known.items()}
            for table, known in columns.TABLES.items()
        },
    }


def _score(name: str) -> dict[str, str]:
    score = CORPUS_SCORES[name]
    return {what: getattr(score, what) for what in ("title", "unit", "definition", "source")}


def _without_place(spec: str, name: str) -> str:
    """Return what names a model, without where on this machine it lies."""
    own = any(names.is_path(part) or Path(part).expanduser().exists() for part in names.parts(spec))
    return name if own else spec
