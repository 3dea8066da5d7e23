"""Jobs of graphs of heads: what is kept apart, told while it is measured, and refused."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from servers import ROOT
from stored import quiet

from compute import runs, texts
from compute.circuits import behaviours
from compute.circuits.behaviours import PICKED, RULE, Asked
from compute.circuits.graph import arrows
from compute.errors import HeadscopeError
from compute.jobs import graphs, opening


@pytest.fixture(scope="module", autouse=True)
def own_cache(shared_cache: Path) -> Path:
    return shared_cache


@pytest.fixture(scope="module")
def run_key(own_cache: Path) -> str:
    verbs = ["ran", "sat", "sang", "lay", "hid"]
    lines = "\n".join(f"The cat {verb} and the cat {verb}." for verb in verbs)
    name = texts.save_user(texts.from_user(lines.encode(), name="cats", by="line"))
    return opening.open_run("demo-gpt", name, quiet)["key"]


def test_the_web_process_may_import_it() -> None:
    code = "import sys, compute.jobs.graphs; print('torch' in sys.modules, 'numba' in sys.modules)"
    made = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert made.stdout.split() == ["False", "False"], made.stderr


def test_a_graph_of_a_text_is_told_as_it_grows_and_kept(run_key: str) -> None:
    told, asked = [], Asked(RULE, "previous")
    found = graphs.graph(run_key, asked, quiet, told.append)
    assert told[0].measured == 0 and told[-1] is found
    more = []
    again = graphs.graph(run_key, asked, quiet, more.append)
    assert more == [] and list(arrows(again)) == list(arrows(found))


def test_edges_may_be_named(run_key: str) -> None:
    asked = Asked(PICKED, edges=tuple((passage, 6, 3) for passage in range(5)))
    found = graphs.without(run_key, asked, [(0, 0)], quiet)
    assert len(found.passages) == 5 and found.words == "5 selected edges"


def test_what_is_asked_is_kept_apart(run_key: str) -> None:
    one = Asked(RULE, "previous")
    others = [replace(one, method="zero"), replace(one, rule="same"), replace(one, offset=-2)]
    names = {behaviours.key("graph", run_key, asked, None) for asked in [one, *others]}
    names |= {behaviours.key("graph", run_key, one, (1, 0)), behaviours.key("without", "", one)}
    assert len(names) == 6


def test_a_job_that_is_ended_keeps_nothing(run_key: str) -> None:
    class Ended(Exception):
        pass

    def end(state: tuple) -> None:
        if not state[1].startswith("Loading"):
            raise Ended

    asked = Asked(RULE, "previous", seed=7)
    with pytest.raises(Ended):
        graphs.without(run_key, asked, [(0, 0)], end)
    assert len(graphs.without(run_key, asked, [(0, 0)], quiet).passages) == 5


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked("dreams"), "no edges “dreams”"),
        (Asked(method="half"), "no ablation “half”"),
        (Asked(RULE, "nothing"), "no rule “nothing”"),
        (Asked(PICKED, edges=((0, 1, 99),)), "no token 99"),
    ],
)
def test_what_can_not_be_measured_is_said(run_key: str, asked: Asked, said: str) -> None:
    with pytest.raises(HeadscopeError, match=said):
        graphs.graph(run_key, asked, quiet)


def test_a_model_that_changed_is_not_mixed_with_its_text(
    run_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.load(run_key)
    other = replace(run, model=replace(run.model, identity="another"))
    monkeypatch.setattr(runs, "load", lambda key: other)
    with pytest.raises(HeadscopeError, match="have changed since"):
        graphs.graph(run_key, Asked(RULE, "same"), quiet)
