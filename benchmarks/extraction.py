"""What extraction costs beside a plain forward pass: ``python benchmarks/extraction.py``.

MiniLM over the default built-in text. Plain: the same batches through the same model with
transformers' own SDPA attention, nothing kept. Extraction: tokenising, the passes, all query and
key vectors written to disk and sealed. Both in one process, taken in turn, with one thread, as the
page's jobs have it, and with all. The ratio is the median of those of all rounds, so that what else
the machine does meanwhile counts little.
"""

import os
import statistics
import sys
import tempfile

import numpy as np
from shared import machine, seconds

LIMIT = 1.10
ROUNDS = 9


def main() -> int:
    """Measure, print a table, and return 1 if extraction costs more than it may."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HEADSCOPE_CACHE"] = folder
        found, n = measure()
    print(f"MiniLM, {n:,} tokens, {ROUNDS} rounds, {machine()}")
    print(f"{'':<36}{'median':>9}{'least':>9}{'most':>9}")
    ratios = []
    for threads, times in found.items():
        of = f"{threads} thread{'s' * (threads > 1)}"
        for name, t in times.items():
            numbers = statistics.median(t), min(t), max(t)
            print(f"{f'{name}, {of}':<36}" + "".join(f"{x:>8.3f}s" for x in numbers))
        each = [ours / plain for plain, ours in zip(*times.values(), strict=True)]
        ratios.append(statistics.median(each))
        print(f"{f'ratio, {of}':<36}{ratios[-1]:>8.3f} {min(each):>8.3f} {max(each):>8.3f}")
    print(f"at most {LIMIT} with one thread, as the page's jobs have it")
    return int(ratios[0] > LIMIT)


def measure() -> tuple[dict[int, dict[str, list[float]]], int]:
    """Return the seconds of every round of both ways by threads, and the number of tokens."""
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

    found: dict[int, dict[str, list[float]]] = {}
    for threads in sorted({1, torch.get_num_threads()}):
        torch.set_num_threads(threads)
        times = found[threads] = {"plain forward (SDPA)": [], "extraction": []}
        plain(), extraction()
        for _ in range(ROUNDS):
            for name, way in zip(times, (plain, extraction), strict=True):
                runs.RUNS.drop(key)
                times[name].append(seconds(way))
    return found, len(tokens)


if __name__ == "__main__":
    sys.exit(main())
