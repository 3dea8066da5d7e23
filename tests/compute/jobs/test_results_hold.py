"""What a job returns is believed again only while all that it stands for is in the store."""

import pytest
from stored import quiet, random_run

from components.all_heads import callbacks as all_heads_callbacks
from components.compare import head_similarity
from components.grid import grids
from components.joint_map import heldout, maps
from components.lab import ablation, detect, extras, models
from components.lab import callbacks as lab_callbacks
from components.page import take_away
from components.patterns import callbacks as patterns_callbacks
from components.scale import callbacks as scale_callbacks
from components.scale import methods
from components.sentence import ghosts
from compute import store, texts
from compute.jobs import opening

OPTIONS = {"design": "standard", "protocol": "corrected", "trials": 6, "length": 12, "seed": 0}
ABLATION = {k: v for k, v in OPTIONS.items() if k != "protocol"} | {"method": "zero"}
PANEL = ("pca", "2", None, "none", "after")


def run() -> dict:
    return opening.describe(random_run(), "made", "prose")


def measured() -> dict:
    return lab_callbacks.measure(quiet, {"spec": "demo-gpt", "options": OPTIONS})


def on_run(**more: object) -> dict:
    return {"run": run()["key"], **more}


def on_head(**more: object) -> dict:
    return on_run(layer=0, head=1, **more)


def sentence() -> dict:
    text = texts.save_user(texts.from_user("The cat sat on the mat."))
    return {"model": "demo-gpt", "text": text}


JOBS = {
    "scores": lambda: grids.score_heads(quiet, run()),
    "trusts": lambda: grids.measure_trust(quiet, on_run(method="pca", dims=2, options={})),
    "induction": lambda: grids.measure_induction(
        quiet, run() | {"spec": "demo-gpt"}, None, 6, 12, 0
    ),
    "fitted": lambda: maps.fit_map(
        quiet, on_head(method="attention", dims=2, options={"steps": 5})
    ),
    "ghost": lambda: ghosts.read(quiet, sentence()),
    "heldout": lambda: heldout.hold_out(quiet, 1, run(), "0", "1", *PANEL),
    "dossier": lambda: take_away.save_dossier(quiet, 1, run(), "0", "1"),
    "alike": lambda: head_similarity.compare_all(quiet, 1, run(), None),
    "all-laid": lambda: all_heads_callbacks.lay_out(quiet, on_run(method="pca")),
    "patterns-averaged": lambda: patterns_callbacks.average(quiet, on_run()),
    "patterns-found": lambda: patterns_callbacks.find(quiet, 1, run(), "offset", -1, "text", 1, ""),
    "patterns-classed": lambda: patterns_callbacks.classify(
        quiet, 1, run(), "rules", "any = .+", None, "all"
    ),
    "scale-scan": lambda: scale_callbacks.scan(quiet, on_run()),
    "scale-maps": lambda: scale_callbacks.lay_out(quiet, on_head(method="pca")),
    "scale-methods": lambda: methods.try_methods(quiet, on_head(tsne=False)),
    "lab-measured": measured,
    "lab-shown": lambda: lab_callbacks.read_trials(quiet, measured()),
    "lab-ablated": lambda: ablation.ablate(
        quiet, {"spec": "demo-gpt", "heads": [[0, 0]], "text": None, "options": ABLATION}
    ),
    "lab-followed": lambda: ablation.measure_curve(
        quiet, {"spec": "demo-gpt", "options": ABLATION}
    ),
    "lab-side": lambda: models.measure_all(quiet, {"specs": ["demo-gpt"], "options": OPTIONS}),
    "lab-copies": lambda: extras.measure_copies(
        quiet, {"spec": "demo-gpt", "options": {"seed": 0}}
    ),
    "lab-icl": lambda: extras.measure_icl(
        quiet, {"spec": "demo-gpt", "text": "prose", "options": {"seed": 0}}
    ),
    "lab-detected": lambda: detect.compare(quiet, on_run()),
}


@pytest.mark.parametrize("name", JOBS)
def test_a_result_is_not_believed_when_what_it_stands_for_is_gone(name):
    result = JOBS[name]()
    assert opening.still_there(result)
    parts = result if isinstance(result, list) else [result]
    assert parts and all(part["needs"] for part in parts)
    for part in parts:
        for kind, key in part["needs"]:
            store.discard(kind, key)
            assert not opening.still_there(result), (kind, key)


@pytest.mark.parametrize("result", [{}, {"name": "0" * 24}, {"spec": "demo-gpt"}, "text", 1])
def test_a_result_that_names_nothing_is_not_believed(result):
    assert not opening.still_there(result)
