"""The shortlist of a model's heads to take away: a table with all scores, a page with pictures.

The page opens offline: no script, no font, no network; see `take_away.html_page`.
"""

from collections.abc import Sequence

import numpy as np

from compute import limits
from compute.lab.induction import Induction
from compute.lab.readouts import main_of
from compute.notes.heads import Note
from compute.progress import Progress, unseen
from compute.runs import Run
from compute.scores.heads import Scores
from compute.take_away import dossier, dossier_page, html_page
from compute.take_away.dossier import Dossier
from compute.take_away.export import Table
from compute.take_away.markup import Markup, join, tag

RANDOM = "induction_on_random_repeats"


def table(
    run: Run, notes: Sequence[Note], scores: Scores | None, measured: Induction | None
) -> Table:
    """Return the shortlist: a row per head, with its note and all scores that were measured.

    Parameters
    ----------
    scores : Scores or None
        Of the run's text.
    measured : Induction or None
        On random repeated tokens.

    Returns
    -------
    Table
        ``model``, ``identity``, ``part`` (of encoder–decoders), ``text``, ``layer``, ``head``,
        ``starred``, ``note``; then for each score its mean, ``_low`` and ``_high`` (95 %
        interval), NaN where there is none.
    """
    n, at = len(notes), ([note.layer for note in notes], [note.head for note in notes])
    columns: dict[str, Sequence | np.ndarray] = {
        "model": [run.model.name] * n,
        "identity": [run.model.identity] * n,
        **({"part": [run.model.part] * n} if run.model.part else {}),
        "text": [run.title] * n,
        "layer": at[0],
        "head": at[1],
        "starred": [note.star for note in notes],
        "note": [note.text for note in notes],
    }
    known = {} if scores is None else {name: scores.of(name) for name in scores.names}
    if measured is not None:
        known[RANDOM] = measured.readouts[main_of(measured.readouts)]
    for name, score in known.items():
        for ending, part in (("", score.mean), ("_low", score.low), ("_high", score.high)):
            columns[name + ending] = np.asarray(part)[at]
    return columns


def gather(
    run: Run, notes: Sequence[Note], progress: Progress = unseen
) -> list[tuple[Note, Dossier]]:
    """Gather what is known of the starred heads, at most `limits.SHORTLIST`."""
    starred = [note for note in notes if note.star][: limits.SHORTLIST]
    found = []
    for done, note in enumerate(starred):
        found.append((note, dossier.gather(run, note.layer, note.head)))
        progress(done + 1, len(starred))
    return found


def page(run: Run, found: Sequence[tuple[Note, Dossier]], starred: int) -> str:
    """Return the shortlist with its pictures as HTML; `starred` is how many heads have a star."""
    title = f"Shortlist: {_counted(len(found))} of {dossier_page.named(run.model)} on “{run.title}”"
    told = []
    if len(found) < starred:
        told.append(f"These are the first {len(found)} of {starred} starred heads.")
    body = [
        tag("h1", title),
        tag("p", run.model.note, class_="faint"),
        *(tag("p", sentence) for sentence in told),
        tag("ol", *(_line(note) for note, _ in found)),
        *(_head(note, known) for note, known in found),
        *dossier_page.ends(found[0][1] if found else None),
    ]
    return html_page.document(title, body)


def _counted(count: int) -> str:
    return f"{count} {'head' if count == 1 else 'heads'}"


def _line(note: Note) -> Markup:
    said = f": {note.text.splitlines()[0]}" if note.text else ""
    return tag("li", tag("a", note.name, href=f"#{note.name}"), said)


def _head(note: Note, found: Dossier) -> Markup:
    """Return what the page says of one head; the note is text, whatever is in it."""
    words = [tag("p", line, class_="note") for line in note.text.splitlines() if line]
    title = tag("h2", f"★ {note.name}", id=note.name)
    return tag("article", join([title, *words, *dossier_page.pictures(found)]))
