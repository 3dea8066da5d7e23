"""What the files of a model say, read as plain data before transformers reads them.

A model's folder was made by somebody else. Settings that would have a program build far more than
the weight files hold, files of absurd size, and names of foreign classes end here in a sentence.
"""

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from transformers import PreTrainedTokenizerBase
from transformers.models.auto.tokenization_auto import tokenizer_class_from_name

from compute.errors import HeadscopeError
from compute.model_files import folders, likely, sizes
from compute.model_files.sources import Source

DEEPEST = 20
MOST_NESTED, MOST_LABELS, MOST_PARTS, LARGEST = 10**6, 10**5, 10**4, 2**53
MOST_TENSORS = 200_000

_LABELS = re.compile(r"num_labels|.*vocab.*")
_PARTS = re.compile(r".*(layer|block|group|expert|stage|depth|head)s?(_.*)?|n_(layer|head)s?")
_NOT_PARTS = re.compile(r".*(dim|size|width|eps|factor|scale|rank|token|id)s?")


@dataclass(frozen=True)
class Weights:
    """How much the weight files hold.

    Attributes
    ----------
    tensors, numbers : int
        So many tensors, of so many numbers together.
    size : int
        Bytes of the files.
    """

    tensors: int
    numbers: int
    size: int = 0


def check(source: Source) -> None:
    """Refuse files that are absurd whatever the model.

    Raises
    ------
    HeadscopeError
        If a file is too large, the settings are no JSON object, name other files to be read in
        their place, nest too deep or hold numbers that no model has, weights are looked for
        outside the folder, or the tokenizer is of a class that is none.
    """
    sizes.check(source.spec, folders.wanted_sizes(source.folder))
    folders.check(source.spec, folders.file_names(source.folder))
    settings = _object(source, "config.json")
    if "configuration_files" in settings:  # transformers would read one of them, unchecked
        raise HeadscopeError(
            f"The config.json of {source.spec} names other files to be read in its place, which "
            "Headscope does not do. Copy or download the model anew."
        )
    check_settings(source.spec, settings)
    if "model_type" not in settings:
        raise HeadscopeError(
            f"The config.json of {source.spec} has no model_type, so its architecture is unknown. "
            f'Add a line such as "model_type": "{likely.family(settings, source.folder)}".'
        )
    _check_index(source)
    tokenizer = _object(source, "tokenizer_config.json", optional=True)
    for name in (settings.get("tokenizer_class"), tokenizer.get("tokenizer_class")):
        _check_tokenizer_class(source, name)


def settings(source: Source, file: str) -> dict[str, Any]:
    """Return what a file of settings says; nothing if there is no such file.

    Raises
    ------
    HeadscopeError
        If it is no JSON object.
    """
    return _object(source, file, optional=True)


def check_settings(name: str, settings: dict[str, Any], file: str = "config.json") -> None:
    """Refuse settings that nest too deep or hold numbers that no model has.

    Raises
    ------
    HeadscopeError
    """
    for key, value, depth in _values(settings):
        _check_number(name, file, key, value, depth)


def weights(source: Source, itemsize: int) -> Weights:
    """Return how much the weight files hold.

    Parameters
    ----------
    itemsize : int
        Bytes of a number in files that don't say it.

    Raises
    ------
    HeadscopeError
        If a file can't be read.
    """
    tensors = numbers = size = 0
    for name in folders.weights(folders.file_names(source.folder)):
        file = source.folder / name
        try:
            more = _of_torch(file, itemsize) if name.endswith(".bin") else _of_safetensors(file)
            size += file.stat().st_size
        except (SafetensorError, OSError, ValueError, zipfile.BadZipFile) as error:
            raise broken(source) from error
        tensors, numbers = tensors + more.tensors, numbers + more.numbers
    if tensors > MOST_TENSORS:
        raise broken(source)
    return Weights(tensors, numbers, size)


