"""Small corpora measured in tiny models, all in this process."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import tiny

from compute.corpora import Chosen
from compute.corpus import whole
from compute.corpus.whole import Options

HOSTILE = "<script>alert(1)</script>"


def model(folder: Path, family: str = "gpt2") -> str:
    """Return what names a tiny model, made in a folder."""
    return str(tiny.save(folder / family, family))


def records(count: int, seed: int = 0) -> list[dict[str, str]]:
    """Return documents of some tokens each, in two slices; one name looks like HTML."""
    rng = np.random.default_rng(seed)
    return [
        {
            "text": " ".join(rng.choice(tiny.WORDS, rng.integers(4, 40))),
            "of": ("old", HOSTILE)[n % 2],
        }
        for n in range(count)
    ]


def jsonl(path: Path, lines: Iterable[dict]) -> Path:
    """Write JSON lines, and return their file."""
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return path


def measure(spec: str, files: Sequence[Path], **options: object) -> str:
    """Measure a model over files, and return the name of what was found."""
    chosen = Chosen(tuple(map(str, files)), "text", "of")
    known = {"tokens": None, "length": 32, "workers": 0, "threads": 1}
    return whole.measure(spec, chosen, Options(**known | options), lambda _: None)
