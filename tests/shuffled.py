"""Random words twice, the second time in another order, as a text of a model."""

from dataclasses import replace

import numpy as np

from compute import runs, store
from compute.finding import catalog
from compute.models import loading
from compute.progress import unseen
from compute.runs import vectors
from compute.texts import tokenise
from compute.texts.tokens import Tokens
from compute.trials import designs, planned


def shuffled(spec: str, passages: int = 40, length: int = 25, seed: int = 0) -> runs.Run:
    """Return the vectors of so many passages of twice so many random words in a model."""
    source = catalog.find(spec)
    key = store.key("shuffled", source.identity, passages, length, seed)
    if runs.RUNS.has(key):
        return runs.load(key)
    model = loading.load(source)
    material = replace(planned.material(model), mask_id=None)
    rng = np.random.default_rng(seed)
    ids = designs.corrected(material, "shuffled", passages, length, rng).ids
    width = ids.shape[1]
    place = np.arange(width)
    special = (place < len(material.before)) | (place >= width - len(material.after))
    tokens = Tokens(
        strings=tokenise.strings(model.tokenizer, ids.ravel()),
        ids=ids.ravel().astype(np.int32),
        passage=np.repeat(np.arange(passages, dtype=np.int32), width),
        position=np.tile(place.astype(np.int32), passages),
        special=np.tile(special, passages),
    )
    return vectors.keep(model, tokens, "Shuffled", (), key, unseen)
