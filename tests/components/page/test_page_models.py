"""Other models: built in, from a folder, and such that cannot be opened."""

import shutil

import numpy as np
from pages import (
    ROOT,
    dismiss,
    message,
    numbers,
    query,
    reopen,
    run,
    show,
    until,
    wait_for_address,
    wait_for_plot,
)


def test_a_switch_to_a_causal_model(page, server, small):
    show(page, server, text=small)
    page.select_option("#model-select", "demo-gpt")
    reopen(page, "demo-gpt", small)
    wait_for_address(page, model="demo-gpt", text=small)
    until(lambda: not np.triu(numbers(page, "attention-heatmap"), 1).any(), "causality", page)
    assert page.query_selector("#error-toast.show") is None


def test_fewer_heads_than_before(page, server, small):
    """A head that the new model does not have gives way to one that it has, without an error."""
    show(page, server, model="minilm", text=small, layer=5, head=11)
    page.select_option("#model-select", "demo-bert")
    reopen(page, "demo-bert", small)
    wait_for_address(page, layer="2", head="3", model="demo-bert")
    assert page.query_selector("#error-toast.show") is None


def type_model(page, spec):
    page.select_option("#model-select", "other")
    page.fill("#model-input", spec)
    page.click("#model-open")


def test_a_bad_model_name(again, small):
    page = again(text=small)
    shown = numbers(page, "attention-heatmap")
    for spec, part in (
        ("nobody/has-such-a-model", "nobody/has-such-a-model is not on this machine"),
        ("/no/such/folder", "/no/such/folder"),
        ("not a name!", "not a name!"),
    ):
        type_model(page, spec)
        sentence = message(page)
        assert part in sentence and "Traceback" not in sentence and "Error" not in sentence
        until(lambda: page.input_value("#model-select") == "demo-bert", "the old model", page)
        assert page.input_value("#text-select") == small
        assert run(page)["spec"] == query(page)["model"] == "demo-bert"
        dismiss(page)
    page.locator("body").press("ArrowRight")
    until(lambda: (numbers(page, "attention-heatmap") != shown).any(), "the next head", page)


def test_the_dialog_can_be_left(again, small):
    page = again(text=small)
    page.select_option("#model-select", "other")
    page.wait_for_selector("#model-input")
    page.keyboard.press("Escape")
    page.wait_for_selector("#model-input", state="detached")
    assert page.input_value("#model-select") == "demo-bert"
    page.select_option("#model-select", "other")
    page.wait_for_selector("#model-input")


def test_a_model_in_a_folder(page, server, small, tmp_path):
    folder = tmp_path / "my model"
    shutil.copytree(ROOT / "data" / "models" / "demo-gpt", folder)
    show(page, server, text=small)
    type_model(page, str(folder))
    reopen(page, str(folder), small)
    wait_for_address(page, model=str(folder))
    assert page.locator("#model-select option:checked").inner_text() == "my model"
    page.reload()
    wait_for_plot(page, "qk-map")
    assert run(page)["spec"] == str(folder)
