"""The forms of values: every value has one, right values fit, and a sentence says what doesn't."""

import pytest
from drawn import wired
from stored import random_run

from components.entrance.requests import declared
from components.entrance.table import FORMS, form_of
from components.page.parts import PARTS
from components.page.stages import STAGES
from compute import limits, runs
from compute.errors import HeadscopeError


@pytest.fixture(scope="module")
def run(shared_cache) -> runs.Run:
    """A run of 2 × 3 heads and 72 tokens."""
    return random_run()


def check(name: str, value: object) -> None:
    id, _, prop = name.rpartition(".")
    form_of((id, prop)).check(value, name)


def said(name: str, value: object) -> str:
    """Return the sentence for a value that doesn't fit."""
    with pytest.raises(HeadscopeError) as refused:
        check(name, value)
    return str(refused.value)


def test_every_value_of_a_callback_has_a_form_and_no_form_is_left_over(tmp_path) -> None:
    app = wired(tmp_path)
    app._setup_server()
    every = declared(app).values()
    assert len(every) > 100
    places = {place for each in every for place in (*each.inputs, *each.state)}
    for place in places:
        assert form_of(place)
    results = {(job.name, "data") for part in (*PARTS, *STAGES) for job in part.jobs}
    assert FORMS.keys() - places <= results  # some are read by the browser alone


def test_what_the_page_holds_of_a_run_fits(shown: dict) -> None:
    for name in ("run.data", "run-b.data", "patterns-run.data", "lab-run.data"):
        check(name, shown)
        check(name, None)
    column = {"run": shown, "layer": 1, "head": 2}
    check("b-side.data", column)
    check("b-over.data", column | {"fitted": None})
    check("b-over.data", column | {"fitted": "0" * 24})
    check("run.data", shown | {"off": "L0H0", "method": "zero"})


@pytest.mark.parametrize(
    "key",
    ["/some/folder", "../" + "0" * 21, "0" * 25, "0" * 24 + "\n", "*" * 24, "A" * 24, 5, None],
)
def test_a_run_is_known_by_its_key_alone(shown: dict, key: object) -> None:
    assert "run.data" in said("run.data", shown | {"key": key})
    assert "no longer in the cache" in said("run.data", shown | {"key": "0" * 24})


@pytest.mark.parametrize(
    "more", [{"tokens": 73}, {"passages": 7}, {"title": "Another"}, {"notes": ["x"]}]
)
def test_what_a_page_says_of_a_run_is_held_against_the_store(shown: dict, more: dict) -> None:
    assert "doesn't fit what is stored" in said("run.data", shown | more)


@pytest.mark.parametrize("more", [{"layers": 10**6}, {"rotary": True}, {"name": "x"}, {"new": 1}])
def test_so_is_what_it_says_of_the_model(shown: dict, more: dict) -> None:
    model = shown["model"] | more
    assert "doesn't fit what is stored" in said("run.data", shown | {"model": model})


def test_a_record_lacks_nothing_and_has_nothing_more(shown: dict) -> None:
    for name in ("key", "model", "notes"):
        assert said("run.data", {n: v for n, v in shown.items() if n != name})
    for value in (shown | {"extra": 1}, [shown], "run", 7, True, {}):
        assert said("run.data", value)


def test_heads_are_those_of_the_model(run: runs.Run, shown: dict) -> None:
    at = {"run": run.key, "layer": 1, "head": 2}
    check("patterns-head.data", at)
    for more in ({"layer": 2}, {"head": 3}, {"layer": 9_999}):
        assert "has no head" in said("patterns-head.data", at | more)
    for more in ({"layer": -1}, {"head": 10_000}, {"head": "2"}, {"head": 1.5}, {"head": True}):
        assert "can't use" in said("patterns-head.data", at | more)
    assert "has no head" in said("b-side.data", {"run": shown, "layer": 0, "head": 3})


