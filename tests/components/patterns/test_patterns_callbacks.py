"""What the stage "Patterns" shows: rankings, attention between classes, averages, their files."""

import base64

import numpy as np
import pytest
from drawn import at, listed, rows, said
from stored import FIVE_LINES, quiet

from components.patterns import callbacks, saved
from components.patterns.stage import FILE_PROMPT
from compute import attention, runs, texts
from compute.attention import windows
from compute.errors import HeadscopeError
from compute.jobs import opening
from compute.runs import labels
from compute.scores import aggregate, classes, patterns

RULES = "number = (?i)ONE|two|three|four\nstop = [.,]"


@pytest.fixture(scope="module", autouse=True)
def run(shared_cache) -> dict:
    text = texts.save_user(texts.from_user(FIVE_LINES, name="Five lines"))
    return opening.open_run("demo-bert", text, quiet)


@pytest.fixture
def data(run: dict) -> runs.Run:
    return runs.load(run["key"])


def find(run: dict, rule: str, cells: str = "", passage: int | None = 1) -> dict:
    return callbacks.find(quiet, 1, run, rule, -1, "text", passage, cells)


def by_cell(classed: dict, cell: str, run: dict, least: object = None) -> tuple[str, object]:
    title, shown = callbacks.list_by_cell(classed, cell, "mean", least, run, at(run, 1, 2))
    return title, shown


def expected(data: runs.Run, pattern: patterns.Pattern, by: str) -> list[str]:
    rows = patterns.rows(patterns.rank(data, pattern, aggregate.of(data)), by)
    return [f"L{row.layer}H{row.head}" for row in rows]


def sent(content: bytes) -> str:
    return f"data:text/csv;base64,{base64.b64encode(content).decode()}"


def classify(run: dict, source: str, rules: str = "", file: bytes | None = None) -> dict:
    uploaded = sent(file) if file else None
    return callbacks.classify(quiet, 1, run, source, rules, uploaded, "all")


def matrix(classed: dict, run: dict, layer: int, head: int, cell: str = ""):
    return callbacks.draw_classes(classed, at(run, layer, head), "mean", cell, "light", run)


def test_a_passage_is_drawn_to_paint_on(run, data) -> None:
    figure = callbacks.draw_passage(at(run, 0, 0), run, 1, "light")
    np.testing.assert_allclose(figure.data[0].z, attention.of_passage(data, 0, 0, 0), atol=1e-5)
    with pytest.raises(HeadscopeError, match="no passage 6: this text has 1 to 5"):
        callbacks.draw_passage(at(run, 0, 0), run, 6, "light")


def test_of_a_long_passage_the_beginning_is_there_to_paint_on(run, data, monkeypatch) -> None:
    monkeypatch.setattr(windows, "LONG", 6)
    monkeypatch.setattr(windows, "SIZE", 4)
    figure = callbacks.draw_passage(at(run, 0, 0), run, 1, "light")
    whole = attention.of_passage(data, 0, 0, 0)
    np.testing.assert_allclose(figure.data[0].z, whole[:4, :4], atol=1e-5)
    assert figure.layout.xaxis.title.text.startswith("the first 4 of the passage's tokens")


def test_painted_cells_and_rules_rank_the_heads(run, data) -> None:
    painted = patterns.Pattern("painted", passage=0, cells=((2, 1, 1.0), (4, 2, 1.0)))
    rules = {rule: patterns.Pattern(rule) for rule in ("previous", "same")}
    for rule, pattern in {"painted": painted, **rules}.items():
        found = find(run, rule, "2-1,4-2")
        orders = {by: expected(data, pattern, by) for by in patterns.ORDERS}
        orders["fit"] = orders["mean" if rule == "painted" else "excess"]
        assert orders["mean"] != orders["excess"] or rule == "previous"
        for order, wanted in orders.items():
            shown = callbacks.list_found(found, run, at(run, 0, 0), order)
            assert listed(shown) == wanted
            by = "mean" if wanted == orders["mean"] and order != "excess" else "excess"
            told = "by attention on the pattern" if by == "mean" else "does not explain"
            assert told in said(shown) or rule == "previous"
            table, _ = saved.ranking(found, run, order)
            assert [f"L{row['layer']}H{row['head']}" for row in rows(table)] == wanted
    with pytest.raises(HeadscopeError, match="Nothing is painted"):
        find(run, "painted")
    with pytest.raises(HeadscopeError, match="Press “Find heads”, then save"):
        saved.ranking(None, run, "fit")


def test_averages_of_the_open_head(run, data) -> None:
    averaged, found = callbacks.average(quiet, {"run": run["key"]}), aggregate.of(data)
    places, offsets, note = callbacks.draw_average(averaged, at(run, 0, 0), "light", run)
    np.testing.assert_allclose(offsets.data[0].y, found.mean[0, 0], atol=1e-6)
    np.testing.assert_allclose(places.data[0].z, found.positions[0, 0], atol=1e-5)
    assert note == "L0H0, over 5 passages."


