"""The map by a property: its field, its address, and what is said of a property that is none."""

import numpy as np
from pages import numbers, show, until, wait_for_address

from compute.maps import projection


def expected(run, said: str) -> np.ndarray:
    points = projection.cloud(run, 1, 0)
    return projection.fit(points, "property", options={"property": said}).q[:, 0]


def test_a_property_is_typed_linked_and_drawn(page, server, stored):
    view = {"model": "demo-gpt", "text": "prose", "layer": 1, "head": 0}
    show(page, server, **view, map="property", property="same@-1")

    def drawn(said: str) -> bool:
        found, known = numbers(page, "qk-map", 0, "x"), expected(stored(page), said)
        return found.shape == known.shape and np.allclose(found, known, atol=1e-3)

    until(lambda: drawn("same@-1"), "the map of the address", page)
    page.click("#map-more")
    assert page.input_value("#property-input") == "same@-1"
    page.fill("#property-input", "class:punctuation")
    page.press("#property-input", "Enter")
    until(lambda: drawn("class:punctuation"), "the map of what was typed", page)
    wait_for_address(page, map="property", property="class:punctuation")
    page.fill("#property-input", "colour")
    page.press("#property-input", "Enter")
    until(lambda: "There is no property “colour”" in page.inner_text("body"), "a sentence", page)
