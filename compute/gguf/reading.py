"""A GGUF file as transformers wants to be handed it, made from a header that was checked.

It reads a file three times over, with a reader that needs seconds for a vocabulary, and looks all
names up anew in every part of the model: here the file is read once, and its names are looked up
once. No number differs (a test compares all).
"""

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from compute.errors import HeadscopeError
from compute.gguf import headers
from compute.gguf.headers import ARRAY, STRING, Header


class One(tuple):
    """A single number, for who wants it as such and for who wants the first of a list."""

    def __float__(self) -> float:
        return float(self[0])

    def __int__(self) -> int:
        return int(self[0])


@dataclass(frozen=True)
class Field:
    """A setting, as `gguf.ReaderField`: `data` tells which of its parts are values."""

    parts: list
    data: list[int]
    types: list[int]


@dataclass(frozen=True)
class Stored:
    """A tensor, as `gguf.ReaderTensor`: its bytes, or numbers, on disk until they are used."""

    name: str
    tensor_type: int
    data: np.ndarray


@dataclass(frozen=True)
class Reader:
    """What transformers uses of `gguf.GGUFReader`."""

    fields: dict[str, Field]
    tensors: list[Stored]


def of(file: Path, header: Header, name: str) -> Reader:
    """Return the reader of a file.

    Raises
    ------
    HeadscopeError
        If tensors are of an unknown kind or reach behind the end of the file.
    """
    import gguf

    mapped = np.memmap(file, np.uint8, "r")
    tensors = []
    for tensor in header.tensors:
        try:
            kind = gguf.GGMLQuantizationType(tensor.kind)
        except ValueError as error:
            raise HeadscopeError(
                f"{name} stores numbers in a way ({tensor.kind}) that the library gguf does not "
                "know. Choose a version of the model that was quantised otherwise, such as Q8_0."
            ) from error
        block, step = gguf.GGML_QUANT_SIZES[kind]
        end = tensor.start + tensor.numbers // block * step
        if tensor.shape[-1] % block or end > header.size:
            raise headers.broken(name)
        data = mapped[tensor.start : end].reshape(*tensor.shape[:-1], -1)
        plain = _PLAIN.get(kind.name)
        tensors.append(Stored(tensor.name, kind, data.view(plain) if plain else data))
    return Reader({key: _field(value) for key, value in header.values.items()}, tensors)


_PLAIN = {"F16": "f2", "F32": "f4", "F64": "f8", "I8": "i1", "I16": "i2", "I32": "i4", "I64": "i8"}


def _field(value: headers.Value) -> Field:
    kind = value.kinds[-1]
    parts = [item if kind == STRING else One((item,)) for item in value.items]
    whole = value.kinds[0] == ARRAY and kind == STRING and not parts
    return Field(parts, [] if whole else list(range(len(parts))), list(value.kinds))


@contextlib.contextmanager
def in_place(reader: Reader) -> Iterator[dict[str, str]]:
    """Have transformers use a reader inside the block, and look names up once.

    Yields
    ------
    dict
        What the tensors of the file are called in the model that was built last.
    """
    import gguf
    from transformers import modeling_gguf_pytorch_utils as legacy

    names: dict[str, str] = {}
    map_names = legacy.get_gguf_hf_weights_map

    def noted(*args: object, **kwargs: object) -> dict[str, str]:
        found = map_names(*args, **kwargs)
        names.clear()
        names.update(found)  # it asks itself about every part; the whole model is last
        return found

    with (
        _set(gguf, "GGUFReader", lambda *_: reader),
        _set(gguf, "get_tensor_name_map", functools.cache(gguf.get_tensor_name_map)),
        _set(legacy, "get_gguf_hf_weights_map", noted),
    ):
        yield names


@contextlib.contextmanager
def _set(module: ModuleType, name: str, value: object) -> Iterator[None]:
    before = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, before)
