from dataclasses import replace

import numpy as np
import pytest
import tiny
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from compute.errors import HeadscopeError
from compute.finding import catalog
from compute.texts.tokenise import LONGEST, display, tokens_of


@pytest.fixture
def words():
    return tiny.tokenizer()


def test_known_tokens_of_two_passages(words):
    tokens, notes = tokens_of(words, ("the cat sat", "red [MASK] dragon"), 64)
    strings = "[CLS] the cat sat [SEP] [CLS] red [MASK] [UNK] [SEP]"
    assert tokens.strings == tuple(strings.split()) and notes == ()
    assert tokens.ids.tolist() == [2, 5, 6, 7, 3, 2, 15, 4, 1, 3]
    assert tokens.passage.tolist() == [0] * 5 + [1] * 5
    assert tokens.position.tolist() == [0, 1, 2, 3, 4] * 2
    assert tokens.special.tolist() == [True, False, False, False, True] * 2
    assert tokens.starts.tolist() == [0, 5, 10]
    assert [a.dtype for a in (tokens.ids, tokens.passage, tokens.position)] == [np.int32] * 3
    assert tokens.unknown.tolist() == [string == "[UNK]" for string in tokens.strings]
    named = ("[UNK]", "<unk>", "<|unk|>", "[unknown]", "unk", "·unk", "[MASK]", "<unk", "[UNK] ")
    other = replace(tokens, strings=(*named, "<UNK>"))  # as tokenizers call it, and as none does
    assert other.unknown.tolist() == [False, True, True, True, *[False] * 6]  # ends are special


def test_long_passages_are_split_into_equal_windows(words):
    long = " ".join(["the cat"] * 12)  # 24 words, room for 10
    tokens, notes = tokens_of(words, (long, "red house"), 12)
    assert np.diff(tokens.starts).tolist() == [10, 10, 10, 4]
    first = tokens.ids[:10].tolist()
    assert first[0] == 2 and first[-1] == 3 and tokens.special.sum() == 8
    words_again = tokens.ids[:30][~tokens.special[:30]]
    assert words_again.tolist() == [5, 6] * 12
    assert notes == ("1 passage was longer than the 10 tokens that fit, and split into 3 parts.",)


def test_windows_never_exceed_the_models_positions(words):
    for n in range(1, 60):
        tokens, _ = tokens_of(words, (" ".join(["cat"] * n),), 9)
        assert np.diff(tokens.starts).max() <= 9 and (~tokens.special).sum() == n


def test_no_passage_is_longer_than_a_page_can_show(words):
    tokens, _ = tokens_of(words, ("cat " * 1500,), None)
    assert np.diff(tokens.starts).tolist() == [752, 752] and LONGEST == 1024


def test_empty_passages(words):
    tokens, notes = tokens_of(words, ("the cat", "  "), 64)
    assert len(tokens.starts) == 2 and notes == ("1 passage was empty and left out.",)
    with pytest.raises(HeadscopeError, match="no token"):
        tokens_of(words, ("", " "), 64)
    with pytest.raises(HeadscopeError, match="no room"):
        tokens_of(words, ("the cat",), 2)


def test_minilm_file_asks_for_truncation_but_nothing_is_lost():
    tokenizer = AutoTokenizer.from_pretrained(catalog.find("minilm").folder)
    tokens, notes = tokens_of(tokenizer, ("unaffable " * 150,), 512)
    assert tokens.strings[:5] == ("[CLS]", "una", "##ffa", "##ble", "una")
    assert len(tokens) == 452 and notes == ()


def test_byte_level_tokens_are_readable():
    tokenizer = AutoTokenizer.from_pretrained(catalog.find("demo-gpt").folder)
    tokens, _ = tokens_of(tokenizer, ("hello world\né",), 64)
    assert "".join(tokens.strings[-3:]) == "⏎<C3><A9>"
    assert "".join(tokens.strings[:-3]) == "hello·world"
    assert not tokens.special.any()


@pytest.mark.parametrize(
    ("piece", "byte_level", "shown"),
    [
        ("##ing", False, "##ing"),
        ("Ġthe", True, "·the"),
        ("ĠĠ", True, "··"),
        ("Ċ", True, "⏎"),
        ("Ã©t", True, "ét"),
        ("â", True, "<E2>"),
        ("▁the", False, "·the"),
        ("<0x0A>", False, "⏎"),
        ("<0xE2>", False, "<E2>"),
        ("Ġabbar", False, "Ġabbar"),  # a Maltese name in a WordPiece vocabulary
        ("\t", False, "⇥"),
        ("\x07", False, "<07>"),
        (b" caf\xc3\xa9", True, "·café"),
        (None, False, "�"),
    ],
)
def test_display(piece, byte_level, shown):
    assert display(piece, byte_level) == shown


def test_tokenizer_without_special_tokens_and_with_byte_pieces():
    vocabulary = [("<unk>", 0.0), ("▁the", -1.0), ("▁", -2.0), ("cat", -2.0)]
    vocabulary += [(f"<0x{i:02X}>", -9.0) for i in range(256)]
    inner = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=True))
    inner.pre_tokenizer = pre_tokenizers.Metaspace()
    inner.decoder = decoders.Metaspace()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, unk_token="<unk>")
    tokens, _ = tokens_of(tokenizer, ("the cat é",), 64)
    assert tokens.strings == ("·the", "·", "cat", "·", "<C3>", "<A9>")
