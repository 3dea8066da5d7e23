"""Other models and texts of one's own: chosen, typed, pasted, from a file, and unusable ones."""

import numpy as np
import tiny
from pages import (
    choose,
    dismiss,
    message,
    numbers,
    query,
    reopen,
    run,
    show,
    until,
    wait_for,
    wait_for_address,
    wait_for_plot,
)

WORDS = '<img src=x onerror="document.title=1"> & <b>bold</b>'


def open_text_dialog(page):
    page.select_option("#text-select", "own")
    page.wait_for_selector("#text-use")


def type_model(page, spec):
    page.select_option("#model-select", "other")
    page.fill("#model-input", spec)
    page.click("#model-open")


def test_texts_of_ones_own_and_other_models(page, server, small, stored, tmp_path):
    show(page, server, text=small)
    open_text_dialog(page)
    page.click("#text-use")
    assert "There is no text in it." in message(page)
    assert page.is_visible("#text-input")  # to try once more
    assert page.input_value("#text-select") == run(page)["text"] == small
    dismiss(page)
    page.fill("#text-input", f"Fish swim.\n{WORDS}")
    page.click("#text-use")
    until(lambda: query(page)["text"] != small, "the new text", page)
    name = query(page)["text"]
    reopen(page, "demo-bert", name)
    assert name.startswith("own-") and run(page)["passages"] == 2
    assert "2 passages" in page.inner_text("#run-state")
    _words_are_never_taken_for_code(page, stored(page).tokens)
    page.reload()
    wait_for_plot(page, "qk-map")
    wait_for_address(page, text=name)
    assert page.locator("#text-select option:checked").get_attribute("value") == name
    _a_file(page)
    page.keyboard.press("Escape")
    page.wait_for_selector("#text-use", state="detached")
    _other_models(page, query(page)["text"], tmp_path)


def _words_are_never_taken_for_code(page, tokens):
    first = int(tokens.starts[1])
    page.locator("#passage .word").nth(2).click()
    page.wait_for_selector("#passage .word.chosen")
    page.evaluate(
        "token => dash_clientside.set_props('selection', {data: {role: 'query', token}})", first
    )
    words = page.locator("#passage .word")
    until(lambda: tuple(words.all_inner_texts()) == tokens.strings[first:], "the words", page)
    assert page.locator("#passage img, #passage b").count() == 0
    assert page.title() == "Headscope"


def _a_file(page):
    before = run(page)["text"]
    open_text_dialog(page)
    with page.expect_file_chooser() as chooser:
        page.click("#text-file")
    content = "Ein Vogel singt.\nÜber den Bäumen.\nUnd " + "dort " * 600
    file = {"name": "notes.txt", "mimeType": "text/plain", "buffer": content.encode()}
    chooser.value.set_files(file)
    until(lambda: "notes.txt" in page.inner_text("#text-file"), "the file's name", page)
    page.click("#text-use")
    until(lambda: run(page)["text"] != before, "the new text", page)
    name = run(page)["text"]
    reopen(page, "demo-bert", name)
    wait_for_address(page, text=name)
    assert run(page)["passages"] > 3
    assert "1 passage was longer than" in page.inner_text("#run-state")
    open_text_dialog(page)  # the file is not kept for the next time
    assert "notes.txt" not in page.inner_text("#text-file")


def _other_models(page, text, tmp_path):
    page.select_option("#model-select", "minilm")
    reopen(page, "minilm", text)
    choose(page, layer_select="5", head_select="11")
    wait_for_address(page, layer="5", head="11")
    page.select_option("#model-select", "demo-gpt")
    reopen(page, "demo-gpt", text)  # a head that it lacks gives way to one that it has
    wait_for_address(page, layer="2", head="3", model="demo-gpt", text=text)
    until(lambda: not np.triu(numbers(page, "attention-heatmap"), 1).any(), "causality", page)
    assert page.query_selector("#error-toast.show") is None
    # the dialog can be left, and opened again
    page.select_option("#model-select", "other")
    page.wait_for_selector("#model-input")
    page.keyboard.press("Escape")
    page.wait_for_selector("#model-input", state="detached")
    assert page.input_value("#model-select") == "demo-gpt"
    shown = numbers(page, "attention-heatmap")
    type_model(page, "nobody/has-such-a-model")
    assert "nobody/has-such-a-model is not on this machine" in message(page)
    until(lambda: page.input_value("#model-select") == "demo-gpt", "the old model", page)
    assert page.input_value("#text-select") == text
    assert run(page)["spec"] == "demo-gpt"
    wait_for_address(page, model="demo-gpt", text=text)
    dismiss(page)
    page.locator("body").press("ArrowRight")
    until(lambda: (numbers(page, "attention-heatmap") != shown).any(), "the next head", page)
    folder = tmp_path / "my model"
    tiny.save(folder, "deberta-v2")
    type_model(page, str(folder))
    reopen(page, str(folder), text)
    wait_for_address(page, model=str(folder))
    assert page.locator("#model-select option:checked").inner_text() == "my model"
    _a_map_says_what_it_leaves_out(page)
    page.reload()
    wait_for_plot(page, "qk-map")
    assert run(page)["spec"] == str(folder)


def _a_map_says_what_it_leaves_out(page):
    alone = "this map shows q·k alone, the heatmap all of it"
    until(lambda: alone in page.inner_text("#map-note"), "what the map leaves out", page)
    facts = "window.headscope.facts(document.querySelector('#qk-map .js-plotly-plot'), '')"
    assert alone in page.evaluate(f"{facts}.notes.join(' ')")
    page.click("#trust-badge")
    wait_for(page, "() => document.body.innerText.includes('T counts all of it.')")
    page.keyboard.press("Escape")