def broken(source: Source) -> HeadscopeError:
    """Return the error for weights that can't be used."""
    return HeadscopeError(
        f"The weights of {source.spec} are broken or do not fit its config.json. Copy or download "
        "the model anew."
    )


def _of_safetensors(file: Path) -> Weights:
    with safe_open(file, framework="pt") as tensors:
        shapes = [tensors.get_slice(key).get_shape() for key in tensors.keys()]  # noqa: SIM118
    return Weights(len(shapes), sum(int(torch.Size(shape).numel()) for shape in shapes))


def _of_torch(file: Path, itemsize: int) -> Weights:
    size = file.stat().st_size
    if not zipfile.is_zipfile(file):  # the format before 2020 does not tell without unpickling
        return Weights(MOST_TENSORS // 100, size // itemsize)
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
    if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
        raise ValueError("torch never compresses its files")
    return Weights(sum("/data/" in entry.filename for entry in entries), size // itemsize)


def _object(source: Source, name: str, optional: bool = False) -> dict[str, Any]:
    """Return what a JSON file holds."""
    file = source.folder / name
    if optional and not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(source.spec, name) from error
    if not isinstance(found, dict):
        raise _unreadable(source.spec, name)
    return found


def _unreadable(spec: str, name: str) -> HeadscopeError:
    return HeadscopeError(
        f"The {name} of {spec} is broken: it is not the settings of a model in JSON. Copy "
        "or download the model anew."
    )


def _values(settings: dict[str, Any]) -> Iterator[tuple[str, Any, int]]:
    """Yield all values with the name that they stand under, and how deep lists nest there."""
    waiting: list[tuple[str, Any, int, int]] = [("", settings, 0, 0)]
    while waiting:
        key, value, depth, listed = waiting.pop()
        if isinstance(value, dict):
            waiting += [(str(k), v, depth + 1, listed) for k, v in value.items()]
        elif isinstance(value, list):
            waiting += [(key, v, depth + 1, listed + 1) for v in value]
        if depth > DEEPEST:
            yield key, None, depth
            return
        yield key, value, listed


def _check_number(name: str, file: str, key: str, value: Any, listed: int) -> None:
    if value is None and listed > DEEPEST:
        raise _unreadable(name, file)
    if not isinstance(value, int) or isinstance(value, bool):
        return
    most = MOST_NESTED if listed else LARGEST
    if _LABELS.fullmatch(key):
        most = MOST_LABELS if key == "num_labels" else LARGEST
    elif _PARTS.fullmatch(key) and not _NOT_PARTS.fullmatch(key):
        most = MOST_PARTS
    if abs(value) > most:
        raise HeadscopeError(
            f"The {file} of {name} says {key[:40]} = {str(value)[:20]}, and at most "
            f"{most:,} can be meant. Copy or download the model anew."
        )


def _check_index(source: Source) -> None:
    """Refuse an index that looks for weights anywhere but in the files that are counted."""
    found = folders.file_names(source.folder)
    for name in (n for n in found if n.endswith((".safetensors.index.json", ".bin.index.json"))):
        shards = _object(source, name).get("weight_map")
        known = isinstance(shards, dict) and all(isinstance(s, str) for s in shards.values())
        if not known or not set(shards.values()) <= set(found):
            raise HeadscopeError(
                f"The {name} of {source.spec} names weight files that are not in its folder. Copy "
                "or download the model anew."
            )


def _check_tokenizer_class(source: Source, name: Any) -> None:
    """Refuse what transformers would take for a tokenizer and is something else of its own."""
    if name is None:
        return
    kind = tokenizer_class_from_name(name) if isinstance(name, str) else 0
    tokenizer = isinstance(kind, type) and issubclass(kind, PreTrainedTokenizerBase)
    lacking = re.fullmatch(r"(?!Auto)\w+Tokenizer(Fast)?", str(name))  # a library is not installed
    if kind is not None and not tokenizer and not lacking:
        raise HeadscopeError(
            f"The tokenizer of {source.spec} can't be read: its settings name the class "
            f"{str(name)[:80]!r}, which is no tokenizer."
        )
