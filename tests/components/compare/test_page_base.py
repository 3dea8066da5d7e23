"""A model with an adapter beside the one that it was made from."""

import numpy as np
import tiny
from lora import adapted
from pages import run, show, until, wait_for, wait_for_address, wait_for_matrix

from compute import attention, runs


def test_an_adapter_beside_its_base(page, server, small, stored, tmp_path):
    base = tiny.save(tmp_path / "base", "bert")
    adapted(tiny.net("bert"), tmp_path / "lora")
    show(page, server, text=small, layer=1, head=2)
    assert not page.is_visible("#b-base")
    page.select_option("#model-select", "other")
    page.fill("#model-input", f"{base} + {tmp_path / 'lora'}")
    page.click("#model-open")
    until(lambda: run(page)["model"]["name"] == "base + lora", "the adapter", page)
    page.click("#compare-toggle")
    page.click("#b-bare")
    title = "() => document.getElementById('b-title').textContent === 'base on Five lines'"
    wait_for(page, title)
    page.wait_for_selector("#b-base", state="hidden")
    a, b = stored(page), runs.RUNS.get(page.evaluate("() => window.headscope.runB.key"))
    assert (a.model.base, b.model.spec, b.model.base) == (str(base), str(base), "")
    at = int(page.input_value("#layer-select")), int(page.input_value("#head-select"))
    each = [attention.of_passage(data, *at, 0) for data in (a, b)]
    assert np.abs(each[0] - each[1]).max() > 0.001
    wait_for_matrix(page, "attention-difference", each[0] - each[1])
    wait_for_address(page, **{"b-model": str(base)})
