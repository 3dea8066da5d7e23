"""How long it takes to say what a head writes: ``python benchmarks/why_writes.py``.

Heads spread over all layers, at two thirds of passages of a built-in text, in models that are
loaded before; the largest errors of the sums, beside what is let through; and a whole text. Exit
code 1 if a position takes longer than it may, or an error is larger.
"""

import statistics
import time

import numpy as np
from shared import machine, seconds

MODELS = ("demo-gpt", "demo-bert", "smollm2")
MOST = {"demo-gpt": 0.5, "demo-bert": 0.5, "smollm2": 2.0}  # seconds for a position
HEADS, PASSAGES = 6, 4


def main() -> int:
    """Measure, print two lines a model, and return 1 if a limit is missed."""
    from compute.model_files import packaged

    fine = [measure(name) for name in (MODELS if packaged.installed() else MODELS[:-1])]
    print(machine())
    return int(not all(fine))


def measure(name: str) -> bool:
    """Print times and errors of a model; return whether they are within the limits."""
    from compute import texts
    from compute.finding import catalog
    from compute.models import loading
    from compute.texts.tokenise import tokens_of
    from compute.writes import at_place, checks, over_text

    model = loading.load(catalog.find(name))
    text = texts.load("prose")
    tokens, _ = tokens_of(model.tokenizer, text.passages, model.info.positions)
    layers = np.unique(np.linspace(0, model.info.layers - 1, HEADS).round().astype(int)).tolist()
    passages = np.linspace(0, len(tokens.starts) - 2, PASSAGES).round().astype(int).tolist()
    times, found, before = [], [], time.process_time()
    for layer in layers:
        for passage in passages:
            ids, head = tokens.ids[tokens.span(passage)], (layer + passage) % model.info.heads
            asked = model, ids, layer, head, 2 * len(ids) // 3

            def once(asked: tuple = asked) -> None:
                found.append(at_place.measure(*asked))

            times.append(seconds(once))
    busy = (time.process_time() - before) / len(times)
    few = texts.from_user("\n".join(text.passages[:10]), by="line")
    some, _ = tokens_of(model.tokenizer, few.passages, model.info.positions)
    took = seconds(lambda: over_text.measure(model, some, layers[-1], 0))
    most = checks.limits(model.net.dtype)
    errors = [max(getattr(each, f"{part}_error") for each in found) for part in most._fields]
    said = ", ".join(f"{part} {e:.1e}" for part, e in zip(most._fields, errors, strict=True))
    print(
        f"{name}: a head at a position in {statistics.median(times):.3f} s (at most "
        f"{max(times):.3f} s; allowed {MOST[name]:g} s), {len(times)} of them, {busy:.3f} s "
        f"of a processor each; {len(some)} tokens of a text in {took:.2f} s"
    )
    print(f"  errors at most: {said}")
    within = all(e <= limit for e, limit in zip(errors, most, strict=True))
    return within and statistics.median(times) <= MOST[name]


if __name__ == "__main__":
    raise SystemExit(main())
