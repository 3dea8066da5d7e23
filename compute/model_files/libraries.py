"""Which library is missing, as far as an error of transformers tells."""

import re

INSTALLED_AS = {"google": "protobuf", "sentencepiece": "sentencepiece", "protobuf": "protobuf"}
INSTALLED_AS |= {"tiktoken": "tiktoken blobfile", "blobfile": "blobfile", "loguru": "loguru"}
INSTALLED_AS |= {"sacremoses": "sacremoses", "jieba": "jieba", "rjieba": "rjieba", "ftfy": "ftfy"}
INSTALLED_AS |= {
    "fugashi": "fugashi ipadic unidic-lite",
    "sudachipy": "sudachipy",
    "emoji": "emoji",
}
INSTALLED_AS |= {"pythainlp": "pythainlp", "mistral_common": "mistral-common", "spacy": "spacy"}
"""Libraries that tokenizers and models of transformers ask for, and what pip calls them."""


def lacked(error: BaseException | None) -> str:
    """Return how to install the library that an error, or what caused it, is about.

    Returns
    -------
    str
        ``"the library tiktoken (pip install tiktoken blobfile)"``; empty if it is about none.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        named = (getattr(error, "name", None) or "") if isinstance(error, ImportError) else ""
        words = [str(named).partition(".")[0], *re.findall(r"\w+", str(error)[:5_000])]
        if known := next((word for word in words if word in INSTALLED_AS), None):
            return f"the library {known} (pip install {INSTALLED_AS[known]})"
        error = error.__cause__ or error.__context__
    return ""
