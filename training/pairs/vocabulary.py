"""The tokenizer of demo-pairs: frequent words, letters for all others, and the tasks as tokens.

Made by counting, so that the same documents always give the same one.
"""

import re
import string
from collections import Counter
from collections.abc import Sequence

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast

SIZE = 2048
LONGEST = 64
SPECIALS = ["<pad>", "<unk>", "<s>", "</s>"]
PAD, UNKNOWN, START, END = range(4)


def train(documents: Sequence[str], tasks: Sequence[str]) -> PreTrainedTokenizerFast:
    """Return a tokenizer of at most `SIZE` tokens, which ends a text with ``</s>``.

    Parameters
    ----------
    tasks : sequence of str
        Words that are one token each, whatever signs are in them; the last of the vocabulary.
    """
    pieces = _pieces(documents, SIZE - len(tasks))
    model = models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="<unk>")
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece("##")
    tokenizer.add_special_tokens(SPECIALS)
    tokenizer.add_tokens([AddedToken(task, single_word=True) for task in tasks])
    tokenizer.post_processor = TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", END)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=LONGEST,
        pad_token="<pad>",
        unk_token="<unk>",
        bos_token="<s>",
        eos_token="</s>",
    )


def _pieces(documents: Sequence[str], size: int) -> list[str]:
    """Return special tokens, signs, letters within words, and the words that come most often."""
    letters = string.ascii_lowercase + string.digits
    result = [*SPECIALS, *letters, *string.punctuation, *(f"##{letter}" for letter in letters)]
    counts = Counter(word for text in documents for word in re.findall("[a-z]+", text.lower()))
    words = sorted((word for word in counts if len(word) > 1), key=lambda w: (-counts[w], w))
    return result + words[: size - len(result)]
