"""A link that names a model which nobody opened here: the page asks, and nothing is read before."""

import shutil

import pytest
from pages import ROOT, address, query, run, until, wait_for, wait_for_address, wait_for_plot

OTHER = "() => window.headscope?.runB"


@pytest.fixture
def folder(tmp_path):
    """A model whose name would act if it were taken for a page's code."""
    copy = tmp_path / "<img src=x onerror=document.title=1>"
    return shutil.copytree(ROOT / "data" / "models" / "demo-gpt", copy)


@pytest.fixture
def begun(page, folder):
    """The requests that name the folder, but for the question whether it is known."""
    found = []

    def see(request):
        sent = request.post_data or ""
        if folder.name in sent and '"linked.data"' not in sent:
            found.append(sent)

    page.on("request", see)
    return found


def asked(page):
    page.wait_for_selector("#link-dialog #link-open")
    assert page.locator("#link-names img").count() == 0
    return page.locator("#link-names li").all_inner_texts()


def gone(page):
    page.wait_for_selector("#link-open", state="detached")


def test_a_folder_is_opened_when_the_person_says_so_and_then_at_once(
    page, server, small, folder, begun
):
    page.goto(address(server, model=str(folder), text=small))
    assert asked(page) == [str(folder)]
    assert page.inner_text("#link-decline") == "Open what comes with Headscope"
    assert begun == [] and run(page) is None
    page.click("#link-open")
    gone(page)
    wait_for_plot(page, "qk-map")
    assert run(page)["spec"] == str(folder)
    assert page.locator("#model-select option:checked").inner_text() == folder.name
    wait_for_address(page, model=str(folder))
    page.reload()
    wait_for_plot(page, "qk-map")
    assert run(page)["spec"] == str(folder) and page.locator("#link-open").count() == 0
    assert page.title() == "Headscope"


def test_what_comes_with_headscope_opens_instead(page, server, small, folder, begun):
    page.goto(address(server, model=str(folder), text=small))
    asked(page)
    page.locator("#link-decline").press("Escape")  # no answer is no
    gone(page)
    wait_for(page, "() => window.headscope?.run")
    assert (run(page)["spec"], run(page)["text"]) == ("minilm", "prose")
    assert begun == []
    page.goto(address(server, model=str(folder), text=small))  # it is asked again
    asked(page)


def test_the_second_column_is_opened_when_the_person_says_so(page, server, small, folder, begun):
    view = {"text": small, "compare": 1, "layer": 1, "head": 2, "b-model": str(folder)}
    page.goto(address(server, **view))
    assert asked(page) == [str(folder)]
    assert page.inner_text("#link-decline") == "Go on without it"
    wait_for_plot(page, "qk-map")  # A waits for no answer
    assert begun == [] and page.evaluate(OTHER) is None
    page.click("#link-decline")
    gone(page)
    until(lambda: "b-model" not in query(page), "an address without it", page)
    assert page.evaluate(OTHER) is None
    page.goto(address(server, **view))
    asked(page)
    page.click("#link-open")
    wait_for(page, OTHER)
    assert page.evaluate(OTHER)["spec"] == str(folder)


def test_models_beside_in_the_lab_are_named_when_the_person_says_so(
    page, server, small, folder, begun
):
    names = f"{folder}, demo-gpt"
    view = {"text": small, "stage": "lab", "lab-models-other": names}
    page.goto(address(server, **view))
    assert asked(page) == [str(folder)]
    page.click("#link-decline")
    gone(page)
    assert page.input_value("#lab-models-other") == "demo-gpt"
    assert begun == []
    page.goto(address(server, **view))
    asked(page)
    page.click("#link-open")
    until(lambda: page.input_value("#lab-models-other") == f"demo-gpt, {folder}", "it", page)


def test_a_name_that_nobody_may_look_up_is_told(page, server, small):
    page.goto(address(server, model="//host/share", text=small))
    page.wait_for_selector("#error-toast.show")
    assert "another machine" in page.inner_text("#error-toast")
    assert page.is_visible("#open-default") and page.locator("#link-open").count() == 0


def test_the_line_of_the_selector_that_asks_for_a_name_is_no_name(page, server, small):
    for named in ("model", "b-model"):
        page.goto(address(server, **{"text": small, "compare": 1, named: "other"}))
        assert asked(page) == ["other"]
        page.click("#link-decline")
        gone(page)
