"""Models in GGUF files: converted once, then read as all others, from safetensors in the cache.

The numbers are kept exactly as they were read, as 32-bit floats: a file of 4 bits a number becomes
seven times as large.
"""

import contextlib
import importlib.util
import io
import math
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compute import store
from compute.errors import HeadscopeError
from compute.gguf import headers, reading, settings
from compute.gguf.headers import Header
from compute.machine import memory

VERSION = 1  # of the conversion
LIBRARIES = ("gguf", "accelerate")
INSTALL = f"pip install {' '.join(LIBRARIES)}"
MOST_TOKEN = 4_096
"""Bytes of a token; to cut a long one into pairs in all ways takes its length squared."""
ROOM = 2**30
"""Bytes of the cache that are left to results."""
TIMES = 1.3
"""So many times the weights are in memory while they are converted."""
_POINTER = b"version https://git-lfs"
_ALIASES = {"t5encoder", "qwen2moe", "qwen3moe", "gpt-oss", "minimax-m2"}
"""What files call families that transformers' list calls otherwise."""
_WITHOUT_ATTENTION = ("mamba",)
_READ_APART = ("rope_freqs.weight", "_exps.weight", "_projs.weight", "output.weight")
"""Tensors whose names transformers does not look up: `settings`, or its own code, does."""


def home(digest: str) -> Path:
    """Return the folder that the converted weights of a file are in, or will be."""
    return store.root() / "weights" / store.key(digest, VERSION)


@dataclass(frozen=True)
class Cost:
    """What a conversion takes, in bytes: of the disk, for good, and of memory meanwhile."""

    disk: int
    memory: int

    def __str__(self) -> str:
        disk, memory = (f"{size / 2**30:,.1f} GiB" for size in (self.disk, self.memory))
        return f"{disk} on the disk and {memory} of memory"


def check_file(file: Path, name: str) -> None:
    """Refuse what does not even begin as a GGUF file; quick.

    Raises
    ------
    HeadscopeError
    """
    if headers.is_gguf(file):
        return
    with contextlib.suppress(OSError), file.open("rb") as stream:
        if stream.read(len(_POINTER)) == _POINTER:
            raise HeadscopeError(
                f"{name} is not the model, but a note of Git LFS on where it is. Fetch the file "
                "itself with: git lfs pull"
            )
    raise HeadscopeError(f"{name} is not a GGUF file. Copy or download it anew.")


def cost(file: Path, name: str) -> Cost:
    """Tell what the conversion of a file will take; see `headers.read` for what it raises."""
    return _cost(headers.read(file, name))


def _cost(header: Header) -> Cost:
    return Cost(4 * header.numbers + 2**25, int(TIMES * 4 * header.numbers) + 2**28)


def convert(file: Path, folder: Path, name: str) -> None:
    """Read a GGUF file and write its weights, settings and tokenizer to a folder; slow.

    Parameters
    ----------
    folder : Path
        From `home`.
    name : str
        What the person calls the model.

    Raises
    ------
    HeadscopeError
        If a library is missing, the file is broken or not of a family that transformers reads from
        GGUF, or disk or memory have no room.
    """
    if any(importlib.util.find_spec(each) is None for each in LIBRARIES):
        raise HeadscopeError(f"To read {name} two more libraries are needed. Run: {INSTALL}")
    header = headers.read(file, name)
    _check_parts(header, name)
    _check_room(header, name)
    memory.allow(header.size)  # the file is mapped
    reader = reading.of(file, header, name)
    with (
        store.draft_folder(folder) as draft,
        reading.in_place(reader) as names,
        _told(name, folder, header),
    ):
        _write(file, header, names, draft, name)


def _check_parts(header: Header, name: str) -> None:
    """Refuse what is a part of a model, or of no family that transformers reads."""
    count = header.values.get("split.count")
    if count is not None and count.items[0] > 1:
        raise HeadscopeError(
            f"{name} is one of {count.items[0]} files that are a model together, and transformers "
            "reads a model from one. Join them with: llama-gguf-split --merge"
        )
    from transformers.integrations.ggml import GGUF_CONFIG_MAPPING
    from transformers.integrations.gguf import GGUF_CONFIG_ARCHS

    if header.architecture not in {*GGUF_CONFIG_MAPPING, *GGUF_CONFIG_ARCHS, *_ALIASES}:
        family = _seen(header.architecture) or "unknown"
        raise HeadscopeError(
            f"{name} is of the family {family}, which transformers does not read from GGUF files. "
            "Choose the version of the model in safetensors."
        )
    if not header.number("attention.head_count") and header.architecture in _WITHOUT_ATTENTION:
        raise HeadscopeError(
            f"{name} is of the family {header.architecture}, which has no attention heads. Choose "
            "another model."
        )
    if not header.count("tokenizer.ggml.tokens"):
        raise HeadscopeError(
            f"{name} has no tokenizer, so it can't read text. Headscope needs a model of text."
        )
    for key in ("tokenizer.ggml.tokens", "tokenizer.ggml.merges"):
        items = header.values[key].items if key in header.values else ()
        if any(not isinstance(item, bytes) or len(item) > MOST_TOKEN for item in items):
            raise headers.broken(name)


