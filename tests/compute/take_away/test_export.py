"""Tables are read back and hold what they were made of."""

import csv
import io

import numpy as np
import pyarrow.parquet
import pytest
from patterns import cross_run, random_run, run_of

from compute.attention.exact import of_passage
from compute.errors import HeadscopeError
from compute.maps import projection
from compute.maps.cloud import Layout
from compute.runs.labels import Labels
from compute.scores import aggregate, head_similarity, heads, patterns
from compute.scores.classes import of as classes_of
from compute.take_away import export, selected_tables
from compute.trust import trust


def read(table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(export.write(table, "csv").decode())))


def test_a_map_has_all_its_points() -> None:
    run, _ = random_run()
    rng = np.random.default_rng(0)
    n = len(run.tokens)
    layout = Layout(*rng.normal(size=(2, n, 2)).astype(np.float32))
    trusted = trust.trust(projection.cloud(run, 1, 2), layout)
    table = read(export.map_table(run, 1, 2, layout, trusted))
    assert ",".join(table[0]) == "role,passage,position,token,x,y,attention_received,trust"
    assert len(table) == 2 * n
    assert [row["role"] for row in (table[0], table[n])] == ["query", "key"]
    at = int(run.tokens.starts[2]) + 3
    row = table[n + at]
    assert (row["passage"], row["position"], row["token"]) == ("2", "3", run.tokens.strings[at])
    assert float(row["y"]) == pytest.approx(layout.k[at, 1], rel=1e-5)
    mean = of_passage(run, 1, 2, 2)[:, 3].mean()
    assert float(row["attention_received"]) == pytest.approx(mean, rel=1e-5)
    assert table[at]["attention_received"] == ""
    known = np.flatnonzero(np.isfinite(trusted.q))[0]
    assert float(table[known]["trust"]) == pytest.approx(trusted.q[known], rel=1e-5)


def test_three_dimensions_and_causal_models() -> None:
    run, _ = random_run(causal=True)
    n = len(run.tokens)
    table = read(export.map_table(run, 0, 0, Layout(*np.zeros((2, n, 3), np.float32)), None))
    assert "z" in table[0]
    assert {row["trust"] for row in table} == {""}
    last = int(run.tokens.starts[1]) - 1
    own = of_passage(run, 0, 0, 0)[-1, -1]
    assert float(table[n + last]["attention_received"]) == pytest.approx(own, rel=1e-5)
    with pytest.raises(HeadscopeError, match="no head L9H0"):
        export.received(run, 9, 0)


def test_tokens_with_commas_quotes_and_line_breaks_come_back() -> None:
    words = ["[CLS]", ",", '"', "a;b", "é", "[SEP]"]
    run = run_of(words)
    layout = Layout(*np.zeros((2, 6, 2), np.float32))
    assert [row["token"] for row in read(export.map_table(run, 0, 0, layout, None))][:6] == words


def test_tables_of_numbers() -> None:
    run, _ = random_run()
    scores = heads.score(run)
    table = read(export.scores_table(scores))
    row = next(r for r in table if (r["layer"], r["head"], r["score"]) == ("1", "2", "self"))
    assert float(row["mean"]) == pytest.approx(scores.of("self").mean[1, 2], rel=1e-5)
    averages = aggregate.of(run)
    row = next(
        r
        for r in read(export.offsets_table(averages))
        if (r["layer"], r["head"], r["offset"]) == ("0", "1", "-2")
    )
    assert float(row["mean"]) == pytest.approx(averages.mean[0, 1, 6], rel=1e-5)
    assert int(row["n"]) == averages.n[0, 6]
    row = read(export.positions_table(averages, 1, 1))[14 * 3 + 2]
    assert (row["query"], row["key"]) == ("3", "2")
    assert float(row["mean"]) == pytest.approx(averages.positions[1, 1, 3, 2], rel=1e-5)


