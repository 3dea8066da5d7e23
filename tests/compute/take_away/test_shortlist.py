"""The shortlist to take away: its table with all scores, and its page with the pictures."""

import csv
import io
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet
import pytest
from patterns import HOSTILE, hostile_run, random_run
from test_dossier import read

from compute import limits
from compute.errors import HeadscopeError
from compute.jobs import scoring
from compute.notes import heads as kept
from compute.notes.heads import Note
from compute.scores import heads
from compute.scores.intervals import Estimate
from compute.take_away import export, shortlist

NOTES = (Note(0, 2, True, "Looks back,\nat “,”"), Note(1, 1, False, '=HYPERLINK("http://x")'))


def measured(value: float) -> SimpleNamespace:
    score = Estimate(*(np.full((2, 3), value + at) for at in (0, -0.1, 0.1)))
    return SimpleNamespace(readouts={"prefix_matching": score})


def test_the_table_comes_back_with_notes_and_scores() -> None:
    run, _ = random_run()
    scores = heads.score(run)
    table = shortlist.table(run, NOTES, scores, measured(0.5))
    rows = list(csv.DictReader(io.StringIO(export.write(table, "csv").decode())))
    assert [(row["layer"], row["head"], row["starred"]) for row in rows] == [
        ("0", "2", "True"),
        ("1", "1", "False"),
    ]
    assert rows[0]["note"] == NOTES[0].text and rows[0]["model"] == run.model.name
    assert rows[1]["note"] == "'" + NOTES[1].text  # no spreadsheet runs it
    for name in scores.names:
        mean, low, high = (part[0, 2] for part in scores.of(name))
        shown = [rows[0][name + ending] for ending in ("", "_low", "_high")]
        assert [float(v) if v else np.nan for v in shown] == pytest.approx(
            [mean, low, high], rel=1e-5, nan_ok=True
        )
    assert [float(rows[0][shortlist.RANDOM + e]) for e in ("", "_low", "_high")] == [0.5, 0.4, 0.6]
    back = pyarrow.parquet.read_table(io.BytesIO(export.write(table, "parquet"))).to_pydict()
    assert back["note"] == [note.text for note in NOTES]
    assert back["starred"] == [True, False]
    assert back["self"] == pytest.approx(
        [scores.of("self").mean[0, 2], scores.of("self").mean[1, 1]]
    )


def test_without_measurements_there_are_the_notes() -> None:
    run, _ = random_run()
    table = shortlist.table(run, NOTES, None, None)
    assert list(table)[-1] == "note" and len(table["note"]) == 2
    assert export.write(shortlist.table(run, (), None, None), "csv").decode().count("\n") == 1


def test_the_page_shows_each_starred_head_and_runs_nothing() -> None:
    run, bad = hostile_run(), "<script>alert(3)</script>\nsecond line & more"
    notes = (Note(0, 1, True, bad), Note(0, 2, False, "not starred"), Note(1, 2, True))
    seen = []
    found = shortlist.gather(run, notes, lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
    text = shortlist.page(run, found, 2)
    reader = read(text)
    names = [name for name, _ in reader.elements]
    assert not {"script", "img", "u", "i", "s", "iframe", "link"} & set(names)
    links = [at["href"] for name, at in reader.elements if "href" in at]
    assert links == ["#L0H1", "#L1H2"] and not any("src" in at for _, at in reader.elements)
    assert names.count("article") == 2
    words = "".join(reader.words)
    assert "Shortlist: 2 heads of <u>model</u> on" in words
    assert "<script>alert(3)</script>" in words and "second line & more" in words
    assert "not starred" not in words and HOSTILE[0] in words
    ids = [at["id"] for _, at in reader.elements if "id" in at]
    assert ids == ["L0H1", "L1H2"]
    maps = [at for _, at in reader.elements if at.get("class") == "dots"]
    assert len(maps) == 4  # queries and keys of two maps


def test_a_long_shortlist_says_what_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    run, _ = random_run()
    monkeypatch.setattr(limits, "SHORTLIST", 1)
    notes = tuple(Note(0, head, True) for head in range(3))
    found = shortlist.gather(run, notes)
    assert len(found) == 1
    assert "These are the first 1 of 3 starred heads." in shortlist.page(run, found, 3)


def test_the_job_reads_what_is_kept(cache, monkeypatch: pytest.MonkeyPatch) -> None:
    (run, _), told = random_run(), []
    monkeypatch.setattr(scoring.runs, "load", lambda key: run)
    with pytest.raises(HeadscopeError, match="No head is starred yet"):
        scoring.write_shortlist("made", told.append)
    kept.change(run.model.identity, 1, 0, star=True, text="Mine")
    kept.change(run.model.identity, 7, 7, star=True)  # of another shape of the same model
    text = scoring.write_shortlist("made", told.append)
    assert "Shortlist: 1 head of" in text and "Mine" in text and "L7H7" not in text
    assert "1 of 1 heads" in told[-1][1]
