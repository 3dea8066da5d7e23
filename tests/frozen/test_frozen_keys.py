"""What is kept on disk has the names that it always had: a cache of an earlier version is not lost.

``entries.json`` was written before the rooms of the house were moved; what depends on a text's
vectors was named anew when these got another form (`runs.run.VERSION` 4). Every job runs once on
the demo models; the kinds and names of all that lies in the cache afterwards must be those.
"""

import json
from pathlib import Path

from stored import quiet

from compute import store, texts
from compute.all_heads import tiles
from compute.jobs import mapping, measuring, opening, scoring, writing
from compute.scores import patterns

ENTRIES = Path(__file__).with_name("entries.json")
LAB = {"trials": 6, "length": 12, "seed": 3}
TWO = "The cat sat on the mat.\nThe dog saw the cat and the dog ran."


def everything() -> None:
    """Run each kind of job that keeps something."""
    text = texts.save_user(texts.from_user(TWO))
    gpt = opening.open_run("demo-gpt", text, quiet)["key"]
    opening.open_run("demo-bert", text, quiet)
    without = opening.open_run("demo-gpt", text, quiet, "L0H0, L1", "mean")["key"]
    scoring.score_heads(gpt, quiet)
    mapping.measure_trust(gpt, "pca", 2, {"scale": 2.0}, quiet)
    measuring.measure_induction("demo-gpt", LAB, quiet)
    mapping.fit_map(gpt, 1, 2, "attention", 2, {"steps": 5}, quiet)
    mapping.fit_map(gpt, 1, 2, "attention-size", 3, {}, quiet)
    mapping.fit_map(gpt, 0, 1, "tsne", 2, {"iterations": 250, "scale": "norm"}, quiet)
    tiles.lay_out(gpt, "pca", lambda *_: None)
    mapping.scan_scales(gpt, quiet)
    mapping.compare(gpt, 0, 0, list(mapping.at_scales("pca").values()), quiet)
    measuring.measure("demo-bert", LAB | {"design": "shuffled"}, quiet)
    measuring.show("demo-gpt", LAB, quiet)
    measuring.ablate("demo-gpt", [(0, 0), (1, None)], text, LAB | {"method": "mean"}, quiet)
    measuring.follow("demo-gpt", LAB, quiet)
    measuring.copies("demo-gpt", {"trials": 5, "seed": 1}, quiet)
    measuring.detect(gpt, quiet)
    measuring.context("demo-gpt", "prose", {"trials": 5, "seed": 1}, quiet)
    scoring.find_pattern(gpt, patterns.Pattern("offset", -2), quiet)
    scoring.find_pattern(gpt, patterns.Pattern("painted", cells=((2, 1, 1.0),), passage=0), quiet)
    scoring.between_classes(gpt, "role", "", True, quiet)
    scoring.between_classes(gpt, "rules", "any = .+", False, quiet)
    scoring.compare_runs(gpt, without, quiet)
    writing.at_place(gpt, 1, 0, 0, 3, {"top": 3}, quiet)
    writing.over_text(gpt, 1, 0, {"top": 3}, quiet)


def kept() -> dict[str, list[str]]:
    """Return the names of all entries, by their kind."""
    found: dict[str, list[str]] = {}
    for manifest in store.root().glob(f"*/*/{store.MANIFEST}"):
        found.setdefault(manifest.parent.parent.name, []).append(manifest.parent.name)
    return {kind: sorted(names) for kind, names in sorted(found.items())}


def test_entries_have_the_names_that_they_always_had(cache: Path) -> None:
    everything()
    assert kept() == json.loads(ENTRIES.read_text())
