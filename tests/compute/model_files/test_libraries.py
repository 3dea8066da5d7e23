"""Tokenizers that come as a model of sentencepiece alone open; what else is missing is named."""

import pytest
import sentencepiece
import tiny

from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.model_files import libraries
from compute.models import loading


def test_a_tokenizer_of_sentencepiece_alone(tmp_path):
    folder = tiny.save(tmp_path / "model", "t5")
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").unlink()
    (tmp_path / "text.txt").write_text("\n".join(tiny.PASSAGES * 20))
    sentencepiece.SentencePieceTrainer.train(
        input=str(tmp_path / "text.txt"),
        model_prefix=str(folder / "spiece"),
        vocab_size=34,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        minloglevel=2,
    )
    model = loading.load(catalog.find(str(folder)))
    ids = model.tokenizer("the cat sat")["input_ids"]
    assert model.tokenizer.decode(ids, skip_special_tokens=True) == "the cat sat"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModuleNotFoundError("No module named 'sacremoses'", name="sacremoses"), "sacremoses"),
        (ModuleNotFoundError("No module named 'google.protobuf'", name="google.protobuf"), "proto"),
        (ImportError("You need to install fugashi to use MecabTokenizer."), "unidic-lite"),
        (ValueError("`tiktoken` is required to read a `tiktoken` file."), "tiktoken blobfile"),
        (ValueError("something else"), ""),
        (None, ""),
    ],
)
def test_the_library_that_an_error_is_about(error, said):
    found = libraries.lacked(error)
    assert said in found and bool(found) == bool(said)


def test_it_is_named_to_the_person(tmp_path, monkeypatch):
    folder = tiny.save(tmp_path / "model", "bert")

    def lacking(*_, **__):
        try:
            raise ModuleNotFoundError("No module named 'sacremoses'", name="sacremoses")
        except ModuleNotFoundError as error:
            raise ValueError("no tokenizer") from error

    monkeypatch.setattr(loading.AutoTokenizer, "from_pretrained", lacking)
    with pytest.raises(HeadscopeError, match=r"need the library sacremoses \(pip install"):
        loading.load(catalog.find(str(folder)))
