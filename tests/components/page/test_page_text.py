"""Texts of one's own: pasted, from a file, and such that cannot be used."""

from pages import dismiss, message, query, reopen, run, show, until, wait_for_address, wait_for_plot


def open_dialog(page):
    page.select_option("#text-select", "own")
    page.wait_for_selector("#text-use")


def paste(page, words):
    """Paste a text and wait until it is open and drawn."""
    before = query(page)["text"]
    open_dialog(page)
    page.fill("#text-input", words)
    page.click("#text-use")
    until(lambda: query(page)["text"] != before, "the new text", page)
    reopen(page, "demo-bert", query(page)["text"])


def file(content: bytes, name="notes.txt"):
    return {"name": name, "mimeType": "text/plain", "buffer": content}


def test_pasted_text(page, server, small, stored):
    show(page, server, text=small)
    paste(page, "Fish swim.\nBirds fly and sing.")
    name = query(page)["text"]
    assert name.startswith("own-") and run(page)["passages"] == 2
    until(lambda: page.locator("#passage .word").count() > 2, "the words", page)
    words = page.locator("#passage .word").all_inner_texts()
    assert tuple(words) == stored(page).tokens.strings[: len(words)]
    assert "2 passages" in page.inner_text("#run-state")
    page.reload()
    wait_for_plot(page, "qk-map")
    wait_for_address(page, text=name)
    assert run(page)["passages"] == 2
    assert page.locator("#text-select option:checked").get_attribute("value") == name


def test_a_file(page, server, small):
    show(page, server, text=small)
    open_dialog(page)
    with page.expect_file_chooser() as chooser:
        page.click("#text-file")
    chooser.value.set_files(file("Ein Vogel singt.\nÜber den Bäumen.".encode()))
    until(lambda: "notes.txt" in page.inner_text("#text-file"), "the file's name", page)
    page.click("#text-use")
    until(lambda: query(page)["text"] != small, "the new text", page)
    reopen(page, "demo-bert", query(page)["text"])
    assert run(page)["passages"] == 2
    open_dialog(page)  # the file is not kept for the next time
    assert "notes.txt" not in page.inner_text("#text-file")


def test_texts_that_cannot_be_used(page, server, small):
    show(page, server, text=small)
    open_dialog(page)

    def refused(said):
        page.click("#text-use")
        assert said in message(page)
        assert page.is_visible("#text-input")  # to try once more
        assert page.input_value("#text-select") == run(page)["text"] == small
        dismiss(page)

    for pasted in ("", "   \n\n  "):
        page.fill("#text-input", pasted)
        refused("There is no text in it.")
    for content, name, said in (
        (bytes(range(256)) * 4, "picture.png.txt", "This is not plain text."),
        (b"word " * 210_000, "book.txt", "longer than 1,000,000 characters"),
    ):
        page.set_input_files("#text-file input", file(content, name))
        until(lambda name=name: name in page.inner_text("#text-file"), "the file's name", page)
        refused(said)


def test_paragraphs_and_a_passage_that_is_too_long(page, server, small):
    show(page, server, text=small)
    paste(page, "Fish swim\nin water.\n\nBirds fly.")
    assert run(page)["passages"] == 2
    paste(page, "the bird sings in the rain and " * 60)
    assert run(page)["passages"] > 1
    assert "1 passage was longer than" in page.inner_text("#run-state")


def test_words_are_never_taken_for_code(page, server, small):
    show(page, server, text=small)
    paste(page, '<img src=x onerror="document.title=1"> & <b>bold</b>')
    until(lambda: page.locator("#passage .word").count() > 5, "the words", page)
    assert page.locator("#passage img, #passage b").count() == 0
    page.locator("#passage .word").nth(2).click()
    page.wait_for_selector("#passage .word.chosen")
    assert page.title() == "Headscope"
