"""The tables of the menu that saves, and what it says when there is nothing to save yet."""

import io

import numpy as np
import pyarrow.parquet
import pytest
from drawn import rows
from stored import column, quiet, random_cross

from components.page import take_away
from compute import attention, runs
from compute.attention import windows
from compute.errors import HeadscopeError
from compute.jobs import opening, scoring
from compute.maps import projection
from compute.take_away import export

PCA = ("pca", "2", None, "none", "after")
AT = (0, 1)


def shown(run: runs.Run) -> dict:
    return column(run, *AT)["run"]


def test_the_map_as_a_table(run) -> None:
    made, name = take_away.map_table(shown(run), *AT, *PCA)
    found, n = rows(made), len(run.tokens)
    layout = projection.fit(projection.cloud(run, *AT), "pca")
    assert name == ("map", "Made by hand-prose-L0H1", "pca") and len(found) == 2 * n
    assert [row["role"] for row in found[::n]] == ["query", "key"]
    places = np.array([[float(row["x"]), float(row["y"])] for row in found])
    assert np.allclose(places, np.concatenate([layout.q, layout.k]), rtol=1e-4, atol=1e-5)
    parquet = pyarrow.parquet.read_table(io.BytesIO(export.write(made, "parquet"))).to_pydict()
    assert list(parquet) == list(found[0])
    assert parquet["token"] == [row["token"] for row in found]
    assert np.allclose(parquet["x"], places[:, 0], rtol=1e-5, atol=1e-5)
    with pytest.raises(HeadscopeError, match=r"still being fitted\. Wait until it is ready"):
        take_away.map_table(shown(run), *AT, "attention", *PCA[1:])


def test_the_heatmap_as_a_table(run) -> None:
    chosen = {"role": "query", "token": 29}
    made, name = take_away.heatmap_table(shown(run), *AT, chosen, False, False)
    found, expected = rows(made), attention.of_passage(run, *AT, 2)
    values = np.array([float(row["attention"]) for row in found]).reshape(expected.shape)
    assert np.allclose(values, expected, atol=1e-5) and name[-1] == "passage3"
    assert [found[i]["query_token"] for i in (0, 12)] == list(run.tokens.strings[24:26])
    assert [row["key_token"] for row in found[:12]] == list(run.tokens.strings[24:36])


def test_of_a_long_passage_the_name_of_the_file_says_which_part_it_holds(run, monkeypatch) -> None:
    monkeypatch.setattr(windows, "LONG", 10)
    monkeypatch.setattr(windows, "SIZE", 4)
    chosen = {"role": "query", "token": 29, "window": [5, 1]}
    made, name = take_away.heatmap_table(shown(run), *AT, chosen, False, False)
    found, expected = rows(made), attention.of_passage(run, *AT, 2)[5:9, 1:5]
    assert name[-1] == "passage3-queries-5-8-keys-1-4"
    assert (found[0]["query"], found[0]["key"]) == ("5", "1")
    assert np.allclose([float(row["attention"]) for row in found], expected.ravel(), atol=1e-5)


def test_the_scores_as_a_table(run) -> None:
    with pytest.raises(
        HeadscopeError, match=r"still being computed\. Wait for the grid, then save"
    ):
        take_away.scores_table(shown(run))
    scoring.score_heads(run.key, quiet)
    made, name = take_away.scores_table(shown(run))
    found = {(row["layer"], row["head"]) for row in rows(made)}
    assert found == {(str(i), str(j)) for i in range(2) for j in range(3)}
    assert name == ("scores", "Made by hand", "prose")


def test_nothing_is_saved_while_nothing_is_open(run) -> None:
    with pytest.raises(HeadscopeError, match="Nothing is open yet"):
        take_away.scores_table(None)


def test_the_dossier_is_named_after_its_head(run) -> None:
    found = take_away.save_dossier(quiet, 1, shown(run), *AT)
    assert found["file"]["filename"] == "dossier-Made by hand-prose-L0H1.html"
    assert "<title>Head L0H1 of Made by hand" in found["file"]["content"]
    assert found["needs"] == [runs.RUNS.ref(run.key)]


def test_a_heatmap_of_cross_attention_has_keys_of_the_source(shared_cache) -> None:
    opened = opening.open_run("demo-pairs", "pairs", quiet, part="cross")
    data, chosen = runs.load(opened["key"]), {"role": "query", "token": 9}
    made, _ = take_away.heatmap_table(opened, "2", "1", chosen, False, False)
    found, expected = rows(made), attention.of_passage(data, 2, 1, 1)
    assert len(found) == expected.size and expected.shape[0] != expected.shape[1]
    names = [row["key_token"] for row in found[: expected.shape[1]]]
    assert names == list(data.keys.strings[data.key_span(1)])
    assert found[-1]["query_token"] == data.tokens.strings[data.span(1)][-1]
    assert float(found[-1]["attention"]) == pytest.approx(expected[-1, -1], abs=1e-5)


def test_the_map_of_cross_attention_has_queries_and_keys_of_two_texts(cache) -> None:
    run = random_cross()
    made, name = take_away.map_table(shown(run), *AT, *PCA)
    found, n = rows(made), len(run.tokens)
    assert name[1] == "Made by hand-cross-prose-L0H1" and len(found) == n + len(run.keys)
    assert [found[i]["role"] for i in (n - 1, n)] == ["query", "key"]
    assert [row["token"] for row in found[n:]] == list(run.keys.strings)
