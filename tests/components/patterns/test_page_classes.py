"""The stage "Patterns": attention between classes of tokens, the text's own and the user's."""

import csv
import io

import numpy as np
from pages import (
    PATIENCE,
    address,
    click_cell,
    message,
    numbers,
    until,
    wait_for,
    wait_for_matrix,
    wait_for_plot,
)

from compute.runs import labels
from compute.scores import classes


def show_classes(page, server, text, **view):
    view = {"stage": "patterns", "patterns-view": "classes", "patterns-by": "mean"} | view
    page.goto(address(server, text=text, **view))
    wait_for(page, "() => window.headscope && window.headscope?.run")
    page.wait_for_selector("#patterns-view-classes:not([hidden])", timeout=1000 * PATIENCE)
    return page


def listed(page):
    rows = page.locator("#patterns-by-cell tbody tr").all_inner_texts()
    return [row.split("\t")[0].strip() for row in rows]


def names(page):
    """The classes along the matrix."""
    return page.evaluate(
        "() => document.querySelector('#patterns-matrix .js-plotly-plot')"
        "._fullLayout.xaxis.ticktext"
    )


def measure(page, name):
    """Press Measure and wait until a class of this name is in the matrix."""
    page.click("#patterns-classify")
    until(lambda: name in page.inner_text("#patterns-classes-note"), "the classes", page)
    wait_for_plot(page, "patterns-matrix")
    until(lambda: name in names(page), "their matrix", page)


def test_classes_of_the_text_and_heads_by_a_cell(page, server, small, stored):
    show_classes(page, server, small, layer=1, head=2)
    measure(page, "function word")
    data = stored(page)
    found = classes.of(data, labels.roles(data))
    wait_for_matrix(page, "patterns-matrix", found.mean[1, 2].astype(np.float32))
    assert names(page) == list(found.names)
    cell = [found.names.index(name) for name in ("other", "function word")]
    click_cell(page, "patterns-matrix", *cell)
    ranked = classes.rank(found, "other", "function word")
    order = [f"L{row.layer}H{row.head}" for row in ranked]
    until(lambda: listed(page) == order, "the ranking", page)
    with page.expect_download() as download:
        page.click("#patterns-by-cell-csv")
    with open(download.value.path(), newline="") as file:
        rows = list(csv.DictReader(file))
    assert [f"L{row['layer']}H{row['head']}" for row in rows] == order
    assert np.isclose(float(rows[0]["lift"]), ranked[0].lift, rtol=1e-4)
    page.fill("#patterns-least", str(ranked[0].mean - 1e-6))
    until(lambda: listed(page) == order[:1], "only the first", page)
    page.fill("#patterns-least", "2")
    until(lambda: "No head reaches" in page.inner_text("#patterns-by-cell"), "none", page)


def test_classes_of_ones_own_by_pattern(page, server, small, stored):
    rules = "number = (?i)ONE|two|three|four\nstop = [.,]"
    show_classes(page, server, small, **{"patterns-source": "rules", "patterns-rules": rules})
    assert page.input_value("#patterns-rules") == rules
    measure(page, "number")
    data = stored(page)
    found = classes.of(data, labels.SOURCES["rules"](data, rules))
    assert names(page) == list(found.names)
    wait_for_matrix(page, "patterns-matrix", found.mean[0, 0].astype(np.float32))
    assert found.tokens[found.names.index("number")] == 8  # one two three four, twice
    cell = found.names.index("number"), found.names.index("stop")
    click_cell(page, "patterns-matrix", *cell)
    order = [f"L{row.layer}H{row.head}" for row in classes.rank(found, "number", "stop")]
    until(lambda: listed(page) == order, "the ranking", page)
    shown = numbers(page, "patterns-matrix")
    page.fill("#patterns-rules", "number = (")
    page.press("#patterns-rules", "Tab")
    page.click("#patterns-classify")
    assert "no regular expression" in message(page)
    assert np.array_equal(numbers(page, "patterns-matrix"), shown)  # the view stays


def test_classes_of_a_file_of_labels(page, server, small, stored):
    show_classes(page, server, small, **{"patterns-source": "file"})
    page.click("#patterns-classify")
    assert "There is no file of labels yet" in message(page)
    field = page.locator("#patterns-file input")

    def give(name: str, content: bytes) -> None:
        field.set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
        until(lambda: f"{name}: press Measure" in page.inner_text("#patterns-file"), name, page)

    for name, content, said in (
        ("zebra.csv", b"token,label\nzebra,animal\n", "does not match this text"),
        ("columns.csv", b"word,kind\nbird,animal\n", "columns"),
        ("picture.csv", bytes(range(128, 256)), "text"),
    ):
        page.click("#error-toast .btn-close")
        page.wait_for_selector("#error-toast", state="detached")
        give(name, content)
        page.click("#patterns-classify")
        assert said in message(page)
    data = stored(page)
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(("passage", "position", "label"))
    coloured = [i for i, token in enumerate(data.tokens.strings) if token == "red"]
    for i in coloured:
        writer.writerow((data.tokens.passage[i], data.tokens.position[i], "colour"))
    give("right.csv", rows.getvalue().encode())
    measure(page, "colour")
    found = classes.of(data, labels.SOURCES["file"](data, rows.getvalue().encode()))
    assert found.tokens[found.names.index("colour")] == len(coloured) == 2
    wait_for_matrix(page, "patterns-matrix", found.mean[0, 0].astype(np.float32))
    # names that would act if they were taken for a page's code
    link, image = '<a href="https://example.com">of a link', "<img src=x onerror=document.title=1>"
    rows = f'passage,position,label\n0,1,"{link.replace(chr(34), chr(34) * 2)}"\n0,2,{image}\n'
    give(f"{image}.csv", rows.encode())
    page.click("#patterns-classify")
    until(lambda: image in page.inner_text("#patterns-classes-note"), "the classes", page)
    cell = page.locator("#patterns-matrix .xtick text")
    until(lambda: {link, image} < set(cell.all_text_contents()), "their names", page)
    click_cell(page, "patterns-matrix", 0, 1)
    until(lambda: link in page.inner_text("#patterns-cell-title"), "the cell", page)
    page.select_option("#text-select", "own")
    page.set_input_files(
        "#text-file input", {"name": f"{image}.txt", "mimeType": "text/plain", "buffer": b"Fish."}
    )
    until(lambda: f"{image}.txt" in page.inner_text("#text-file"), "the file's name", page)
    assert page.locator("#page img[src=x], .modal img, #stage-patterns a[*|href]").count() == 0
    assert page.title() == "Headscope"
