"""The part of a dossier on why a head looks there: its strongest lines, and who built them."""

import numpy as np

from compute.errors import HeadscopeError
from compute.progress import Report
from compute.runs import Run
from compute.take_away.markup import Markup, join, table, tag
from compute.why import answers, questions
from compute.why.questions import Question
from compute.why.results import EXPLAINED, Explained, above, over_passages, strongest
from compute.why.subject import PLACES, SIDES

SHOWN = 6
METHOD = (
    "Why it looks there: the contrast of an edge is its logit less the mean logit of all keys in "
    "view. Of the strongest line of every token, each earlier head of 20 that attributions propose "
    "was taken out (its mean over the passage took its place), and the effect is what of the "
    "contrast went, with the 95 % interval over passages; a star where it leaves out zero and what "
    "happens to other edges of the same distances. Directly: what a part wrote into that side "
    "itself, norms held; what went by way of another head or an MLP counts for those."
)


def gather(run: Run, layer: int, head: int, report: Report) -> Explained | str:
    """Explain a head's strongest lines; return the sentence where that can't be."""
    try:
        question = Question(layer, head, questions.STRONGEST)
        return EXPLAINED.get(answers.of_text(run.key, question, report))
    except HeadscopeError as error:
        return str(error)


def section(found: Explained | str) -> Markup:
    """Return what is known, as HTML."""
    if isinstance(found, str):
        return tag("p", found)
    lead = (
        f"The strongest line of each token, {found.edges:,} in {len(found.passages)} passages: a "
        f"contrast of {_signed(found.contrast.mean())} logits, attention "
        f"{found.attention.mean():.3f}."
    )
    sums = "" if found.complete else " The parts do not add up: some are not attributed."
    parts = [tag("p", lead + sums), _parts(found)]
    if len(found.measured):
        parts.append(_heads(found))
    return join(parts)


def _parts(found: Explained) -> Markup:
    names = {"token embeddings": "token", "position embeddings": "position"}
    names |= {"earlier heads": "heads", "MLPs": "mlps", "what is the same always": "rest"}
    passages = len(found.passages)
    rows = [
        (title, *(_signed(getattr(found, name)[side].sum() / passages) for side in (0, 1)))
        for title, name in names.items()
    ]
    caption = "In logits; each side adds up to the contrast, and the two are never added."
    return table(("Written directly by", "Query side", "Key side"), rows, caption)


def _heads(found: Explained) -> Markup:
    effects, clear = over_passages(found.effects), above(found)
    rows = []
    for n in strongest(found)[:SHOWN]:
        layer, head = map(int, found.measured[n])
        sides = [
            f"{_signed(effects.mean[n, side])}{'*' if clear[n, side] else ''}"
            for side in range(len(SIDES))
        ]
        rows.append((f"L{layer}H{head}", *sides, _brought(found, (layer, head))))
    titles = ("Without", "Query side", "Key side", "Both", "Its part of the keys comes from")
    caption = "What of the contrast goes without a head: measured, the largest effect first."
    return table(titles, rows, caption)


def _brought(found: Explained, at: tuple[int, int]) -> str:
    """Say from which token a head brought most of what it wrote into the keys."""
    parts, whole = found.places[1][at], found.heads[1].mean(0)[at]
    if abs(whole) < 0.02 * abs(found.contrast.mean()):
        return "–"
    names = dict(
        zip(
            PLACES,
            ("the token itself", "the token before", "the first token", "other tokens"),
            strict=True,
        )
    )
    at_most = int(np.argmax(abs(parts)))
    return names[PLACES[at_most]] if parts[at_most] / whole >= 0.5 else "many tokens"


def _signed(value: float) -> str:
    return f"{value:z.2f}".replace("-", "−")
