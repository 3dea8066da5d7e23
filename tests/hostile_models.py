"""Opens tiny models whose settings were changed by somebody who means harm; a program of its own.

Every number of a config.json is replaced, one at a time, and the process may not take 500 MB for
it; then the settings name program code of the hub. Prints what happened, as JSON.
"""

import json
import os
import resource
import tempfile
import time
from pathlib import Path

from compute.finding import catalog  # isort: skip - before all else that imports transformers
from compute.models import loading  # isort: skip - before all else that imports transformers
from compute.errors import HeadscopeError  # isort: skip
import tiny
import torch
from transformers.integrations import hub_kernels

VALUES = (0, -1, 10**6, 10**12, 10**400, 1e308, "x", None, [], {}, [10**9])
MORE_MEMORY = 500 * 2**20


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        os.environ["HEADSCOPE_CACHE"] = f"{place}/cache"
        folder = Path(place)
        found = {"enabled": hub_kernels._kernels_enabled, "kernels": kernels(folder)}
        for family in ("bert", "gpt2"):
            found[family] = changed_settings(folder / family, family)
    print(json.dumps(found))


def opened(folder: Path) -> str:
    """Return what became of a model: the family, or the sentence that says why not."""
    loading.load.cache_clear()
    try:
        return loading.load(catalog.find(str(folder))).info.family
    except HeadscopeError as error:
        return str(error)


def changed_settings(folder: Path, family: str) -> list[list]:
    """Return setting, value, outcome and seconds of every change."""
    tiny.save(folder, family)
    assert opened(folder) == family
    limit_memory()
    file = folder / "config.json"
    whole = json.loads(file.read_text())
    numbers = [k for k, v in whole.items() if isinstance(v, int) and not isinstance(v, bool)]
    found = []
    for name in [*numbers, "num_labels", "architectures"]:
        for value in VALUES:
            file.write_text(json.dumps(whole | {name: value}))
            began = time.monotonic()
            outcome = opened(folder)
            found.append([name, repr(value)[:20], outcome, time.monotonic() - began])
    return found


def limit_memory() -> None:
    lines = Path("/proc/self/status").read_text().splitlines()
    taken = next(int(line.split()[1]) for line in lines if line.startswith("VmData")) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (taken + MORE_MEMORY, resource.RLIM_INFINITY))


def kernels(folder: Path) -> dict[str, str]:
    """Return the outcome for every way in which settings may name code of the hub."""
    found = {}
    for family in ("bert", "gpt_oss"):
        for name in ("attn_implementation", "experts_implementation"):
            for key in (name, f"_{name}", f"_{name}_internal"):
                tiny.change_config(tiny.save(folder / family, family), **{key: "owner/kernel"})
                found[f"{family} {key}"] = opened(folder / family)
        more = {"use_kernels": True, "kernel_config": {"BertLayer": "owner/kernel:Layer"}}
        tiny.change_config(tiny.save(folder / family, family), **more)
        found[f"{family} use_kernels"] = opened(folder / family)
    return found


if __name__ == "__main__":
    main()