def test_tables_of_classes_patterns_and_likeness() -> None:
    run, _ = random_run()
    labels = Labels(("a", "b"), np.arange(len(run.tokens)) % 2)
    found = classes_of(run, labels)
    row = read(export.classes_table(found))[2]
    assert (row["layer"], row["head"], row["query"], row["key"]) == ("0", "0", "b", "a")
    assert float(row["lift"]) == pytest.approx(found.lift[0, 0, 1, 0], rel=1e-5)
    assert (int(row["n"]), int(row["keys"])) == (found.n[0, 1], found.tokens[0])
    assert row["few"] == str(min(found.n[0, 1], found.tokens[0]) < 20)
    ranking = patterns.rank(run, patterns.Pattern("previous"), aggregate.of(run))
    rows = read(export.ranking_table(ranking))
    assert [float(r["excess"]) for r in rows] == sorted(
        (float(r["excess"]) for r in rows), reverse=True
    )
    assert len(rows) == 6
    pairs = read(export.likeness_table(alike := head_similarity.all_pairs(run, run)))
    assert len(pairs) == 15
    last = pairs[-1]
    assert (last["layer_a"], last["head_a"], last["layer_b"], last["head_b"]) == tuple("1112")
    assert float(last["divergence"]) == pytest.approx(alike.divergence[1, 1, 1, 2], rel=1e-5)


def test_formats() -> None:
    assert export.write({"a": [1, float("nan")]}, "csv") == b'a\n1\n""\n'
    with pytest.raises(HeadscopeError, match="no format xls"):
        export.write({"a": [1]}, "xls")
    file = io.BytesIO(export.write({"a": [1, 2], "b": np.array([0.5, np.nan])}, "parquet"))
    back = pyarrow.parquet.read_table(file).to_pydict()
    assert back["a"] == [1, 2] and back["b"][0] == 0.5 and np.isnan(back["b"][1])


def test_rows_and_records_become_columns() -> None:
    assert export.of_rows(("a", "b"), iter([(1, None), (2, 3.5)])) == {
        "a": [1, 2],
        "b": [None, 3.5],
    }
    near = [head_similarity.Neighbour(0, 1, 0.25), head_similarity.Neighbour(2, 3, 0.5)]
    assert export.of_records(near) == {"layer": [0, 2], "head": [1, 3], "divergence": [0.25, 0.5]}


def test_two_heads_side_by_side() -> None:
    run, _ = random_run()
    scores = heads.score(run)
    row = read(export.pair_table(scores, (0, 1), scores, (1, 2)))[list(scores.names).index("self")]
    both = scores.of("self")
    assert float(row["a_mean"]) == pytest.approx(both.mean[0, 1], rel=1e-5)
    assert float(row["b_high"]) == pytest.approx(both.high[1, 2], rel=1e-5)
    assert float(row["difference"]) == pytest.approx(both.mean[0, 1] - both.mean[1, 2], rel=1e-4)


def test_a_map_of_cross_attention_lists_targets_and_then_sources() -> None:
    run = cross_run()
    layout = projection.fit(projection.cloud(run, 0, 1), "pca")
    table = export.map_table(run, 0, 1, layout, None)
    assert table["role"] == ["query"] * 12 + ["key"] * 11
    assert table["token"] == [*run.tokens.strings, *run.keys.strings]
    assert {len(column) for column in table.values()} == {23}
    weights = [of_passage(run, 0, 1, p) for p in range(2)]
    mean = np.concatenate([each.mean(0) for each in weights])
    np.testing.assert_allclose(table["attention_received"][12:], mean, atol=1e-6)


def test_selected_keys_of_cross_attention_stand_among_their_sources_words() -> None:
    run = cross_run()
    table = selected_tables.contexts(run, np.array([8]), np.array([8]))
    assert table["passage"] == [2, 2] and table["position"] == [1, 2]
    assert table["token"] == ["20", "22"] and table["after"] == ["21 10 11", "23 3"]


def test_scores_that_one_of_two_heads_lacks_are_not_compared() -> None:
    pair = heads.score(random_run()[0]), heads.score(cross_run())
    table = export.pair_table(pair[0], (0, 0), pair[1], (1, 2))
    assert table["score"] == ["entropy", "relative_entropy", "special"]
    assert table["b_mean"][0] == pair[1].of("entropy").mean[1, 2]
    assert table["difference"] == pytest.approx(table["a_mean"] - table["b_mean"])
