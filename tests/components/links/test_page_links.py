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


def answer(page, button):
    page.click(f"#link-{button}")
    gone(page)


def gone(page):
    page.wait_for_selector("#link-open", state="detached")


def test_a_folder_is_opened_when_the_person_says_so_and_then_at_once(
    page, server, small, folder, begun
):
    # the line of the selector that asks for a name is no name
    both = {"model": "other", "compare": 1, "b-model": str(folder)}
    page.goto(address(server, text=small, **both))
    assert asked(page) == ["other", str(folder)]
    assert begun == [] and run(page) is None
    page.locator("#link-decline").press("Escape")  # no answer is no
    gone(page)
    wait_for(page, "() => window.headscope?.run")
    assert (run(page)["spec"], run(page)["text"]) == ("minilm", "prose")
    assert begun == []
    page.goto(address(server, model=str(folder), text=small))  # it is asked again
    assert asked(page) == [str(folder)]
    assert page.inner_text("#link-decline") == "Open what comes with Headscope"
    assert begun == [] and run(page) is None
    answer(page, "open")
    wait_for_plot(page, "qk-map")
    assert run(page)["spec"] == str(folder)
    assert page.locator("#model-select option:checked").inner_text() == folder.name
    wait_for_address(page, model=str(folder))
    page.reload()
    wait_for_plot(page, "qk-map")
    assert run(page)["spec"] == str(folder) and page.locator("#link-open").count() == 0
    assert page.title() == "Headscope"


def test_models_beside_are_opened_when_the_person_says_so(page, server, small, folder, begun):
    """The second column's, and those that the lab measures."""
    lab = {"lab-models-other": f"{folder}, demo-gpt", "lab-view": "models", "lab-trials": 4}
    view = {"model": "demo-gpt", "text": small, "stage": "lab", "lab-length": 10, **lab}
    page.goto(address(server, **view, **{"compare": 1, "b-model": "other"}))
    assert sorted(asked(page)) == sorted([str(folder), "other"])
    answer(page, "decline")
    until(lambda: "b-model" not in query(page), "an address without it", page)
    assert page.input_value("#lab-models-other") == "demo-gpt"
    assert begun == [] and page.evaluate(OTHER) is None
    page.goto(address(server, **view, **{"compare": 1, "b-model": str(folder)}))
    assert asked(page) == [str(folder)]
    assert page.inner_text("#link-decline") == "Go on without it"
    wait_for(page, "() => window.headscope?.run")  # A waits for no answer
    assert begun == [] and page.evaluate(OTHER) is None
    answer(page, "open")
    wait_for(page, OTHER)
    assert page.evaluate(OTHER)["spec"] == str(folder)
    until(lambda: page.input_value("#lab-models-other") == f"demo-gpt, {folder}", "it", page)
    page.wait_for_selector("#lab-verdict:not(:empty)")
    page.click("#lab-models-start")
    wait_for_plot(page, "lab-depth")
    assert page.locator(".lab-model h3").all_inner_texts() == ["demo-gpt", folder.name]
