"""What the view "Which property of the tokens" says and draws; heads made by hand have answers."""

from dataclasses import replace

import planted
import pytest
from dash.exceptions import PreventUpdate
from drawn import at, inside, listed, rows, said
from pydantic import TypeAdapter, ValidationError
from stored import quiet, random_cross, random_run

from components.properties import callbacks, figures, forms, saved, words
from compute import runs, store
from compute.errors import HeadscopeError
from compute.notes import selections
from compute.properties.every_head import PROPERTIES
from compute.properties.finding import FINDINGS

pytestmark = pytest.mark.usefixtures("shared_cache")


@pytest.fixture(scope="module")
def run(shared_cache) -> dict:
    """A run of one head in which equal words meet."""
    made = replace(planted.same_word(), key=store.key("planted for the page"))
    runs.RUNS.put(made.key, made)
    return {"key": made.key, "model": {"name": made.model.name}}


def asked(run: dict, **more: object) -> dict:
    return at(run, 0, 0) | {"said": "same@0", "queries": [], "keys": []} | more


def of_all(run: dict, **more: object) -> dict:
    return {name: asked(run, **more)[name] for name in ("run", "said", "queries", "keys")}


@pytest.fixture(scope="module")
def found(run) -> dict:
    done = callbacks.of_head(quiet, asked(run))
    assert done["needs"] == [[FINDINGS.kind, done["name"]]]
    return done


@pytest.fixture(scope="module")
def every(run) -> dict:
    return callbacks.of_heads(quiet, of_all(run))


def test_a_head_that_uses_a_property_is_said_to(found, run) -> None:
    lead, hidden, pairs, verdict, meaning, few, table, figure, of_map, no_map = callbacks.draw_head(
        found, at(run, 0, 0), "light", run
    )
    assert (lead, hidden, few, of_map, no_map) == ("", False, False, "same@0", False)
    assert pairs == "L0H0 · pairs in which the key is the query's token"
    assert verdict.startswith("It uses it: without ") and "because of this property" in meaning
    known = FINDINGS.get(found["name"])
    assert f"{known.rank} of {known.dims}" in said(table) and "95 % interval +" in said(table)
    spread, dots = figure.data
    whole, removed, at_random, principal = dots.x
    assert (whole, removed, principal) == (known.attention, known.removed, known.principal)
    assert spread.x[0] <= at_random <= spread.x[1] and removed < spread.x[0]
    assert figure.layout.yaxis.categoryarray[0] == "as it is"


def test_what_has_no_effect_is_said_in_words(found, run) -> None:
    known = FINDINGS.get(found["name"])
    for verdict, sentence in (
        ("effectless", "To separate is not to use"),
        ("unspecific", "this does not show that the property"),
        ("chance", "not this property"),
    ):
        assert sentence in words.meaning(replace(known, verdict=verdict))
    away = replace(known, verdict="chance", advantage=-0.5, advantage_low=-0.9, advantage_high=-0.1)
    assert "looks away from such pairs" in words.meaning(away)
    assert words.numbers(away)[1][1] == "–" and words.numbers(away)[2][1] == "−0.50"
    assert words.numbers(replace(known, share=-0.2))[1][1] == "−20%"
    one = words.without(replace(known, rank=1))
    assert one[1] == "without its 1 direction" and one[3] == "without the principal component"


def test_all_heads_are_listed_and_a_grid_drawn(found, every, run) -> None:
    hidden, told, grid, listing = callbacks.draw_all(every, found, at(run, 0, 0), "dark", run)
    assert not hidden and "of 1 heads 1 uses them." in told
    assert listed(listing) == ["L0H0"] and "uses it" in said(listing)
    effect = PROPERTIES.get(every["name"]).of("effect")
    assert grid.data[0].z == pytest.approx(effect) and grid.data[0].zmin == -grid.data[0].zmax
    assert "uses it" in grid.data[0].customdata[0, 0, 0]
    assert any(getattr(part, "className", "") == "open-head" for part in inside(listing))


