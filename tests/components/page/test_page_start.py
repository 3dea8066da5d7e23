"""What a visitor sees first, with nothing said, and a slow map of it that is cancelled."""

import re

import numpy as np
from pages import (
    choose,
    message,
    numbers,
    reopen,
    run,
    until,
    wait_for,
    wait_for_address,
    wait_for_plot,
    wait_for_selection,
)

from compute import attention
from compute.maps import projection

# Counts who listens to Dash's store once `quiet.js` has it, before Dash makes its components.
LISTENERS = """(() => {
    window.listeners = 0;
    let stores, seen = false;
    const count = store => {
        const {subscribe} = store;
        store.subscribe = listener => { window.listeners += 1; return subscribe(listener); };
    };
    const get = () => {
        const {push} = stores;
        if (!seen) stores.push = store => { push(store); count(store); };
        seen = true;
        return stores;
    };
    Object.defineProperty(window, "dash_stores", {get, set: made => { stores = made; }});
})()"""


def test_the_first_look_and_a_map_that_is_cancelled(page, server, stored):
    page.add_init_script(LISTENERS)
    page.goto(server.url)
    for id in ("qk-map", "attention-heatmap", "head-grid", "induction-grid"):
        wait_for_plot(page, id)
    assert page.evaluate("() => window.listeners") > 0, "components are told too much by Dash"
    # What nobody has looked at yet is not on the page: it would slow down all else.
    assert page.locator(".stage[hidden] *, #qk-map-b, #attention-difference").count() == 0
    shown, data = run(page), stored(page)
    assert (shown["spec"], shown["text"]) == ("minilm", "prose")
    assert 2000 < shown["tokens"] == len(data.tokens)
    assert page.evaluate(
        "() => document.querySelector('#qk-map .js-plotly-plot')._fullData.map(t => t.name)"
    ) == ["query", "key", "query-over"]
    for trace in (0, 1):
        places = np.stack([numbers(page, "qk-map", trace, axis) for axis in "xy"])
        assert places.shape == (2, shown["tokens"])
        assert np.isfinite(places).all() and places.std() > 0
    for id in ("head-grid", "induction-grid"):
        scores = numbers(page, id)
        assert scores.shape == (6, 12)
        assert np.isfinite(scores).all() and scores.min() >= 0 and scores.max() <= 1
    # It opens on the head for the token before, in the passage of a word that shows it.
    passage, token = 12, 403
    expected = attention.of_passage(data, 0, 2, passage)
    assert page.locator("#passage .word.chosen").inner_text() == data.tokens.strings[token]
    assert data.tokens.strings[token - 1 : token + 1] == ("everybody", "remembered")
    start = data.tokens.starts[passage]
    assert expected[token - start, token - start - 1] > 0.99
    assert np.allclose(numbers(page, "attention-heatmap"), expected, atol=1e-6)
    facts = page.inner_text("#run-state")
    assert "6 × 12 heads" in facts and f"{shown['tokens']:,} tokens in 76 passages" in facts
    note = page.inner_text("#induction-note")
    assert "50 trials" in note and "seed 0" in note and "random tokens repeated" in note
    until(lambda: len(page.inner_text("#score-note")) > 20, "the note of the score", page)
    told = r"previous token \d\.\d\d"
    until(lambda: re.search(told, page.inner_text("#head-facts")), "the facts", page)
    why = "Opened here, since no head looks at the token before more clearly"
    until(lambda: page.inner_text("#first-why") == f"{why} (1.00).", "the reason", page)
    _another_model_opens_on_its_clearest_head(page, why)
    choose(page, layer_select="0", head_select="0", method_select="pca", model_select="minilm")
    reopen(page, "minilm", "prose")
    assert page.is_hidden("#first-note")  # from now on the person chooses
    pca = projection.fit(projection.cloud(data, 0, 0), "pca").q[:, 0]
    until(lambda: np.allclose(numbers(page, "qk-map", 0, "x"), pca, atol=1e-4), "the PCA", page)
    _a_map_is_cancelled(page)


def _another_model_opens_on_its_clearest_head(page, why):
    choose(page, model_select="demo-gpt")
    wait_for(page, "() => window.headscope.run.spec === 'demo-gpt'")
    wait_for_address(page, model="demo-gpt", layer="0", head="0", role="query")
    until(lambda: page.inner_text("#first-why").startswith(why), "the reason", page)
    place = wait_for_selection(page)
    query = place["selection"]["token"] - place["start"]
    assert place["weights"][query - 1] > 0.9  # the token that is selected shows it
    page.click("#first-close")
    assert page.is_hidden("#first-note")


def _a_map_is_cancelled(page):
    first, colour = numbers(page, "qk-map", 0, "x"), "[0].marker.color"
    choose(page, method_select="tsne")  # takes many seconds on any machine
    page.wait_for_selector("#map-job", state="visible")
    choose(page, colour_select="position")  # a running job holds nothing back
    shown = "document.querySelector('#qk-map .js-plotly-plot')._fullData"
    wait_for(page, f"() => typeof {shown}{colour} !== 'string'")
    choose(page, head_select="1")
    until(lambda: (numbers(page, "qk-map", 0, "x") != first).any(), "the other head", page)
    page.wait_for_selector("#map-job", state="visible")
    page.click("#map-cancel")
    assert "Cancelled" in message(page)
    page.wait_for_selector("#map-job", state="hidden")
    choose(page, method_select="pca", head_select="0")
    until(lambda: (numbers(page, "qk-map", 0, "x") == first).all(), "the page to go on", page)
    page.wait_for_selector("#error-toast", state="hidden")
    held = []

    def hold(route) -> None:
        """Keep the request that starts the map back until "Cancel" was pressed."""
        asked = route.request.post_data_json
        starts = "wanted.data" in asked["changedPropIds"] and "job=" not in route.request.url
        if starts and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/_dash-update-component*", hold)
    choose(page, method_select="tsne")  # what was cancelled can be begun again
    until(lambda: held, "the request", page)
    page.click("#map-cancel")  # before the server has heard of it
    held[0].continue_()
    assert "Cancelled" in message(page)
    page.wait_for_selector("#map-job", state="hidden")