def test_selected_points_are_tokens_of_the_text(run: runs.Run) -> None:
    lassoed = {"run": run.key, "queries": [0, 71], "keys": [], "columns": [[run.key, 0, 1]]}
    check("lassoed.data", lassoed)
    assert "not of this text" in said("lassoed.data", lassoed | {"keys": [72]})
    assert said("lassoed.data", lassoed | {"queries": [-1]})
    assert said("lassoed.data", lassoed | {"columns": [[run.key, 0]]})
    assert "has no head" in said("lassoed.data", lassoed | {"columns": [[run.key, 0, 3]]})


def test_a_selection_is_somewhere() -> None:
    check("selection.data", {"role": "query", "token": 3, "other": None})
    check("selection-b.data", {"role": "key", "token": None, "near": 12})
    for value in ({"role": "query", "token": None}, {"role": "other", "token": 1}, {"token": 1}):
        assert said("selection.data", value)


@pytest.mark.parametrize("options", [{}, {"steps": 500}])
def test_a_wanted_map_has_the_settings_of_its_method(run: runs.Run, options: dict) -> None:
    wanted = {"run": run.key, "layer": 0, "head": 0, "method": "attention", "dims": 2}
    check("wanted.data", wanted | {"options": options})
    for wrong in ({"steps": 10**9}, {"n_epochs": 5}, {"scale": 2.0}, {"steps": None}, {"x": 1}, []):
        assert said("wanted.data", wanted | {"options": wrong})
    assert said("wanted.data", wanted | {"options": {}, "dims": 4})
    assert said("wanted.data", None)


def test_a_frame_is_of_the_map_that_it_says() -> None:
    name = "ab" * 12
    check("frame.data", {"name": name, "step": 20, "frame": f"{name}-20"})
    for frame in ("cd" * 12 + "-20", f"{name}-20/..", name, "/some/folder"):
        assert said("frame.data", {"name": name, "step": 20, "frame": frame})


@pytest.mark.parametrize("trials", [10**18, 501, 0, -1, 1.5, "50", True, [50]])
def test_numbers_of_trials_have_an_end(trials: object) -> None:
    assert "from 1 to 500" in said("induction-trials.value", trials)
    options = {"design": "standard", "protocol": "corrected", "length": None, "seed": 0}
    asked = {"spec": "demo-gpt", "options": options | {"trials": trials}}
    assert "1 to 500 trials" in said("lab-asked.data", asked)
    assert said("lab-beside.data", {"specs": ["demo-gpt"], "options": asked["options"]})
    check("lab-asked.data", {"spec": "demo-gpt", "options": options | {"trials": 500}})
    check("induction-trials.value", 500)
    check("induction-trials.value", None)


def test_texts_and_lists_have_an_end() -> None:
    request = {"model": "m" * limits.MODEL, "text": "prose"}
    check("request.data", request)
    assert "1,000 characters" in said("request.data", request | {"model": "m" * 5_000})
    assert "on one line" in said("request.data", request | {"model": "m\0"})
    assert "2,000" in said("ghost-sentence.data", {"sentence": "a" * 2_001, "model": "m"})
    assert "20,000" in said("patterns-rules.value", "a" * 20_001)
    assert "at most 12 models" in said("lab-models.value", ["m"] * 13)
    assert "longer than 1,000,000" in said("text-input.value", "a" * 1_000_001)
    assert said("lab-beside.data", {"specs": ["m"] * 13, "options": {}})


@pytest.mark.parametrize("name", ["text-file.contents", "patterns-file.contents"])
def test_a_file_is_base64(name: str) -> None:
    check(name, "data:text/plain;base64,YQ==")
    for url in ("data:text/plain;base64,!!", "YQ==", "data:;base64", "a" * 6_000_000, 5):
        assert "could not be read" in said(name, url)


def test_a_button_was_pressed_so_often() -> None:
    check("text-use.n_clicks", None)
    check("text-use.n_clicks", 3)
    for value in (-1, "3", 1.5, True, [1], 2**60):
        assert said("text-use.n_clicks", value)
