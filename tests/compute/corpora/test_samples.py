"""Corpora to try with: what they have, and that they are made once."""

import sys
from pathlib import Path

import pytest

from compute import corpora, texts
from compute.corpora import python_library, samples
from compute.errors import HeadscopeError

SOURCE = '''"""What a module is for, said in a sentence that is long enough."""

import os

# A comment stands before what it is about.
LIMIT = 3


@decorated
def double(number: int) -> int:
    """Return twice a number; the sentence is long enough to be kept as one.

    Notes
    -----
    It is a line more.
    """
    return 2 * number


class Empty:
    """Short."""
'''


def test_documentation_and_code_of_a_module() -> None:
    found = list(python_library.of_module(SOURCE))
    assert [part for _, part in found] == ["documentation", "documentation", "code"]
    assert found[1][0].endswith("kept as one.\n\nNotes\n-----\nIt is a line more.")
    code = found[2][0]
    assert code.strip().startswith("import os") and "# A comment" in code and "@decorated" in code
    assert code.endswith("    return 2 * number") and "twice" not in code


def test_the_python_that_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "site-packages").mkdir()
    (tmp_path / "site-packages" / "other.py").write_text(SOURCE.replace("double", "other"))
    (tmp_path / "broken.py").write_text("def (")
    (tmp_path / "one.py").write_text(SOURCE)
    monkeypatch.setattr(python_library.sysconfig, "get_path", lambda name: str(tmp_path))
    chosen = corpora.load("python")
    plan = corpora.plan(chosen)
    assert plan.title == "Python's standard library" and not plan.notes
    found = [one for shard in plan.shards for one in corpora.read(shard)[0]]
    code = [one.text for one in found if one.part == "code"]
    assert len(code) == 1 and "def double" in code[0]
    documentation = [one.text for one in found if one.part == "documentation"]
    assert len(documentation) > 50  # the chapters on the language, of whatever Python it is
    assert any("“if" in text or '"if"' in text for text in documentation)
    monkeypatch.setattr(python_library, "records", None)  # it is not made again
    assert corpora.load("python") == chosen


def test_a_python_without_files_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python_library.sysconfig, "get_path", lambda name: str(tmp_path))
    with pytest.raises(HeadscopeError, match="no files of its standard library"):
        corpora.load("python")


def test_the_chapters_may_lack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in Pythons whose documentation is a package of its own."""
    (tmp_path / "one.py").write_text(SOURCE)
    monkeypatch.setattr(python_library.sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    assert len(list(python_library.records())) == 3


def test_built_in_texts_are_slices() -> None:
    plan = corpora.plan(corpora.load("texts"))
    documents = [one for shard in plan.shards for one in corpora.read(shard)[0]]
    for name, text in texts.built_in().items():
        assert [one.text for one in documents if one.part == name] == list(text.passages)


def test_samples_say_what_they_are() -> None:
    assert [one.name for one in samples.SAMPLES] == ["texts", "python"]
    assert all(one.title and one.source.endswith(".") for one in samples.SAMPLES)
    with pytest.raises(HeadscopeError, match="no corpus called “web”"):
        corpora.load("web")
