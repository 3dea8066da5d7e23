"""Tokenizers with one vocabulary for sources and another for targets."""

import pytest
import transformers as tf

from compute.errors import HeadscopeError
from compute.texts import pairs

SOURCE = ["<unk>", "</s>", "der", "hund", "the", "dog"]


class Words(tf.PreTrainedTokenizer):
    """Words at white space; ids become words of the second vocabulary, as Marian's may do."""

    def __init__(self, source: list[str], target: list[str], **more) -> None:
        self.source, self.target = source, target
        super().__init__(unk_token="<unk>", eos_token="</s>", **more)

    @property
    def vocab_size(self) -> int:
        return len(self.source)

    def get_vocab(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.source)}

    def _tokenize(self, text: str) -> list[str]:
        return text.split()

    def _convert_token_to_id(self, token: str) -> int:
        return self.source.index(token) if token in self.source else 0

    def _convert_id_to_token(self, index: int) -> str:
        return self.target[index]


def test_ids_that_are_other_words_in_a_target_are_not_shown_as_those() -> None:
    """A word that the tokenizer doesn't know is no sign of a second vocabulary."""
    passages = ("der hund bellt",)
    pairs._check_vocabulary(Words(SOURCE, SOURCE), passages)
    with pytest.raises(HeadscopeError, match="one vocabulary for sources and another for targets"):
        pairs._check_vocabulary(Words(SOURCE, [*SOURCE[:2], *SOURCE[4:], *SOURCE[2:4]]), passages)