def _check_room(header: Header, name: str) -> None:
    need, free = _cost(header), shutil.disk_usage(store.root()).free
    if need.disk > free:
        raise HeadscopeError(
            f"To convert {name} takes {need}, and {free / 2**30:,.1f} GiB of the disk are free in "
            f"{store.root()}. Make room, or set HEADSCOPE_CACHE to another folder."
        )
    used = store.usage()
    whole = used.texts + used.others + need.disk + ROOM
    if whole > used.limit:
        raise HeadscopeError(
            f"To convert {name} takes {need}, and the whole cache may take "
            f"{used.limit / 2**30:,.1f} GiB. Start Headscope with --cache-limit "
            f"{math.ceil(whole / 2**30)}, or choose a smaller model."
        )
    if need.memory > (free := memory.free()):
        raise HeadscopeError(
            f"To convert {name} takes {need}, and {free / 2**30:,.1f} GiB of memory are free. "
            "Choose a smaller model or close other programs."
        )


def _write(file: Path, header: Header, names: dict[str, str], draft: Path, name: str) -> None:
    from transformers import AutoTokenizer, GgufConfig

    from compute.model_files import files, kinds, skeleton

    # In the draft nothing lies that could mislead; beside the file there may.
    where: dict[str, Any] = {"gguf_file": str(file.resolve()), "local_files_only": True}
    with contextlib.redirect_stderr(io.StringIO()):  # its progress bars
        config = _config(file, header, name)
        task = kinds.task(config)
        kinds.check(config, task, name)
        with skeleton.held_against(files.Weights(len(header.tensors), header.numbers), name):
            net, report = kinds.auto_class(config, task).from_pretrained(
                draft,
                config=config,
                dtype="float32",
                quantization_config=GgufConfig(dequantize=True),
                output_loading_info=True,
                **where,
            )
        _check_all_used(header, names, report, name)
        tokenizer = AutoTokenizer.from_pretrained(draft, **where)
        net.save_pretrained(draft)
        tokenizer.save_pretrained(draft)


def _config(file: Path, header: Header, name: str) -> Any:
    """Return the settings of the model, with what transformers leaves out."""
    from transformers import AutoConfig
    from transformers.integrations.gguf import GGUF_CONFIG_ARCHS, get_gguf_config
    from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

    from compute.model_files import files

    if header.architecture in GGUF_CONFIG_ARCHS:
        from transformers.integrations.gguf import read_gguf_metadata

        found = get_gguf_config(*read_gguf_metadata(str(file)))
    else:
        found = load_gguf_checkpoint(file, return_tensors=False)["config"]
    files.check_settings(name, found)
    more = settings.left_out(file, header, found, AutoConfig.for_model(**found), name)
    return AutoConfig.for_model(**(found | more))


def _check_all_used(
    header: Header, names: dict[str, str], report: dict[str, Any], name: str
) -> None:
    """Refuse a model that has less than its file, or more: it would compute something else."""
    if missing := report["missing_keys"]:
        raise HeadscopeError(
            f"The GGUF file {name} is not complete: {len(missing)} tensors of the model are "
            f"missing ({min(missing)} …). Copy or download it anew."
        )
    unused = [t.name for t in header.tensors if t.name not in names] if names else []
    if unused := [each for each in unused if not each.endswith(_READ_APART)]:
        raise HeadscopeError(
            f"The GGUF file {name} has {len(unused)} tensors ({_seen(unused[0])} …) that "
            "transformers' model of this family does not use, so its attention would be another's. "
            "Choose the version of the model in safetensors."
        )


def _seen(word: str) -> str:
    """Return the start of a word of a file without what can't be seen."""
    return "".join(letter for letter in word[:60] if letter.isprintable())


@contextlib.contextmanager
def _told(name: str, folder: Path, header: Header) -> Iterator[None]:
    """Say in a sentence what went wrong."""
    try:
        yield
    except (HeadscopeError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the tokenizers' library is no Exception
        if store.of_the_disk(error):
            raise HeadscopeError(
                f"{name} could not be converted in {folder.parent}: {error.strerror}. It takes "
                f"{_cost(header)}; make room, or set HEADSCOPE_CACHE to another folder."
            ) from error
        if memory.lacked(error):
            raise HeadscopeError(
                f"{name} does not fit into memory: to convert it takes {_cost(header)}. Choose a "
                "smaller model."
            ) from error
        raise HeadscopeError(
            f"transformers can't read the GGUF file {name}: its settings, its tokenizer or its "
            "weights are broken or of another form. Choose the version of the model in safetensors."
        ) from error
