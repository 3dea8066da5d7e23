"""The stage "Patterns" with cross-attention: two sides everywhere, and rules that can join them."""

import numpy as np
import pytest
from drawn import at, said
from stored import quiet

from components.patterns import callbacks, saved, stage
from compute import attention, runs
from compute.errors import HeadscopeError
from compute.jobs import opening
from compute.scores.patterns import PAINTED


@pytest.fixture(scope="module")
def run(shared_cache) -> dict:
    return opening.open_run("demo-pairs", "pairs", quiet, part="cross")


def find(run: dict, rule: str, cells: str = "") -> dict:
    return callbacks.find(quiet, 1, run, rule, 1, "text", 1, cells)


def test_the_passage_to_paint_on_has_the_targets_rows_and_the_sources_columns(run) -> None:
    data = runs.load(run["key"])
    figure = callbacks.draw_passage(at(run, 2, 1), run, 2, "light")
    z = np.array(figure.data[0].z)
    np.testing.assert_allclose(z, attention.of_passage(data, 2, 1, 1), rtol=1e-6)
    assert (figure.layout.meta["query"], figure.layout.meta["key"]) == (
        data.span(1).start,
        data.key_span(1).start,
    )
    assert z.shape[0] != z.shape[1]


def test_heads_are_found_by_what_comes_next_and_by_painted_cells(run) -> None:
    found = find(run, "coming")
    shown = said(callbacks.list_found(found, run, at(run, 2, 1), "mean"))
    assert "Token that comes next" in shown and "Over 296 queries" in shown
    table, _ = saved.ranking(found, run, "mean")
    assert table["layer"][0] in (1, 2) and table["mean"][0] > 0.95
    last = callbacks.draw_passage(at(run, 0, 0), run, 1, "light").data[0].z.shape[1] - 1
    assert find(run, PAINTED, f"1-{last}")["rule"] == PAINTED
    with pytest.raises(HeadscopeError, match="within one text"):
        find(run, "brackets")


def test_the_selector_offers_what_the_attention_can_have() -> None:
    within, across = (set(dict(stage._rules(square))) for square in (True, False))
    assert across - within == {"coming"} and "previous" in within
    assert across == {PAINTED, "offset", "same", "coming", "first"}


def test_averages_say_whose_places_they_count(run) -> None:
    averaged = callbacks.average(quiet, {"run": run["key"]})
    positions, offsets, note = callbacks.draw_average(averaged, at(run, 2, 1), "light", run)
    z = np.array(positions.data[0].z)
    assert (
        z.shape == (len(positions.data[0].y), len(positions.data[0].x)) and z.shape[0] != z.shape[1]
    )
    assert "target" in note and "source" in note and len(offsets.data)
    table, _ = saved.positions(averaged, run, "2", "1")
    assert len(table["query"]) == z.size


def test_classes_count_queries_of_the_target_and_keys_of_the_source(run) -> None:
    classed = callbacks.classify(quiet, 1, run, "role", "", None, "all")
    figure, _, hidden = callbacks.draw_classes(classed, at(run, 2, 1), "mean", "", "light", run)
    data, names = runs.load(run["key"]), figure.layout.meta["names"]
    special = names.index("special")
    rows, columns = figure.layout.yaxis.ticktext, figure.layout.xaxis.ticktext
    assert rows[special].endswith(f"({int(data.tokens.special.sum())})") and not hidden
    assert columns[special].endswith(f"({int(data.keys.special.sum())})")
