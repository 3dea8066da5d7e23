"""What a visitor sees first, with nothing said."""

import re

import numpy as np
from pages import numbers, run, until, wait_for_plot

from compute.runs import attention


def test_the_first_look(page, server, stored):
    page.goto(server.url)
    for id in ("qk-map", "attention-heatmap", "head-grid", "induction-grid"):
        wait_for_plot(page, id)
    # What nobody has looked at yet is not on the page: it would slow down all else.
    assert page.locator(".stage[hidden] *, #qk-map-b, #attention-difference").count() == 0
    shown, data = run(page), stored(page)
    assert (shown["spec"], shown["text"]) == ("minilm", "prose")
    assert 2000 < shown["tokens"] == len(data.tokens)
    assert page.evaluate(
        "() => document.querySelector('#qk-map .js-plotly-plot')._fullData.map(t => t.name)"
    ) == ["query", "key"]
    for trace in (0, 1):
        places = np.stack([numbers(page, "qk-map", trace, axis) for axis in "xy"])
        assert places.shape == (2, shown["tokens"])
        assert np.isfinite(places).all() and places.std() > 0
    for id in ("head-grid", "induction-grid"):
        scores = numbers(page, id)
        assert scores.shape == (6, 12)
        assert np.isfinite(scores).all() and scores.min() >= 0 and scores.max() <= 1
    expected = attention.of_passage(data, 0, 0, 0)
    assert np.allclose(numbers(page, "attention-heatmap"), expected, atol=1e-6)
    facts = page.inner_text("#run-state")
    assert "6 × 12 heads" in facts and f"{shown['tokens']:,} tokens in 76 passages" in facts
    note = page.inner_text("#induction-note")
    assert "50 trials" in note and "seed 0" in note and "random tokens repeated" in note
    until(lambda: len(page.inner_text("#score-note")) > 20, "the note of the score", page)
    told = r"previous token \d\.\d\d"
    until(lambda: re.search(told, page.inner_text("#head-facts")), "the facts", page)
