"""What a GGUF file costs until its first picture: ``python benchmarks/conversion.py``.

SmolLM2-135M. First transformers alone reads the file and saves that; then Headscope converts it,
and both are compared number by number. Then the time until a text that was never read is open: with
the conversion done before, in a process that has its libraries loaded and computes with one thread,
as the page's jobs do. The picture that the page shows first, the closed form, is made too.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from shared import machine

LIMITS = {"conversion": 20.0, "from a conversion to the first picture": 12.0}


def main() -> int:
    """Measure, print a table, and return 1 if something takes longer than it may."""
    from compute.model_files import packaged

    if not packaged.installed():
        print(f"SmolLM2 is not installed. Run: {packaged.INSTALL}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HEADSCOPE_CACHE"] = folder
        times = measure(Path(folder) / "plain")
    print(f"SmolLM2-135M from its GGUF file, {machine()}")
    for name, found in times.items():
        limit = f", at most {LIMITS[name]:.0f} s" if name in LIMITS else ""
        print(f"{name:<44}{found:>7.1f} s{limit}")
    return int(any(times[name] > limit for name, limit in LIMITS.items()))


def measure(plain: Path) -> dict[str, float]:
    """Return the seconds of everything; raise if a number differs from transformers' own."""
    import torch
    from safetensors.torch import load_file

    import compute.jobs.warm  # noqa: F401
    from compute.finding import catalog
    from compute.jobs import opening
    from compute.model_files import packaged

    times: dict[str, float] = {}
    began = time.monotonic()
    _by_transformers(packaged.file(), plain)
    times["transformers alone"] = time.monotonic() - began
    began = time.monotonic()
    source = catalog.find("smollm2")
    catalog.fetch(source)
    times["conversion"] = time.monotonic() - began
    ours, theirs = (load_file(each / "model.safetensors") for each in (source.folder, plain))
    if ours.keys() != theirs.keys() or not all(torch.equal(ours[k], theirs[k]) for k in ours):
        raise AssertionError("The conversion gives other numbers than transformers.")
    began = time.monotonic()
    opened = opening.open_run("smollm2", "prose", lambda _: None)
    times["loading and reading the text"] = time.monotonic() - began
    _first_picture(opened["key"])
    times["from a conversion to the first picture"] = time.monotonic() - began
    return times


def _by_transformers(file: Path, folder: Path) -> None:
    import torch
    import transformers
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where = {"gguf_file": file.name, "local_files_only": True}
    transformers.utils.logging.disable_progress_bar()
    tokenizer = AutoTokenizer.from_pretrained(file.parent, **where)
    net = AutoModelForCausalLM.from_pretrained(file.parent, dtype=torch.float32, **where)
    net.hf_quantizer = None
    del net.config.quantization_config
    net.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _first_picture(key: str) -> None:
    from compute import runs
    from compute.all_heads import tiles
    from compute.maps.cloud import cloud

    tiles.stand_in(cloud(runs.load(key), 0, 0), "attention")


if __name__ == "__main__":
    sys.exit(main())
