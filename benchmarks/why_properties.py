"""Which property of the tokens known heads use: ``python benchmarks/why_properties.py``.

Each row is a head, a property and a text: 40 passages of 25 random words twice, the second time in
another order, or the built-in prose. Beside it is what a study found with code of its own: the
advantage of matching pairs in logits, the share of it in the directions, and the attention on
matching keys with and without them. Its rows of function words and of capitals are of another text,
and count the first token of each passage, where such heads rest; here that is no key. The times are
of one head, the pairs drawn already, and of all heads. Without its package SmolLM2 is left out.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

REPEATS = 3


@dataclass(frozen=True)
class Row:
    """A head, and what the study has of it; None where it says nothing."""

    model: str
    text: str
    said: str
    at: tuple[int, int]
    rank: int | None
    advantage: float | None
    share: float | None
    attention: float | None
    removed: float | None


ROWS = (
    Row("demo-gpt", "shuffled", "same@-1", (1, 0), 6, 21.3, 0.95, 0.927, 0.060),
    Row("demo-gpt", "shuffled", "same@-1", (2, 0), None, -0.12, None, None, None),
    Row("minilm", "shuffled", "same@0", (2, 9), 20, 5.4, 0.88, 0.472, 0.016),
    Row("minilm", "shuffled", "same@0", (1, 1), 21, 4.7, 0.90, None, None),
    Row("smollm2", "shuffled", "same@-1", (18, 6), 13, 10.2, 0.80, 0.676, 0.047),
    Row("smollm2", "shuffled", "same@-1", (17, 3), 13, 11.4, 0.89, 0.599, 0.009),
    Row("smollm2", "shuffled", "same@-1", (3, 3), None, None, None, None, None),
    Row("smollm2", "prose", "class:punctuation", (1, 1), 1, 3.8, 0.97, 0.585, 0.078),
    Row("smollm2", "prose", "class:function word", (5, 5), 1, 1.56, 0.92, 0.543, 0.344),
    Row("smollm2", "prose", "class:capitalised", (28, 0), 1, 1.4, 0.70, 0.058, 0.071),
)
AGREES = (2, 0.1, 0.1, 0.1, 0.06)
"""How far rank, advantage (relative), share and attention may be from the study's."""


def main() -> int:
    """Print the table and the times; return 1 if a row of random words is not as in the study."""
    from shared import machine

    from compute.model_files import packaged

    there = [row for row in ROWS if row.model != "smollm2" or packaged.installed()]
    if len(there) < len(ROWS):
        print(f"smollm2: not measured, it is not installed. Run: {packaged.INSTALL}\n")
    print(f"{machine()}; what the study has is in brackets\n")
    print(
        f"{'head':<15}{'property':<21}{'rank':>10}{'advantage':>15}{'share':>12}{'AUC':>6}"
        f"{'attention':>14}{'removed':>14}{'random':>8}{'PCs':>6}  verdict"
    )
    missed = [row for row in there if not shown(row)]
    for row in missed:
        print(f"MISSED: {row.model} L{row.at[0]}H{row.at[1]}, {row.said}")
    print()
    for model in dict.fromkeys(row.model for row in there):
        times(next(row for row in there if row.model == model))
    return int(bool(missed))


def shown(row: Row) -> bool:
    """Measure and print one row; tell whether one of random words is as in the study."""
    from compute.properties import finding, verdicts

    found = finding.measure(question(row), *row.at)
    head = f"{row.model} L{row.at[0]}H{row.at[1]}"
    print(
        f"{head:<15}{row.said:<21}{beside(found.rank, row.rank, 0):>10}"
        f"{beside(found.advantage, row.advantage):>15}{beside(found.share, row.share):>12}"
        f"{found.auc:>6.2f}{beside(found.attention, row.attention, 3):>14}"
        f"{beside(found.removed, row.removed, 3):>14}{found.random_mean:>8.3f}"
        f"{found.principal:>6.3f}  {verdicts.VERDICTS[found.verdict].title}"
    )
    if row.text != "shuffled" or row.rank is None:
        return True
    pairs = (
        (found.rank, row.rank),
        (found.advantage / row.advantage, 1),
        (found.share, row.share),
        (found.attention, row.attention),
        (found.removed, row.removed),
    )
    return all(
        known is None or abs(value - known) <= far
        for (value, known), far in zip(pairs, AGREES, strict=True)
    )


def question(row: Row):
    """Return what is asked of the text of a row, its pairs drawn."""
    from shared import extract
    from shuffled import shuffled

    from compute import runs
    from compute.properties import asking

    run = shuffled(row.model) if row.text == "shuffled" else runs.load(extract(row.model, row.text))
    asked = asking.ask(run, row.said)
    asked.pairs(row.at[0]), asked.exchanged(row.at[0])
    return asked


def beside(value: float, known: float | None, digits: int = 2) -> str:
    """Return a number and what the study has in brackets."""
    return f"{value:.{digits}f}" + ("" if known is None else f" ({known:.{digits}f})")


def times(row: Row) -> None:
    """Print how long one head takes, and all."""
    from shared import seconds

    from compute.properties import asking, every_head, finding

    asked = question(row)
    one = min(seconds(lambda: finding.measure(asked, *row.at)) for _ in range(REPEATS))
    draws = seconds(lambda: question(row))
    heads = asked.run.model.layers * asked.run.model.heads
    every = seconds(lambda: every_head.measure(asking.ask(asked.run, row.said)))
    print(
        f"{row.model}: pairs drawn in {1e3 * draws:.0f} ms, one head {1e3 * one:.0f} ms, all "
        f"{heads} in {every:.1f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
