"""What was found in several corpora, added: in any order, and held against a run over all."""

from dataclasses import replace
from pathlib import Path

import measured
import numpy as np
import pytest

from compute import store
from compute.corpus import findings, keeping, merging
from compute.corpus.findings import FINDINGS, Whole
from compute.errors import HeadscopeError


@pytest.fixture(scope="module", autouse=True)
def own_cache(shared_cache: Path) -> Path:
    return shared_cache


@pytest.fixture(scope="module")
def parts(own_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Whole]:
    """Three corpora, one that holds the first two, and one of them with shorter passages."""
    folder = tmp_path_factory.mktemp("parts")
    spec = measured.model(folder)
    files = [
        measured.jsonl(folder / f"{n}.jsonl", measured.records(14 + n, seed=n)) for n in range(3)
    ]
    names = {file.stem: measured.measure(spec, [file]) for file in files}
    names["both"] = measured.measure(spec, files[:2])
    names["short"] = measured.measure(spec, files[1:2], length=16)
    return {part: read(name) for part, name in names.items()}


def read(name: str) -> Whole:
    return findings.whole(store.find(FINDINGS.kind, name))


def merged(parts: dict[str, Whole], *names: str) -> Whole:
    return merging.merge((name, parts[name]) for name in names)


def test_the_order_is_of_no_account(parts: dict[str, Whole], tmp_path: Path) -> None:
    once = merged(parts, "0", "1", "2")
    pair = parts | {"pair": merged(parts, "2", "1")}
    files = []
    for number, each in enumerate((once, merged(parts, "2", "0", "1"), merged(pair, "pair", "0"))):
        draft = store.Draft(tmp_path / str(number))
        draft.folder.mkdir()
        FINDINGS.dump(draft, each)
        draft.seal()
        files.append({path.name: path.read_bytes() for path in draft.folder.iterdir()})
    assert files[0] == files[1] == files[2]
    assert once.findings.about["corpus"] == "0.jsonl, 1.jsonl, 2.jsonl"
    assert [part["seed"] for part in once.findings.about["merged"]] == [0, 0, 0]


def test_sums_are_those_of_a_run_over_all(parts: dict[str, Whole]) -> None:
    ours, theirs = merged(parts, "0", "1"), parts["both"]
    assert ours.findings.slices == theirs.findings.slices == ("", measured.HOSTILE, "old")
    for name in ("n", "documents", "tokens"):
        np.testing.assert_array_equal(getattr(ours.findings, name), getattr(theirs.findings, name))
    for name in ("mean", "low", "high", "difference", "less", "more"):
        found, known = getattr(ours.findings, name), getattr(theirs.findings, name)
        np.testing.assert_allclose(found, known, atol=1e-5, err_msg=name)
    np.testing.assert_array_equal(ours.summary.counts.peaks, theirs.summary.counts.peaks)
    assert ours.strings == theirs.strings and ours.special == theirs.special
    texts = [{each.passage.text for each in whole.summary.sample.kept} for whole in (ours, theirs)]
    assert texts[0] == texts[1] and len(texts[0]) > 20


def test_what_was_broken_or_left_out_is_told_of_all(parts: dict[str, Whole]) -> None:
    one, other = parts["0"], parts["1"]
    told = {"broken": 2, "broken_lines": [["b", "no JSON"]], "notes": ["A note."]}
    worse = one.findings.about | told | {"left_out": [["c from byte 0", "It failed."]]}
    bad = replace(one, findings=replace(one.findings, about=worse))
    about = merged({"bad": bad, "1": other}, "bad", "1").findings.about
    for name in ("broken", "broken_lines", "notes", "left_out"):
        assert about[name] == worse[name]
    assert about["tokens"] == one.findings.about["tokens"] + other.findings.about["tokens"]


def test_what_does_not_belong_together_is_refused(parts: dict[str, Whole]) -> None:
    with pytest.raises(HeadscopeError, match=r"both can't be merged.*would count twice"):
        merged(parts | {"both": parts["0"]}, "0", "1", "both")
    with pytest.raises(HeadscopeError, match=r"short can't be merged.*length is “32” in one"):
        merged(parts, "0", "short")
    with pytest.raises(HeadscopeError, match="at least two"):
        merged(parts, "0")


def test_it_is_kept_under_a_name_of_its_own(parts: dict[str, Whole]) -> None:
    whole = merged(parts, "0", "1")
    name = keeping.keep(whole)
    assert name == keeping.keep(merged(parts, "1", "0"))
    assert FINDINGS.get(name).about == whole.findings.about
    assert read(name).strings == whole.strings
