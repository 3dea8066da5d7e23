"""Tensors of one's own on the command line: imported, used as a model, deleted."""

import csv
import json

import imports
import numpy as np
import pytest

from compute import runs
from compute.command_line import app
from compute.finding import imported

LENGTHS = np.array([5, 3])


@pytest.fixture
def asked(cache, tmp_path_factory):
    return imports.written(tmp_path_factory.mktemp("given"), imports.vectors())


def ask(capsys, *arguments) -> tuple[int, str, str]:
    code = app.main([str(each) for each in arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_what_was_imported_is_used_as_a_model(asked, tmp_path, capsys):
    given = asked.files["q"], asked.files["k"], "--tokens", asked.tokens, "--causal"
    weights = imports.attention(
        *(np.load(asked.files[name]) for name in ("q", "k")), LENGTHS, 6**-0.5, True
    )
    np.save(tmp_path / "a.npy", weights)
    more = "--name", "mine", "--attention", tmp_path / "a.npy", "--values", asked.files["v"]
    code, out, err = ask(capsys, "import", *given, *more)
    said = json.loads(out)
    assert code == 0 and said["open"].endswith("/?model=imported:mine") and "choose mine" in err
    assert said["largest_difference"] < 1e-6 and said["tokens"] == 8 and said["kv_heads"] == 2
    model = "--model", "imported:mine", "--layer", 1, "--head", 2
    assert ask(capsys, "attention", *model, "--out", tmp_path / "o.npz")[0] == 0
    found = np.load(tmp_path / "o.npz")
    np.testing.assert_allclose(found["attention_1"], weights[1, 2, 5:, 5:], atol=1e-6)
    assert list(found["tokens_1"]) == imports.PASSAGES[1]
    assert ask(capsys, "project", *model, "--method", "pca", "--out", tmp_path / "m.csv")[0] == 0
    with open(tmp_path / "m.csv", encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 16
    dossier = "dossier", "--model", "imported:mine", "--head", "L1H2", "--out", tmp_path / "d.html"
    assert ask(capsys, *dossier)[0] == 0 and "imported:mine" in (tmp_path / "d.html").read_text()
    for command in (("induction",), ("ablate", "--heads", "L0H0")):
        code, _, err = ask(capsys, *command, "--model", "imported:mine")
        assert code == 2 and "weights are not here" in err
    code, _, err = ask(capsys, "attention", *model, "--text", "prose", "--out", tmp_path / "x.npz")
    assert code == 2 and "another text" in err
    assert ask(capsys, "import", "--delete", "mine")[0] == 0
    code, _, err = ask(capsys, "attention", *model, "--out", tmp_path / "x.npz")
    assert code == 2 and "Nothing was imported under the name “mine”" in err


def test_one_archive_holds_all_and_likely_special_tokens_are_told(asked, tmp_path, capsys):
    file, tokens = tmp_path / "all.npz", tmp_path / "tokens.json"
    np.savez(file, **{name: np.load(path) for name, path in asked.files.items()})
    tokens.write_text(json.dumps([["[CLS]", *"abcdef", "[SEP]"]]))
    code, out, err = ask(capsys, "import", file, "--tokens", tokens, "--full", "--scale", "0.5,1")
    assert code == 0 and json.loads(out)["name"] == "all" and "[CLS], [SEP] look like" in err
    more = "--full", "--special", "[CLS]", "--special", "[SEP]", "--name", "other"
    assert "look like" not in ask(capsys, "import", file, "--tokens", tokens, *more)[2]


def test_values_may_be_vectors_or_their_lengths(asked, tmp_path, capsys):
    lengths = np.linalg.norm(np.load(asked.files["v"]), axis=-1)
    np.save(tmp_path / "norms.npy", lengths)
    np.savez(tmp_path / "norms.npz", v_norm=lengths)
    given = asked.files["q"], asked.files["k"], "--tokens", asked.tokens, "--causal"
    for number, values in enumerate((asked.files["v"], *tmp_path.glob("norms.*"))):
        more = "--values", values, "--name", f"mine{number}"
        assert ask(capsys, "import", *given, *more)[0] == 0
        kept = runs.load(imported.find(f"mine{number}").key)
        np.testing.assert_allclose(kept.v_norm, lengths, rtol=1e-6)


WRONG = [
    (["q.npy", "k.npy", "--tokens", "tokens.txt"], "--causal or --full"),
    (["q.npy", "--tokens", "tokens.txt", "--full"], "Name two files"),
    (["q.npy", "k.npy", "--tokens", "none.txt", "--full"], "is not there"),
    (["q.npy", "k.npy", "--tokens", "tokens.txt", "--full", "--scale", "x"], "--scale must be"),
    (["q.npy", "k.npy", "--tokens", "tokens.txt", "--full", "--order", "nlhd"], "lhnd or lnhd"),
    (["--delete", "none"], "Nothing was imported"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_a_wrong_argument_is_one_sentence(asked, capsys, monkeypatch, arguments, said):
    monkeypatch.chdir(asked.tokens.parent)
    code, out, err = ask(capsys, "import", *arguments)
    assert code == 2 and not out and said in err.splitlines()[-1]
