"""How long a model takes to open, its checks included, beside transformers alone.

Seconds of the processor, with one thread and all files in memory: on a machine that does nothing
else they are those of the clock.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from transformers import AutoImageProcessor, AutoTokenizer

from compute.finding import catalog
from compute.model_files import packaged
from compute.models import loading

MODELS = "demo-gpt", "demo-bert", "demo-pairs", "demo-vit", "minilm", "smollm2"
ROUNDS = 7


@dataclass(frozen=True)
class Row:
    """Seconds to open a model, the least of some rounds.

    Attributes
    ----------
    alone : float
        Settings, weights and tokenizer (or image processor), by transformers' `from_pretrained`.
    ours : float
        The same, found by its name, its files looked through, and its attention held against the
        model's own.
    """

    spec: str
    alone: float
    ours: float

    @property
    def ratio(self) -> float:
        """How many times as long it takes with the checks."""
        return self.ours / self.alone


def here() -> list[str]:
    """Return the models that are installed."""
    return [spec for spec in MODELS if spec != "smollm2" or packaged.installed()]


def row(spec: str, rounds: int = ROUNDS) -> Row:
    """Open a model in both ways, in turn; its files are read once before."""
    source = catalog.find(spec)
    catalog.fetch(source)
    model = loading.load(source)
    kind, dtype = type(model.net), model.net.dtype
    reader = AutoImageProcessor if model.info.task == "picture" else AutoTokenizer

    def alone() -> None:
        kind.from_pretrained(source.folder, dtype=dtype, local_files_only=True).eval()
        reader.from_pretrained(source.folder, local_files_only=True)

    def ours() -> None:
        loading.load.cache_clear()
        loading.load(catalog.find(spec))

    del model
    pairs = [(_seconds(alone), _seconds(ours)) for _ in range(rounds)]
    return Row(spec, *map(min, zip(*pairs, strict=True)))


def _seconds(way: Callable[[], object]) -> float:
    start = time.process_time()
    way()
    return time.process_time() - start


def table(show: Callable[[str], None], rounds: int = ROUNDS) -> list[Row]:
    """Show a row a model, each as soon as it is measured."""
    torch.set_num_threads(1)  # as in a job
    show(f"{'model':<12}{'transformers':>14}{'Headscope':>12}{'ratio':>8}")
    rows = []
    for spec in here():
        rows.append(row(spec, rounds))
        one = rows[-1]
        show(f"{spec:<12}{one.alone:>13.3f}s{one.ours:>11.3f}s{one.ratio:>8.2f}")
    return rows
