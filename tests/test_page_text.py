"""Texts of one's own: pasted, from a file, and such that cannot be used."""

from pages import dismiss, message, query, reopen, run, show, until, wait_for_address, wait_for_plot


def open_dialog(page):
    page.select_option("#text-select", "own")
    page.wait_for_selector("#text-use")


def file(content: bytes, name="notes.txt"):
    return {"name": name, "mimeType": "text/plain", "buffer": content}


def test_pasted_text(page, server, small, stored):
    show(page, server, text=small)
    open_dialog(page)
    page.fill("#text-input", "Fish swim.\nBirds fly and sing.")
    page.click("#text-use")
    until(lambda: query(page)["text"] not in (small, "own"), "the new text", page)
    name = query(page)["text"]
    reopen(page, "demo-bert", name)
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


def test_paragraphs(page, server, small):
    show(page, server, text=small)
    open_dialog(page)
    page.fill("#text-input", "Fish swim\nin water.\n\nBirds fly.")
    page.click("#text-use")
    until(lambda: query(page)["text"] != small, "the new text", page)
    reopen(page, "demo-bert", query(page)["text"])
    assert run(page)["passages"] == 2


def test_empty_text(page, server, small):
    show(page, server, text=small)
    open_dialog(page)
    for pasted in ("", "   \n\n  "):
        page.fill("#text-input", pasted)
        page.click("#text-use")
        assert "There is no text in it." in message(page)
        assert page.is_visible("#text-input")  # to try once more
        assert page.input_value("#text-select") == small
        dismiss(page)


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


def test_a_file_that_is_no_text(page, server, small):
    show(page, server, text=small)
    open_dialog(page)
    page.set_input_files("#text-file input", file(bytes(range(256)) * 4, "picture.png.txt"))
    until(lambda: "picture.png.txt" in page.inner_text("#text-file"), "the file's name", page)
    page.click("#text-use")
    assert "This is not plain text." in message(page)
    assert run(page)["text"] == small


def test_a_text_that_is_too_long(page, server, small):
    show(page, server, text=small)
    open_dialog(page)
    page.set_input_files("#text-file input", file(b"word " * 210_000, "book.txt"))
    until(lambda: "book.txt" in page.inner_text("#text-file"), "the file's name", page)
    page.click("#text-use")
    assert "longer than 1,000,000 characters" in message(page)
    assert run(page)["text"] == small


def test_a_long_passage_is_split_and_the_page_says_so(page, server, small):
    show(page, server, text=small)
    open_dialog(page)
    page.fill("#text-input", "the bird sings in the rain and " * 60)
    page.click("#text-use")
    until(lambda: query(page)["text"] != small, "the new text", page)
    reopen(page, "demo-bert", query(page)["text"])
    assert run(page)["passages"] > 1
    assert "1 passage was longer than" in page.inner_text("#run-state")


def test_words_are_never_taken_for_code(page, server, small):
    show(page, server, text=small)
    open_dialog(page)
    page.fill("#text-input", '<img src=x onerror="document.title=1"> & <b>bold</b>')
    page.click("#text-use")
    until(lambda: query(page)["text"] != small, "the new text", page)
    reopen(page, "demo-bert", query(page)["text"])
    until(lambda: page.locator("#passage .word").count() > 5, "the words", page)
    assert page.locator("#passage img, #passage b").count() == 0
    page.locator("#passage .word").nth(2).click()
    page.wait_for_selector("#passage .word.chosen")
    assert page.title() == "Headscope"
