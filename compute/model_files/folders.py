"""Which files of a folder make a model: told from their names and sizes alone."""

import re
from pathlib import Path

from compute.errors import HeadscopeError

ADAPTER, ADAPTER_WEIGHTS = "adapter_config.json", "adapter_model.safetensors"

_SAFETENSORS = re.compile(r"model(-\d+-of-\d+)?\.safetensors")
_TORCH = re.compile(r"pytorch_model(-\d+-of-\d+)?\.bin")
PROCESSORS = ("preprocessor_config.json", "processor_config.json")
"""What says how a model of pictures wants them."""
_TOKENIZER = re.compile(r"(tokenizer|vocab|merges|spiece|sentencepiece|bpe|dict).*|.+\.model")
_SETTINGS = re.compile(r".+\.json|.+\.txt|.+\.model|.+\.tiktoken")


def wanted(names: list[str]) -> list[str]:
    """Return those of a model's file names that are needed, the safest kind of weights only."""
    settings = [n for n in names if _SETTINGS.fullmatch(n) or n.startswith("tokenizer")]
    settings = [n for n in settings if "/" not in n and not n.endswith((".bin", ".safetensors"))]
    return sorted(settings + weights(names))


def wanted_sizes(folder: Path) -> dict[str, int]:
    """Return the files of a folder that are needed, and their bytes.

    Raises
    ------
    OSError
        If a file is not there any more.
    """
    return {name: (folder / name).stat().st_size for name in wanted(file_names(folder))}


def weights(names: list[str]) -> list[str]:
    """Return the safetensors files among the names, or else the torch files, or nothing."""
    for kind in (_SAFETENSORS, _TORCH):
        if found := sorted(n for n in names if kind.fullmatch(n)):
            return found
    return []


def is_adapter(names: list[str]) -> bool:
    """Tell whether files are those of an adapter to a model, and of no model of its own."""
    return ADAPTER in names and not weights(names)


def reads_something(names: list[str]) -> bool:
    """Tell whether there is a tokenizer, or what says how pictures are read."""
    return has_tokenizer(names) or any(name in names for name in PROCESSORS)


def has_tokenizer(names: list[str]) -> bool:
    """Tell whether some of the files are those of a tokenizer."""
    return any(_TOKENIZER.fullmatch(name) for name in names)


def check(spec: str, names: list[str]) -> None:
    """Raise for files that can't make a model of texts or pictures."""
    in_gguf = sorted(name for name in names if name.lower().endswith(".gguf"))
    if in_gguf and not weights(names):
        raise HeadscopeError(
            f"{spec} holds its weights in GGUF files. Name one of them: "
            f"{spec}{'/' if Path(spec).is_absolute() else ':'}{in_gguf[0]}"
        )
    if "config.json" not in names:
        raise HeadscopeError(
            f"{spec} has no config.json, so it is not a model that transformers can read. Name the "
            "folder that holds one, beside weights and tokenizer."
        )
    if not weights(names):
        raise HeadscopeError(
            f"{spec} has no weights that Headscope reads. It needs model.safetensors, or "
            "pytorch_model.bin with plain tensors."
        )
    if ADAPTER in names:
        raise HeadscopeError(
            f"{spec} holds a model and an adapter to one. Put the adapter's files, which begin "
            "with adapter_, into a folder of their own; then either can be opened."
        )
    if not reads_something(names):
        raise HeadscopeError(
            f"{spec} has no tokenizer, so it can't read text. If it is a model of text, save its "
            "tokenizer beside it, with the tokenizer's save_pretrained; if of pictures, its image "
            "processor."
        )


_KINDS = {
    ".safetensors": "holds weights alone",
    ".bin": "holds weights alone",
    ".pt": "was written by torch and may run code when it is read, so it is not opened",
    ".pth": "was written by torch and may run code when it is read, so it is not opened",
    ".ckpt": "was written by torch and may run code when it is read, so it is not opened",
    ".pkl": "may run code when it is read, so it is not opened",
    ".ggml": "is of a format that GGUF has taken the place of",
    ".onnx": "is a model in ONNX, which transformers does not read",
    ".h5": "holds weights for TensorFlow, which transformers no longer reads",
    ".msgpack": "holds weights for JAX, which transformers no longer reads",
    ".zip": "is an archive; unpack it",
    ".gz": "is an archive; unpack it",
    ".tar": "is an archive; unpack it",
}


def told_of_file(file: Path, spec: str) -> str:
    """Return the sentences for a file that was named in place of a folder."""
    kind = _KINDS.get(file.suffix.lower())
    said = f"{spec} is a file" + (f" that {kind}" if kind else "")
    return (
        f"{said}. Name the folder that holds the model's config.json, weights and tokenizer, or a "
        "GGUF file."
    )


def file_names(folder: Path) -> list[str]:
    """Return the names of the files in a folder, in order; none if it can't be read."""
    try:
        return sorted(p.name for p in folder.iterdir() if p.is_file())
    except OSError:
        return []


def complete(names: list[str]) -> bool:
    """Tell whether nothing needed is missing, all shards of the weights included."""
    if "config.json" not in names or not reads_something(names):
        return False
    shards = weights(names)
    last = re.search(r"-of-(\d+)\.", shards[-1]) if shards else None
    return bool(shards) and (last is None or len(shards) == int(last[1]))
