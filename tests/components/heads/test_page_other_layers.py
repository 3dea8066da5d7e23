"""A page of which only some layers are stored: which are, and how another one comes."""

from collections.abc import Iterator

import pytest
from pages import Server, address, call, query, run, sent, until, wait_for_plot
from stored import random_run

from components.heads import other_layers
from compute import runs
from compute.runs import cost


@pytest.fixture
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that stores one layer."""
    with Server(tmp_path_factory.mktemp("cache"), "--model", "demo-gpt", "--layers", "1") as server:
        yield server


def _offered(page, name="layer-select"):
    return page.eval_on_selector_all(
        f"#{name} option:not([disabled])", "all => all.map(o => o.value)"
    )


def test_a_layer_is_computed_once_its_cost_is_known(own, tab):
    page = tab()
    page.goto(address(own, model="demo-gpt", layer=2, head=3))
    page.wait_for_selector("#layer-dialog", state="visible")
    until(lambda: "(a pass through 3)" in page.inner_text("#layer-cost"), "the cost", page)
    said = page.inner_text("#layer-dialog")
    assert "Layer 2 of demo-gpt is not stored." in said and "of a budget of 2.0 GiB" in said
    assert run(page)["held"] == [1] and page.input_value("#layer-select") == "1"
    assert "these are stored: 1." in page.inner_text("#run-state")
    assert [v for v in _offered(page) if v] == ["1"]
    assert page.inner_text("#layer-select option:nth-child(4)") == "2 · not stored"
    page.click("#layer-compute")
    until(lambda: run(page)["held"] == [1, 2], "the layer", page)
    wait_for_plot(page, "qk-map")
    until(lambda: (query(page)["layer"], query(page)["head"]) == ("2", "3"), "its head", page)
    assert [v for v in _offered(page) if v] == ["1", "2"]
    page.locator("body").press("ArrowDown")  # over what is not stored
    until(lambda: query(page)["layer"] == "1", "the next stored layer", page)
    page.goto(address(own, model="demo-gpt", layer=2, head=3))  # what was computed is there again
    wait_for_plot(page, "qk-map")
    assert run(page)["held"] == [1, 2] and page.input_value("#layer-select") == "2"
    assert page.is_hidden("#layer-dialog")


def test_scripts_ask_for_what_is_not_stored(blank):
    blank.evaluate(
        "() => { window.headscope.run = "
        "{key: 'k', held: [1, 4], model: {layers: 6, heads: 4, name: 'M'}}; }"
    )
    near = "n => window.headscope.nearestStored(window.headscope.run, n)"
    assert [blank.evaluate(near, n) for n in range(6)] == [1, 1, 1, 4, 4, 4]
    blank.evaluate("() => window.headscope.openHead(3, 2)")
    found = sent(blank)
    assert "layer-select" not in found and found["layer-dialog"] == {"is_open": True}
    assert [o["value"] for o in found["layer-other"]["options"]] == ["0", "2", "3", "5"]
    assert found["layer-other"]["value"] == "3" and found["head-select"] == {"value": "2"}
    blank.evaluate("() => window.headscope.openHead(4, 0)")
    assert sent(blank)["layer-select"] == {"value": "4"}
    asked = call(blank, "computeLayer", 1, "3")
    assert asked["layers"] == "1,3,4"
    blank.evaluate("() => { document.body.append(document.createElement('i')); }")
    blank.evaluate("() => { document.body.lastChild.id = 'layer-others-place'; }")
    near = "run => window.headscope.layerOf(run, '4')"
    other = {"held": None, "spec": "other", "text": "t", "model": {"layers": 6}}
    assert blank.evaluate(near, other) == "4", "what was asked for is of another model"
    found = call(blank, "secondUse", 1, "same", "", "same", "L3H1", "zero")
    assert found["off"] == "L3H1", "a head of a layer that is not stored can be switched off"
    blank.evaluate("() => { window.headscope.run = null; }")


def test_the_cost_is_told_from_what_is_stored(cache) -> None:
    made = random_run()
    some = runs.run.replace(made, held=(0,), pace=30.0)
    runs.RUNS._open.put((runs.RUNS._open.get(made.key)[0], some), made.key)
    said = other_layers.tell_cost("1", {"key": made.key, "held": [0]})
    assert said == f"To be read: {cost.of_layer(some, 1)}, of a budget of 2.0 GiB."
    assert "72 tokens in 2 layers: 1 MiB of vectors, about 1 min" in said
