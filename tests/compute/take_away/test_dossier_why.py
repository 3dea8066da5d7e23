"""What a dossier says of why a head looks there."""

from dataclasses import replace

import numpy as np
import pytest
from stored import FIVE_LINES, quiet

from compute import runs, texts
from compute.jobs import opening
from compute.take_away import dossier, dossier_why
from compute.take_away.dossier_page import page
from compute.why.results import Explained


@pytest.fixture(scope="module", autouse=True)
def own_cache(shared_cache) -> None:
    """One store for all of them."""


@pytest.fixture(scope="module")
def run(own_cache) -> runs.Run:
    text = texts.save_user(texts.from_user(FIVE_LINES * 2, name="Five lines"))
    return runs.load(opening.open_run("demo-gpt", text, quiet)["key"])


@pytest.fixture(scope="module")
def found(run: runs.Run) -> Explained:
    return dossier_why.gather(run, 1, 0, quiet)


def test_parts_and_measured_heads_are_tables(found: Explained) -> None:
    text = dossier_why.section(found)
    assert "The strongest line of each token" in text
    assert text.count("<table") == 2 and '<th scope="row">L0H0</th>' in text
    assert "the token before" in text and "do not add up" not in text
    assert "do not add up" in dossier_why.section(replace(found, complete=False))


def test_many_tokens_are_not_said_to_be_one(found: Explained) -> None:
    """Of a head's part a third each comes from three kinds of places: none gives most of it."""
    third = found.heads[1].mean(0)[..., None] / 3
    places = np.stack([found.places[0], third * [0, 1, 1, 1]])
    text = dossier_why.section(replace(found, places=places))
    assert "many tokens" in text and "the token before" not in text


def test_a_first_layer_has_no_earlier_heads(run: runs.Run) -> None:
    assert dossier_why.section(dossier_why.gather(run, 0, 1, quiet)).count("<table") == 1


def test_what_can_not_be_explained_is_said(run: runs.Run) -> None:
    told = dossier_why.gather(replace(run, key="0" * 24), 1, 0, quiet)
    assert "no longer in the cache" in told
    assert dossier_why.section("Why? Not <here>.") == "<p>Why? Not &lt;here&gt;.</p>"


def test_the_dossier_has_it_with_its_method(run: runs.Run, found: Explained) -> None:
    gathered = dossier.gather(run, 1, 0)
    with_it, without = page(gathered, found), page(gathered)
    for words in ("Why it looks there", "norms held"):
        assert words in with_it and words not in without
    assert "norms held" not in page(gathered, "It can't be said.")
