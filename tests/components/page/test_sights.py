"""The sentences of "Three things to see" say what the models do, and lead where they say."""

import re

import pytest

from components.page import address, sights
from compute.jobs import measuring, opening, scoring
from compute.lab import induction
from compute.scores import heads

SAID = {sight.name: sight.said for sight in sights.SIGHTS}
NUMBER = r"\b1\.00|\.\d\d"


def unseen(_state: object) -> None:
    pass


def on_the_text(model: str, score: str, layer: int, head: int, off: str = "") -> str:
    """Return a head's score as a sentence writes it."""
    run = opening.open_run(model, "prose", unseen, off, "zero")
    scoring.score_heads(run["key"], unseen)
    mean = heads.SCORES.get(heads.key(run["key"])).of(score).mean
    return f"{mean[layer, head]:.2f}".removeprefix("0")


def test_every_number_is_measured(shared_cache):
    numbers = {name: re.findall(NUMBER, said) for name, said in SAID.items()}
    assert numbers["before"] == [on_the_text("minilm", "previous", 0, 2)]
    options = {"trials": 50, "length": None, "seed": 0}  # as the lab begins
    name = measuring.measure_induction("demo-gpt", options, unseen)
    score = induction.SCORES.get(name).readouts["prefix_matching"].mean
    assert score.argmax() == 1 * 4 + 3
    assert numbers["induction"] == [f"{score.max():.2f}".removeprefix("0")]
    falls = [on_the_text("demo-gpt", "induction", 1, 3, off) for off in ("", "L0H0", "L0H1")]
    assert numbers["without"] == falls


@pytest.mark.parametrize("sight", sights.SIGHTS, ids=lambda sight: sight.name)
def test_each_view_is_an_address_with_two_sentences(sight):
    known = {field.address for field, _ in address.kept()} | {"model", "text", "role", "token"}
    assert sight.view.keys() <= known | {"b-off", "b-method"}
    assert len(re.findall(r"[.] (?=[A-Z])", sight.said)) == 1
