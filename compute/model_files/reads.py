"""What a model reads, texts or pictures, told from its files without a look into transformers."""

import json
import re

from compute.model_files import folders
from compute.model_files.sources import Source

_MOST = 2**20
_BOTH = re.compile(r"\w*(CLIP|Siglip|Align|Blip)\w*Model")
"""Architectures that compare pictures with texts: their tower of pictures is meant."""


def pictures(source: Source) -> bool:
    """Tell whether a model reads pictures; False for one whose files are not here yet."""
    names = folders.file_names(source.folder)
    if not any(name in names for name in folders.PROCESSORS):
        return False
    if not folders.has_tokenizer(names):
        return True
    try:
        with (source.folder / "config.json").open(encoding="utf-8") as file:
            named = json.loads(file.read(_MOST)).get("architectures")
    except (OSError, ValueError, AttributeError, RecursionError):
        return False
    return isinstance(named, list) and any(_BOTH.fullmatch(str(each)) for each in named)
