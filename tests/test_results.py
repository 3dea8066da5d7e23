"""Results of jobs on disk, and the version of the code in their keys."""

from compute import results
from compute.version import code_version


def test_damaged_results_are_begun_anew(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HEADSCOPE_CACHE", str(tmp_path))
    with results.open_results() as cache:
        results.keep(cache, "key", "[1]")
    for file in (tmp_path / "results").iterdir():
        file.write_bytes(b"no database" * 100)
    cache = results.open_results()
    assert "damaged" in capsys.readouterr().err
    assert results.find(cache, "key", None) is None
    cache.set("key", "[1")
    assert results.find(cache, "key", None) is None
    assert "key" not in cache


def test_code_version_follows_the_source(tmp_path, monkeypatch):
    assert code_version() == code_version.__wrapped__()
    monkeypatch.setattr("compute.version.__file__", str(tmp_path / "version.py"))
    versions = set()
    for text in ("a = 1", "a = 2"):
        (tmp_path / "some.py").write_text(text)
        versions.add(code_version.__wrapped__())
    assert len(versions) == 2
