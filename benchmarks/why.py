"""Whether proposals hold what measuring finds: ``python benchmarks/why.py``.

For edges of induction and of text in each model: the head whose removal changes the contrast most,
of all earlier ones, and whether it is among the first 20 that are proposed; Spearman's correlation
of each attribution with what all removals really change; and the time of a split, a proposal and 20
removals beside that of all, in one run. Exit code 1 if the strongest is proposed in less than 95 %.

``--models demo-gpt``, ``--edges 20``, ``--seed 0``. Text: of the built-in prose, edges of at least
.4 attention, one of each head as long as there are any. Induction: the five heads with most
attention on the edges of induction (all pairs of equal tokens, where a model has no mask token).
"""

import argparse
import statistics
import time
from collections.abc import Iterator

import numpy as np
from shared import machine

MODELS = ("demo-gpt", "demo-bert", "minilm", "smollm2")
KINDS = ("induction", "text")
HELD = 0.95
LENGTH, LEAST = 25, 0.4


def main() -> int:
    """Measure, print a line per model, kind and side, and return 1 if a bar is missed."""
    from compute.model_files import packaged

    options = _options()
    models = [name for name in options.models if name != "smollm2" or packaged.installed()]
    fine = [measure(name, kind, options) for name in models for kind in KINDS]
    print(machine())
    return int(not all(fine))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", nargs="*", default=MODELS)
    parser.add_argument("--edges", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def measure(name: str, kind: str, options: argparse.Namespace) -> bool:
    """Print what was found for edges of one kind in a model; return whether the bar is met."""
    from scipy.stats import spearmanr

    from compute.finding import catalog
    from compute.models import loading
    from compute.why import effects, parts, proposals
    from compute.why.subject import ONE_SIDED, SIDES
    from compute.why.traced import WAYS

    model = loading.load(catalog.find(name))
    rng = np.random.default_rng(options.seed)
    edges = (_induction if kind == "induction" else _text)(model, options.edges, rng)
    held = {side: [] for side in SIDES}
    ranks = {(side, way): [] for side in ONE_SIDED for way in WAYS}
    times, errors = {what: [] for what in ("split", "propose", "twenty", "all")}, []
    for subject in edges:
        (piece,) = subject.pieces
        took = _Clock(times)
        split = parts.split(model, subject, piece)
        took("split")
        said = proposals.attributions(model, subject, piece)
        took("propose")
        proposed = proposals.first(said)
        effects.measure(model, subject, piece, proposed)
        took("twenty")
        earlier = list(np.ndindex(subject.layer, model.info.heads))
        found = effects.measure(model, subject, piece, earlier).contrast
        took("all")
        for at, side in enumerate(SIDES):
            held[side].append(earlier[int(abs(found[:, at]).argmax())] in proposed)
        for (side, way), known in ranks.items():
            truth = found[:, SIDES.index(side)]
            if len(set(truth)) > 1 and np.ptp(said[side][way]) > 0:
                known.append(spearmanr(said[side][way].ravel(), truth).statistic)
        errors += [float(abs(each.gap).max()) for each in split.values()]
    share = np.mean([each for one in held.values() for each in one])
    said = ", ".join(f"{side} {sum(one)}/{len(one)}" for side, one in held.items())
    print(f"{name}, {kind}: the strongest is proposed for {share:.1%} ({said})")
    for side in ONE_SIDED:
        rho = ", ".join(f"{way} {statistics.median(ranks[side, way]):.2f}" for way in WAYS)
        print(f"  {side} side, Spearman with all removals (median): {rho}")
    mean = {what: statistics.mean(each) for what, each in times.items()}
    first = mean["split"] + mean["propose"] + mean["twenty"]
    print(
        f"  split {mean['split']:.3f} s, proposal {mean['propose']:.3f} s, 20 heads "
        f"{mean['twenty']:.3f} s: {first / mean['all']:.2f} of the time of all heads "
        f"({mean['all']:.2f} s); parts miss the contrast by {max(errors):.0e} logits at most"
    )
    return bool(share >= HELD)


class _Clock:
    """Notes what each of several steps took."""

    def __init__(self, times: dict[str, list[float]]):
        self.times, self.last = times, time.perf_counter()

    def __call__(self, what: str) -> None:
        now = time.perf_counter()
        self.times[what].append(now - self.last)
        self.last = now


def _attention(model, ids: np.ndarray) -> np.ndarray:
    """Return the attention (L, H, T, T) of a passage."""
    import torch

    from compute.capture import passes

    layers: list[np.ndarray] = []
    inputs = {"input_ids": torch.from_numpy(ids)[None]}
    passes.run(
        model.net.base_model,
        inputs,
        on_call=lambda call: layers.append(call.attention()[0].cpu().numpy()),
    )
    return np.stack(layers)


def _subject(layer: int, head: int, ids: np.ndarray, query: int, key: int):
    from compute.why.subject import Piece, Subject

    one = Piece(0, ids, np.array([query]), np.array([key]))
    return Subject(int(layer), int(head), "", (one,))


def _induction(model, count: int, rng: np.random.Generator) -> Iterator:
    """Yield edges of induction of the five heads that look there most, in two sequences."""
    from compute.trials import planned

    material, info = planned.material(model), model.info
    for _ in range(2):
        tokens = rng.choice(material.pool, LENGTH, replace=False)
        ids = np.concatenate([material.before, tokens, tokens, material.after]).astype(np.int64)
        start = len(material.before)
        if info.causal:
            pairs = [(start + LENGTH + r, start + r + 1) for r in range(1, LENGTH - 1)]
        else:
            pairs = [(start + LENGTH + r, start + r) for r in range(3, LENGTH - 1, 6)]
            if info.task == "masked":
                ids[[query for query, _ in pairs]] = info.mask_id
        there = _attention(model, ids)[:, :, [q for q, _ in pairs], [k for _, k in pairs]].mean(2)
        order = [divmod(int(at), info.heads) for at in np.argsort(-there, axis=None)]
        heads = [at for at in order if at[0] >= 1][:5]
        heads = [at for at in heads if there[at] > 0.3] or heads[:2]
        for number in range(count // 2):
            query, key = pairs[rng.integers(len(pairs))]
            yield _subject(*heads[number % len(heads)], ids, query, key)


def _text(model, count: int, rng: np.random.Generator) -> Iterator:
    """Yield strong edges of heads from the second layer on, in two passages of prose."""
    from compute import texts

    passages = sorted(texts.load("prose").passages, key=len)
    for passage in rng.choice(passages[len(passages) // 2 :], 2, replace=False):
        ids = np.array(model.tokenizer(str(passage))["input_ids"], np.int64)[:60]
        by_head: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for layer, head, query, key in np.argwhere(_attention(model, ids) > LEAST):
            if layer >= 1 and 4 <= query < len(ids) - 1 and 1 <= key < len(ids) - 1:
                by_head.setdefault((layer, head), []).append((query, key))
        heads = list(by_head)
        rng.shuffle(heads)
        for number in range(min(count // 2, 100 * len(heads))):
            at = tuple(heads[number % len(heads)])
            yield _subject(*at, ids, *by_head[at][rng.integers(len(by_head[at]))])


if __name__ == "__main__":
    raise SystemExit(main())
