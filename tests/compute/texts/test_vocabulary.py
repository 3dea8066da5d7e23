"""Ordinary tokens and frames of tokenizers of several kinds."""

import circuits
import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from compute.finding import catalog
from compute.texts import vocabulary


def test_words_only():
    ids = vocabulary.ordinary(circuits.tokenizer(masked=True), 100)
    assert ids.tolist() == list(range(4, circuits.WORDS))


def test_the_models_own_size_bounds_the_ids():
    assert vocabulary.ordinary(circuits.tokenizer(True), 10).tolist() == [4, 5, 6, 7, 8, 9]


def test_bert_vocabulary_without_special_and_unused():
    tokenizer = AutoTokenizer.from_pretrained(catalog.find("minilm").folder)
    ids = vocabulary.ordinary(tokenizer, 30522)
    names = tokenizer.convert_ids_to_tokens(ids.tolist())
    assert 29_000 < len(ids) < 30_522 - 998
    assert not [name for name in names if name.startswith("[unused")]
    assert not {"[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]"} & set(names)
    assert {"the", "##ing"} <= set(names)


def test_bytes_blanks_and_halves_of_characters_are_left_out():
    tokens = ["<unk>", "a", "Ġb", "Ã", "Ġ", "Ċ", "<0x0A>", "Ã©", "<unused5>"]
    raw = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens)}, [], unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, unk_token="<unk>")
    assert vocabulary.ordinary(tokenizer, 99).tolist() == [1, 2, 7]


@pytest.mark.parametrize(("masked", "frame"), [(True, ([1], [2])), (False, ([1], []))])
def test_frame(masked: bool, frame: tuple[list[int], list[int]]):
    assert vocabulary.frame(circuits.tokenizer(masked)) == frame


def test_frame_of_a_tokenizer_that_adds_nothing():
    tokenizer = AutoTokenizer.from_pretrained(catalog.find("demo-gpt").folder)
    assert vocabulary.frame(tokenizer) == ([], [])
