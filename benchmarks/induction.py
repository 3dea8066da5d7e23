"""What a scan of all heads for induction costs: ``python benchmarks/induction.py``.

On SmolLM2-135M (if its package is installed) and on demo-bert, 50 trials, ways taken in turn:

- *plain*: the same batches through the same model without its token-predicting head, with SDPA
  attention, nothing kept;
- *ours*: `reading.read`, the scores of all heads reduced layer by layer while the model runs;
- *study*: one trial per pass, eager attention, all matrices returned and kept, gradients not
  switched off, then read (the way of the study that looked for induction in BERT first);
- *TransformerLens* 4.3: `run_with_cache` of its bridge, patterns only, in a virtual environment of
  its own that shares our torch and transformers. If it can't be installed, that is said.

Memory is by how much the resident size grows at most after loading, each way in a process of its
own (Linux). Medians of wall time decide; processor time is beside, since machines are shared.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent))

ROUNDS = 3
TRIALS = 50
LENGTHS = {"smollm2": 50, "demo-bert": 100}
LENS = "transformer-lens==4.3.0"
GOALS = {"plain": ("at most", 1.25), "TransformerLens": ("at least", 1.4), "study": ("at least", 5)}


def main(specs: list[str]) -> int:
    """Measure all ways on some models, print tables, and return 1 if a goal is missed."""
    from compute.model_files import packaged

    python = lens_python()
    missed = False
    for spec in specs:
        if spec == "smollm2" and not packaged.installed():
            print(f"smollm2: not measured, it is not installed. Run: {packaged.INSTALL}\n")
            continue
        missed |= report(spec, python)
    return int(missed)


def report(spec: str, python: str | None) -> bool:
    """Measure one model and print what was found; tell whether a goal was missed."""
    from shared import machine

    with tempfile.TemporaryDirectory() as folder:
        found = measure(spec, folder)
        lens = run_lens(python, spec, folder) if python else "it could not be installed"
        if isinstance(lens, dict):
            found["TransformerLens"] = lens["times"]
            same = np.abs(np.load(Path(folder) / "ours.npy") - np.load(Path(folder) / "lens.npy"))
        memory = {way: growth(spec, way) for way in WAYS}
        if isinstance(lens, dict):
            memory["TransformerLens"] = lens["memory"]
    tokens = TRIALS * 2 * LENGTHS[spec]
    print(f"{spec}: {TRIALS} trials, {tokens:,} random tokens, {ROUNDS} rounds, {machine()}")
    print(f"{'':<18}{'wall':>9}{'least':>9}{'processor':>11}{'memory':>10}")
    for way, times in found.items():
        wall, processor = ([t[i] for t in times] for i in (0, 1))
        print(
            f"{way:<18}{statistics.median(wall):>8.2f}s{min(wall):>8.2f}s"
            f"{statistics.median(processor):>10.2f}s{memory[way]:>6.0f} MiB"
        )
    ours = statistics.median(t[0] for t in found["ours"])
    missed = False
    for way, (bound, goal) in GOALS.items():
        if way not in found:
            print(f"{way}: not measured, {lens}")
            continue
        other = statistics.median(t[0] for t in found[way])
        ratio = ours / other if bound == "at most" else other / ours
        fine = ratio <= goal if bound == "at most" else ratio >= goal
        missed |= not fine
        what = "times the plain pass" if bound == "at most" else f"times faster than {way}"
        print(f"ours: {ratio:.2f} {what} ({bound} {goal}{'' if fine else ', MISSED'})")
    if isinstance(lens, dict):
        print(f"largest difference of a score from TransformerLens: {same.max():.1e}")
    print(flush=True)
    return missed


def prepare(spec: str):
    """Return a model and the trials."""
    from compute.finding import catalog
    from compute.models import loading
    from compute.trials import planned

    model = loading.load(catalog.find(spec))
    trials, *_ = planned.plan(model, "standard", "corrected", TRIALS, LENGTHS[spec], 0)
    return model, trials


def plain(model, trials) -> None:
    """Run the batches and keep nothing."""
    import torch

    from compute.trials import trial_scores as reading

    step = reading.BATCH // trials.ids.shape[1]
    core = model.net.base_model
    assert core.config._attn_implementation == "sdpa"
    with torch.inference_mode():
        for start in range(0, TRIALS, step):
            core(input_ids=torch.from_numpy(trials.ids[start : start + step]))


def ours(model, trials) -> np.ndarray:
    """Scan all heads."""
    from compute.trials import trial_scores as reading

    return reading.read(model, trials)


def study(model, trials) -> np.ndarray:
    """Keep all attention of one trial at a time, then read the one row."""
    import torch

    model.net.set_attn_implementation("eager")
    row = trials.rows.index("earlier+1" if model.info.causal else "earlier+0")
    scores = []
    for trial, ids in enumerate(trials.ids):
        kept = model.net(input_ids=torch.from_numpy(ids[None]), output_attentions=True)
        attention = torch.cat(kept.attentions).detach().numpy()
        places = trials.queries[trial], trials.keys[trial, :, row, 0]
        scores.append(attention[:, :, *places].mean(-1))
    model.net.set_attn_implementation("sdpa")
    return np.mean(scores, 0)


WAYS: dict[str, Callable] = {"plain": plain, "ours": ours, "study": study}


def measure(spec: str, folder: str) -> dict[str, list[tuple[float, float]]]:
    """Return wall and processor seconds of every round of our three ways; files for the fourth."""
    model, trials = prepare(spec)
    row = trials.rows.index("earlier+1" if model.info.causal else "earlier+0")
    scores = ours(model, trials)[:, row].mean(0)
    assert np.abs(scores - study(model, trials)).max() < 1e-4
    np.save(Path(folder) / "ours.npy", scores)
    names = ("ids", "queries")
    np.savez(
        Path(folder) / "trials.npz",
        keys=trials.keys[:, :, row, 0],
        **{name: getattr(trials, name) for name in names},
    )
    model.net.save_pretrained(Path(folder) / "model")
    model.tokenizer.save_pretrained(Path(folder) / "model")
    times: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    for _ in range(ROUNDS):
        for way, run in WAYS.items():
            times[way].append(seconds(lambda run=run: run(model, trials)))
    return times


def seconds(run: Callable[[], object]) -> tuple[float, float]:
    """Return wall and processor seconds of a call."""
    start, used = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - start, time.process_time() - used


def growth(spec: str, way: str) -> float:
    """Return by how many MiB a way lets the memory grow, measured in a process of its own."""
    code = [sys.executable, str(HERE), "--memory", spec, way]
    done = subprocess.run(code, capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def grown(run: Callable[[], object]) -> float:
    """Return by how many MiB the resident size of this process grows at most during a call."""
    Path("/proc/self/clear_refs").write_text("5")  # forget the largest size so far
    before = status("VmRSS")
    run()
    return status("VmHWM") - before


def status(name: str) -> float:
    """Return a size of this process from the kernel, in MiB."""
    text = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(name)) / 1024


def lens_python() -> str | None:
    """Return the Python of an environment with TransformerLens, made if need be, or None."""
    from compute import store

    home = store.root() / "benchmarks" / LENS.replace("==", "-")
    python = home / "bin" / "python"
    if not python.exists():
        import torch

        print(f"Installing {LENS} into an environment of its own …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        site = next((home / "lib").glob("python*/site-packages"))
        (site / "shared.pth").write_text(str(Path(torch.__file__).parent.parent))
    if any((home / "lib").glob("python*/site-packages/transformer_lens-*")):
        return str(python)
    command = [str(python), "-m", "pip", "install", "--quiet", LENS]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr.strip().splitlines()[-1], file=sys.stderr)
        return None
    return str(python)


def run_lens(python: str, spec: str, folder: str) -> dict | str:
    """Return times and memory of TransformerLens, or why there are none."""
    command = [python, str(HERE), "--lens", folder]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return f"it can't run {spec} ({last[:200]})"
    return json.loads(done.stdout.splitlines()[-1])


def lens(folder: str) -> None:
    """Measure TransformerLens; runs in its own environment."""
    import torch
    from transformer_lens.model_bridge import TransformerBridge

    bridge = TransformerBridge.boot_transformers(f"{folder}/model", device="cpu")
    trials = np.load(f"{folder}/trials.npz")
    step = 4096 // trials["ids"].shape[1]

    def scan() -> np.ndarray:
        scores = []
        with torch.inference_mode():
            for start in range(0, len(trials["ids"]), step):
                some = slice(start, start + step)
                ids = torch.from_numpy(trials["ids"][some])
                _, cache = bridge.run_with_cache(
                    ids, names_filter=lambda name: name.endswith("hook_pattern")
                )
                layers = [cache[name] for name in cache if name.endswith("hook_pattern")]
                trial = torch.arange(len(ids))[:, None]
                queries, keys = (torch.from_numpy(trials[n][some]) for n in ("queries", "keys"))
                rows = [layer[trial, :, queries, keys].mean(1) for layer in layers]
                scores.append(torch.stack(rows, 1).numpy())
        return np.concatenate(scores).mean(0)

    memory = grown(lambda: np.save(f"{folder}/lens.npy", scan()))
    times = [seconds(scan) for _ in range(ROUNDS)]
    print(json.dumps({"times": times, "memory": memory}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--lens"]:
        lens(sys.argv[2])
    elif sys.argv[1:2] == ["--memory"]:
        prepared = prepare(sys.argv[2])
        print(grown(lambda: WAYS[sys.argv[3]](*prepared)))
    else:
        sys.exit(main(sys.argv[1:] or list(LENGTHS)))
