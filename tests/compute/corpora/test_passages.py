"""Passages: none is too long, nothing is lost, and pasted they give the same tokens."""

from pathlib import Path

import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoTokenizer, BertTokenizerLegacy, PreTrainedTokenizerFast

from compute import texts
from compute.corpora import Document, Piece, pieces
from compute.errors import HeadscopeError
from compute.texts.tokenise import tokens_of

ROOT = Path(__file__).parents[3]


def of_bytes() -> PreTrainedTokenizerFast:
    """Each byte a token, as in GPT-2 before any merge: a space belongs to the word after it."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("Ġ", "a"), ("Ġa", "b")]
    names = [*alphabet, *(a + b for a, b in merges)]
    inner = Tokenizer(models.BPE({name: n for n, name in enumerate(names)}, merges))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=inner)


TOKENIZERS = {
    "words": tiny.tokenizer(),
    "bytes": of_bytes(),
    "gpt": AutoTokenizer.from_pretrained(ROOT / "data" / "models" / "demo-gpt"),
}
TEXTS = st.text("ab cé漢🙂\n\t\0⇥.", max_size=120)


def cut(name: str, text: str, length: int, positions: int | None = None) -> list[Piece]:
    return pieces([Document(text, "part")], TOKENIZERS[name], positions, length)


def test_words_are_cut_into_equal_passages() -> None:
    found = cut("words", "the cat sat on a mat " * 5, 16)  # 30 words, and room for 12 of 14
    assert [one.tokens for one in found] == [12, 12, 12]
    assert found[0] == Piece("the cat sat on a mat the cat sat on", 0, "part", 12)
    assert (
        " ".join(one.text for one in found).split() == ["the", "cat", "sat", "on", "a", "mat"] * 5
    )


def test_short_documents_stay_as_they_are() -> None:
    some = [Document("the  cat\n\n", "a"), Document(" \n", "b"), Document("dog", "c")]
    assert pieces(some, TOKENIZERS["words"], 512, 16) == [
        Piece("the cat", 0, "a", 4),
        Piece("dog", 2, "c", 3),
    ]


def test_the_model_can_be_shorter_than_wanted() -> None:
    assert max(one.tokens for one in cut("words", "cat " * 100, 64, positions=10)) <= 10
    with pytest.raises(HeadscopeError, match="no room"):
        cut("words", "cat", 2)


@pytest.mark.parametrize("name", list(TOKENIZERS))
@given(TEXTS, st.integers(12, 40))
def test_nothing_is_too_long_and_nothing_is_lost(name: str, text: str, length: int) -> None:
    found = cut(name, text, length)
    tokenizer = TOKENIZERS[name]
    for one in found:
        pasted = texts.from_user(one.text, by="line").passages
        assert pasted == (one.text,)
        assert len(tokens_of(tokenizer, pasted, None)[0]) == one.tokens <= length
    visible = "".join(text.replace("\0", " ").replace("⇥", " ").split())
    assert "".join("".join(one.text for one in found).split()) == visible


def test_what_is_no_text_gives_nothing() -> None:
    assert cut("gpt", "\u200b \ufeff\x01\n", 16) == []
    assert pieces([], TOKENIZERS["gpt"], None, 16) == []


def test_a_character_with_too_many_tokens_is_left_out() -> None:
    found = cut("bytes", "ab 🙂 c", 3)
    assert [one.text for one in found] == ["ab", "c"]


def test_order_and_documents() -> None:
    some = [Document("🙂" * 50 + f" a{n}", str(n)) for n in range(5)]
    found = pieces(some, TOKENIZERS["bytes"], None, 16)
    assert [one.document for one in found] == sorted(one.document for one in found)
    joined = {n: "".join(one.text for one in found if one.document == n) for n in range(5)}
    assert joined == {n: one.text.replace(" ", "") for n, one in enumerate(some)}
    assert all(one.part == str(one.document) for one in found)


def test_a_tokenizer_that_is_slow(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("\n".join(tiny.SPECIAL + tiny.WORDS))
    slow = BertTokenizerLegacy(str(tmp_path / "vocab.txt"))
    assert not slow.is_fast
    found = pieces([Document("the cat sat on a mat " * 9, "")], slow, 512, 16)
    assert sum(one.tokens - 2 for one in found) == 54 and max(one.tokens for one in found) <= 16
