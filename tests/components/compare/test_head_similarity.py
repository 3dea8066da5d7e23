"""Two heads in numbers, the heads like one of them, and what of that can be saved."""

import re

import numpy as np
import pytest
from dash import html
from dash.exceptions import PreventUpdate
from drawn import inside, listed, said
from stored import column, quiet, random_cross, random_run

from components.compare import head_similarity as panel
from components.compare.column_b import open_run
from compute import runs
from compute.errors import HeadscopeError
from compute.jobs import scoring
from compute.scores import head_similarity, heads
from compute.scores.head_scores import HEAD_SCORES

A, B = (1, 2), (0, 1)


def sides(run: runs.Run, other: runs.Run | None = None) -> tuple[dict, dict]:
    return column(run, *A), column(other or run, *B)


def titles(lists: list) -> list[str]:
    return [part.children for part in inside(lists) if isinstance(part, html.H3)]


def test_a_difference_is_marked_where_the_printed_intervals_do_not_meet() -> None:
    def change(*heads: tuple[float, float, float]) -> object:
        return panel._row(HEAD_SCORES["previous"], *heads).children[-1].children

    assert change((0.5, 0.4, 0.6), (0.2, 0.1, 0.3)).children == "+0.300"  # in a mark
    assert change((0.5, 0.4, 0.6), (0.55, 0.5, 0.6)) == "-0.050"
    # what is apart in the tenth decimal alone is printed as equal, and is not marked
    small = (0.2, 0.2, 0.2), (0.2 + 1e-10, 0.2 + 1e-10, 0.2 + 1e-10)
    assert change(*small) == "0.000"


def test_nothing_is_shown_before_it_is_measured(run) -> None:
    assert "being computed" in panel.draw_numbers(*sides(run)).children
    assert "Press “Find heads like A”" in panel.list_alike(*sides(run), None).children
    with pytest.raises(HeadscopeError, match="scores are still being computed"):
        panel.pair_table(*sides(run))
    with pytest.raises(HeadscopeError, match="Press “Find heads like A”, then save"):
        panel.alike_table(*sides(run))
    for draw in (panel.draw_numbers, panel.list_alike):
        with pytest.raises(PreventUpdate):
            draw(None, None, None)
    assert panel.compare_all(quiet, None, None, None) is None


def test_two_heads_in_numbers_and_heads_like_a(run) -> None:
    scoring.score_heads(run.key, quiet)
    rows = panel.draw_numbers(*sides(run)).children[1].children
    assert len(rows) > 4 and not re.search("Divergence", str(rows))
    made = panel.compare_all(quiet, 1, {"key": run.key}, None)
    assert made["run"] == run.key and made["needs"]
    found = head_similarity.all_pairs(run, run)
    rows = panel.draw_numbers(*sides(run)).children[1].children
    assert rows[-1].children[-1].children == f"{found.divergence[(*A, *B)]:.3f}"
    lists = panel.list_alike(*sides(run), None)
    both = [head_similarity.nearest(found, *A, panel.COUNT, most=most) for most in (True, False)]
    assert listed(lists) == [f"L{n.layer}H{n.head}" for part in both for n in part]
    assert titles(lists) == ["Nearest to A", "Farthest from A"]
    assert said(lists).startswith("JS divergence from A, bits (0 = the same)")


def test_the_tables_of_two_heads(run) -> None:
    scoring.score_heads(run.key, quiet)
    panel.compare_all(quiet, 1, {"key": run.key}, None)
    pairs, name = panel.alike_table(*sides(run))
    assert {len(values) for values in pairs.values()} == {6 * 5 // 2}
    assert name == ("likeness", "Made_by_hand", "prose")
    pair, name = panel.pair_table(*sides(run))
    scores = heads.SCORES.get(heads.key(run.key))
    assert list(pair["score"]) == list(scores.names) and name[-2:] == ("L1H2", "L0H1")
    assert pair["a_mean"][0] == scores.mean[(0, *A)] and pair["b_low"][0] == scores.low[(0, *B)]


def test_heads_of_another_model_and_of_another_text(run) -> None:
    twin, other = random_run(seed=1), random_run(passages=3, seed=2)
    panel.compare_all(quiet, 1, {"key": run.key}, {"key": twin.key})
    lists = panel.list_alike(*sides(run, twin), None)
    assert titles(lists) == [
        f"{which} A in Made by hand" for which in ("Nearest to", "Farthest from")
    ]
    panel.compare_all(quiet, 1, {"key": run.key}, {"key": other.key})
    lists = panel.list_alike(*sides(run, other), None)
    assert titles(lists) == ["Changes most", "Changes least"]
    assert "each head is compared with itself" in lists[-1].children
    divergence = scoring.between_texts(run.key, other.key)
    most = np.unravel_index(divergence.argmax(), divergence.shape)
    assert listed(lists)[0] == "L{}H{}".format(*most)


def test_heads_of_cross_attention_and_of_another_part(run) -> None:
    cross = random_cross()
    panel.compare_all(quiet, 1, {"key": cross.key}, None)
    assert titles(panel.list_alike(*sides(cross), None)) == ["Nearest to A", "Farthest from A"]
    told = panel.list_alike(*sides(cross, run), None).children
    assert told.startswith("Only one of the two is cross-attention")
    with pytest.raises(HeadscopeError, match="Only one of the two is cross-attention"):
        panel.compare_all(quiet, 1, {"key": cross.key}, {"key": run.key})


def test_a_head_that_is_not_there_cannot_be_switched_off(cache) -> None:
    asked = {"model": "demo-bert", "text": "grammar", "off": "L7H0", "method": "zero"}
    with pytest.raises(HeadscopeError, match="has no head L7H0: its layers are 0 to 2"):
        open_run(quiet, asked)