def test_heads_that_do_nothing_of_it(run) -> None:
    of = {"key": random_run(passages=14, length=20).key, "model": {"name": "Made by hand"}}
    done = callbacks.of_heads(quiet, of_all(of))
    known = PROPERTIES.get(done["name"])
    assert "of 6 heads" in words.every(known) and "none of them" in words.every(known)
    blank = replace(known, verdict=known.verdict * 0 - 1, numbers=known.numbers * float("nan"))
    grid = figures.grid(blank, False)
    assert grid.data[0].customdata[0, 0].tolist() == ["not stored", ""]


def test_nothing_of_another_head_property_or_run_stays(found, every, run) -> None:
    place = at(run, 0, 0)
    lead, hidden, *_ = callbacks.draw_head(found | {"head": 1}, place, "light", run)
    assert lead == "L0H0 is not measured yet. Press Measure this head." and hidden
    assert callbacks.draw_head(None, place, "light", run)[0] == words.EMPTY.format("L0H0")
    other = found | {"of": store.key("other")}
    assert callbacks.draw_all(every, other, place, "light", run)[0] is True
    assert callbacks.draw_all(None, found, place, "light", run)[0] is True
    another = run | {"key": "0" * 24}
    lead, hidden, *_ = callbacks.draw_head(found, at(another, 0, 0), "light", another)
    assert lead == words.EMPTY.format("L0H0") and hidden
    with pytest.raises(PreventUpdate):
        callbacks.draw_head(found, at(another, 0, 0), "light", run)


def test_what_is_typed_is_explained_at_once() -> None:
    meant, code, hidden = callbacks.explain("regex:^[A-Z]")
    assert "regular expression" in meant and code == "--property 'regex:^[A-Z]'" and not hidden
    assert callbacks.explain(forms.LASSO)[1:] == ("", True)
    assert callbacks.explain("selection:mine")[1] == "--property selection:mine"
    problem, code, hidden = callbacks.explain("same@")
    assert "no whole number from −500 to 500" in said(problem) and (code, hidden) == ("", True)
    assert "regex:" in said(callbacks.explain("regex:")[0])


def test_selected_points_are_a_property(run) -> None:
    ids = runs.load(run["key"]).tokens.ids
    some = [int(n) for n in (ids == 1).nonzero()[0]]
    selections.keep(run["key"], "ones", some, some)
    assert "ones" in [option.value for option in callbacks.allow(run)[3]]
    kept = callbacks.of_head(quiet, asked(run, said="selection:ones"))
    lassoed = callbacks.of_head(quiet, asked(run, said=forms.LASSO, queries=some, keys=some))
    findings = [FINDINGS.get(done["name"]) for done in (kept, lassoed)]
    assert [each.said for each in findings] == ["selected"] * 2
    assert callbacks.draw_head(lassoed, at(run, 0, 0), "light", run)[-1] is True  # no map
    with pytest.raises(HeadscopeError, match="No queries and keys are selected"):
        callbacks.of_head(quiet, asked(run, said=forms.LASSO))


def test_what_can_not_be_asked_is_refused(run) -> None:
    assert callbacks.allow(run)[:3] == ("", True, False)
    short = {"key": random_run(passages=3, length=6).key}
    why, unrefused, no_ask, _ = callbacks.allow(short)
    assert "That is too little" in why and not unrefused and no_ask
    assert "queries and keys are of two texts" in callbacks.allow({"key": random_cross().key})[0]
    form = TypeAdapter(forms.Asked)
    form.validate_python(asked(run))
    with pytest.raises(HeadscopeError, match="for the command line"):
        form.validate_python(asked(run, said="file:/etc/passwd"))
    with pytest.raises(HeadscopeError, match="not of this text"):
        form.validate_python(asked(run, queries=[10**6]))
    with pytest.raises(ValidationError):
        form.validate_python(asked(run, said="regex:" + "a" * 1001))


def test_tables_to_save(found, every, run) -> None:
    table, name = saved.head(found, run)
    assert name == ("property", run["model"]["name"], "same-0", "L0H0")
    assert rows(table)[0]["verdict"] == "uses it"
    assert len(rows(saved.heads(every, run)[0])) == 1
    with pytest.raises(HeadscopeError, match="Nothing is measured yet"):
        saved.heads(None, run)
