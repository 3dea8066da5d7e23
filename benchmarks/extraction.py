"""What extraction costs beside a plain forward pass: ``python benchmarks/extraction.py``.

MiniLM over the default built-in text. Plain: the same batches through the same model with
transformers' own SDPA attention, nothing kept. Extraction: tokenising, the passes, all query and
key vectors written to disk and sealed. Both in one process, taken in turn, medians of five.
"""

import os
import statistics
import sys
import tempfile

import numpy as np
from shared import machine, seconds

LIMIT = 1.25
ROUNDS = 5


def main() -> int:
    """Measure, print a table, and return 1 if extraction costs more than it may."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HEADSCOPE_CACHE"] = folder
        times, n = measure()
    rows = [(name, statistics.median(t), min(t), max(t)) for name, t in times.items()]
    print(f"MiniLM, {n:,} tokens, {ROUNDS} rounds, {machine()}")
    print(f"{'':<24}{'median':>9}{'least':>9}{'most':>9}")
    for name, *numbers in rows:
        print(f"{name:<24}" + "".join(f"{x:>8.3f}s" for x in numbers))
    ratio = rows[1][1] / rows[0][1]
    print(f"ratio {ratio:.3f}, at most {LIMIT}")
    return int(ratio > LIMIT)


def measure() -> tuple[dict[str, list[float]], int]:
    """Return the seconds of every round of both ways, and the number of tokens."""
    import torch

    from compute import runs, texts
    from compute.finding import catalog
    from compute.models import loading
    from compute.progress import unseen
    from compute.runs import vectors
    from compute.texts.tokenise import tokens_of

    text = next(iter(texts.built_in().values()))
    source = catalog.find("minilm")
    model = loading.load(source)
    net, key = model.net, runs.key_of(source, text)
    tokens, _ = tokens_of(model.tokenizer, text.passages, model.info.positions)
    inputs = []
    for batch in vectors.batches(np.diff(tokens.starts)):
        ids, mask = vectors.padded(model, tokens, batch)
        padding = {} if mask.all() else {"attention_mask": mask}
        inputs.append({"input_ids": ids, **padding})

    def plain() -> None:
        assert net.config._attn_implementation == "sdpa"
        with torch.inference_mode():
            for arguments in inputs:
                net(**arguments)

    def extraction() -> None:
        vectors.extract(model, text, key, unseen)

    times: dict[str, list[float]] = {"plain forward (SDPA)": [], "extraction": []}
    plain(), extraction()
    for _ in range(ROUNDS):
        for name, way in zip(times, (plain, extraction), strict=True):
            runs.RUNS.drop(key)
            times[name].append(seconds(way))
    return times, len(tokens)


if __name__ == "__main__":
    sys.exit(main())
