"""What jobs over a corpus are asked, and what they say of it."""

import pytest
from stored import quiet

from compute import corpora as kept
from compute.corpora import Chosen
from compute.corpus import whole
from compute.corpus.findings import FINDINGS
from compute.errors import HeadscopeError
from compute.jobs import corpora

ASKED = {
    "corpus": "texts",
    "field": "",
    "by": "file",
    "slices": "",
    "tokens": 10_000,
    "loss": False,
    "rules": "",
}
LINES = b'{"said": "a b c", "lang": "en"}\n{"said": "d e f", "lang": "de"}\n'


@pytest.mark.parametrize(
    ("by", "slices", "expected"),
    [
        ("file", "", "file"),
        ("field", "lang", "lang"),
        ("none", "lang", ""),
        ("folder", "", "folder"),
    ],
)
def test_own_files_are_read_as_it_is_asked(cache, by: str, slices: str, expected: str) -> None:
    name = kept.keep([("said.jsonl", LINES)])
    own = corpora.chosen(ASKED | {"corpus": name, "field": "said", "by": by, "slices": slices})
    assert (own.field, own.by) == ("said", expected)
    assert own.paths == kept.load(name).paths


def test_what_everybody_has_is_read_as_it_was_made(cache) -> None:
    own = corpora.chosen(ASKED | {"field": "x", "by": "field", "slices": "y"})
    assert own == kept.load("texts") and own.by == "slice"
    with pytest.raises(HeadscopeError, match="no corpus called"):
        corpora.chosen(ASKED | {"corpus": "other"})


def test_the_model_of_the_run_is_measured_and_the_result_named(
    cache, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def measure(spec: str, chosen: Chosen, options: whole.Options, report) -> str:
        asked.append((spec, chosen.title, options))
        return "ab" * 12

    monkeypatch.setattr(whole, "measure", measure)
    done = corpora.measure(ASKED | {"run": run.key, "loss": True, "rules": "a = b"}, quiet)
    needs = [FINDINGS.ref("ab" * 12)]
    assert done == {"spec": run.model.spec, "name": "ab" * 12, "needs": needs}
    options = whole.Options(tokens=10_000, loss=True, rules="a = b")
    assert asked == [(run.model.spec, "Built-in texts", options)]


def test_the_sample_is_named_as_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "sample_text", lambda name: f"own-{name}")
    name = "ab" * 12
    told = corpora.sample(name, quiet)
    assert told == {"name": name, "text": f"own-{name}", "needs": [FINDINGS.ref(name)]}
