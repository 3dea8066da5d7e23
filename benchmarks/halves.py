"""Half precision against the models' own attention: ``python benchmarks/halves.py``.

Each model reads the first passages of a built-in text in bfloat16. What is read
from the run is compared with the model's own eager attention in bfloat16, weight by weight; how far
that is from single precision, the model's note says. Exit code 1 if more than a thousandth differs.
"""

import os
import sys
import tempfile

import numpy as np
from shared import machine

MODELS = ("minilm", "demo-gpt", "smollm2")
PASSAGES = 12
MOST = 1e-3
"""So many weights may end on the other side of a rounding: sums are taken in another order."""


def main() -> int:
    """Measure, print a line a model, and return 1 if too much differs."""
    from compute.model_files import packaged

    other = 0.0
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"HEADSCOPE_CACHE": folder, "HEADSCOPE_DTYPE": "bfloat16"}
        for name in MODELS if packaged.installed() else MODELS[:-1]:
            share, most, drift = compare(name)
            other = max(other, share)
            print(f"{name}: {share:.3%} of the weights differ, by {most:.2g} at most")
            print(f"  from single precision: {drift}")
    print(machine())
    return int(other > MOST)


def compare(name: str) -> tuple[float, float, str]:
    """Return which share of a model's weights differs, the largest difference, and its distance."""
    import torch

    from compute import attention, store, texts
    from compute.finding import catalog
    from compute.models import loading
    from compute.progress import unseen
    from compute.runs import vectors

    model = loading.load(catalog.find(name))
    text = texts.from_user("\n".join(texts.load("grammar").passages[:PASSAGES]), by="line")
    run = vectors.extract(model, text, store.key("halves", name), unseen)
    model.net.set_attn_implementation("eager")
    apart = []
    for passage in range(PASSAGES):
        ids = torch.tensor(run.tokens.ids[run.span(passage)])[None]
        with torch.inference_mode():
            own = model.net(input_ids=ids, output_attentions=True).attentions
        for layer, head in np.ndindex(model.info.layers, model.info.heads):
            found = attention.of_passage(run, layer, head, passage)
            apart.append(np.abs(found - own[layer][0, head].float().numpy()).ravel())
    every = np.concatenate(apart)
    drift = model.info.note.partition("single precision ")[2]
    return float((every > 0).mean()), float(every.max()), drift


if __name__ == "__main__":
    sys.exit(main())