def test_classes_of_the_text_and_heads_by_a_cell(run, data) -> None:
    classed, found = classify(run, "role"), classes.of(data, labels.roles(data))
    figure, note, hidden = matrix(classed, run, 1, 2)
    assert figure.layout.meta["names"] == list(found.names) and not hidden
    _n_and_intervals_are_shown(figure, note, found)
    np.testing.assert_allclose(figure.data[0].z, found.mean[1, 2], atol=1e-5)
    ranked, cell = classes.rank(found, "other", "function word"), "other→function word"
    order = [f"L{row.layer}H{row.head}" for row in ranked]
    title, shown = by_cell(classed, cell, run)
    assert (title, listed(shown)) == ("Heads by other → function word", order)
    kept = rows(saved.by_cell(classed, run, cell, "mean", None)[0])
    assert [f"L{row['layer']}H{row['head']}" for row in kept] == order
    assert kept[0]["few"] == str(min(ranked[0].n, int(kept[0]["keys"])) < classes.FEW)
    assert np.isclose(float(kept[0]["lift"]), ranked[0].lift, rtol=1e-4)
    assert listed(by_cell(classed, cell, run, ranked[0].mean - 1e-6)[1]) == order[:1]
    assert "No head reaches 2" in by_cell(classed, cell, run, 2)[1].children
    assert "Click a cell" in by_cell(classed, "", run)[1].children


def _n_and_intervals_are_shown(figure, note: str, found: classes.Classes) -> None:
    """By each class its tokens, in each hover n and interval, and hatching over what is few."""
    columns = [f"{name} ({n})" for name, n in zip(found.names, found.tokens, strict=True)]
    assert list(figure.layout.xaxis.ticktext) == columns
    few = found.rests_on(1) < classes.FEW
    assert few.any() and not few.all() and "Hatched cells rest on fewer than 20 tokens" in note
    hatched = {(round(y), round(x)) for x, y in _middles(figure.data[1])}
    assert hatched == set(map(tuple, np.argwhere(few).tolist()))
    for cell, small in np.ndenumerate(few):
        told = figure.data[0].customdata[cell][0]
        assert f"n: {found.n[1][cell[0]]} quer" in told
        assert ("fewer than 20" in told) == small
        known = np.isfinite(found.low[1, 2][cell])
        low = f"(95 % {found.low[1, 2][cell]:.3f} … " if known else "no interval"
        assert low in told and "nan" not in told


def _middles(strokes) -> list[tuple[float, float]]:
    """Where the strokes of the hatching have their middles."""
    ends = [(x, y) for x, y in zip(strokes.x, strokes.y, strict=True) if x is not None]
    return [
        ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(ends[::2], ends[1::2], strict=True)
    ]


def test_classes_of_ones_own_by_pattern(run, data) -> None:
    found = classes.of(data, labels.SOURCES["rules"](data, RULES))
    classed = classify(run, "rules", RULES)
    figure, *_ = matrix(classed, run, 0, 0)
    assert figure.layout.meta["names"] == list(found.names)
    np.testing.assert_allclose(figure.data[0].z, found.mean[0, 0], atol=1e-5)
    assert found.tokens[found.names.index("number")] == 8  # one two three four, twice
    order = [f"L{row.layer}H{row.head}" for row in classes.rank(found, "number", "stop")]
    assert listed(by_cell(classed, "number→stop", run)[1]) == order
    with pytest.raises(HeadscopeError, match="no regular expression"):
        classify(run, "rules", "number = (")


def test_classes_of_a_file_of_labels(run, data) -> None:
    coloured = [i for i, token in enumerate(data.tokens.strings) if token == "red"]
    places = [(data.tokens.passage[i], data.tokens.position[i]) for i in coloured]
    file = "\n".join(["passage,position,label", *(f"{p},{i},colour" for p, i in places)]).encode()
    found = classes.of(data, labels.SOURCES["file"](data, file))
    assert found.tokens[found.names.index("colour")] == len(coloured) == 2
    figure, *_ = matrix(classify(run, "file", file=file), run, 0, 0)
    np.testing.assert_allclose(figure.data[0].z, found.mean[0, 0], atol=1e-5)
    assert callbacks.show_file(sent(file), "right.csv") == "right.csv: press Measure."
    assert callbacks.show_file(None, None) == FILE_PROMPT


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no file of labels yet"),
        (b"token,label\nzebra,animal\n", "does not match this text"),
        (b"word,kind\nbird,animal\n", "columns"),
        (bytes(range(128, 256)), "text"),
    ],
)
def test_files_that_are_none_are_told(run, content, said: str) -> None:
    with pytest.raises(HeadscopeError, match=said):
        classify(run, "file", file=content)
