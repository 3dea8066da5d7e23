"""What the view "A graph of heads" says: choices, explanations, and sentences made of numbers."""

from collections.abc import Iterator

import numpy as np
from dash import html

from components.parts.numbers import signed
from compute.circuits import bars, feeding, rising
from compute.circuits.graph import Arrow, Graph, Node, arrows, sentence
from compute.circuits.taken import Taken
from compute.trials.head_ablation import names

KINDS = (("induction", "induction on random tokens"), ("rule", "a rule on this text"))
METHODS = (("mean", "its mean over the passage"), ("zero", "zero"))
EMPTY = (
    "Heads of later layers work with what earlier heads have written. Choose what heads are to "
    "look at, then press Draw the graph: it shows which heads do, and which earlier ones they need."
)
NO_INDUCTION = (
    "{} has no mask token and is not causal, so induction can't be measured. Choose a rule on "
    "this text."
)
DRAW_FIRST = "No graph is drawn yet. Press Draw the graph, then save."
TAKE_FIRST = "No head was taken out yet. Choose one and press Take it out, then save."
NO_ARROWS = "No earlier head was found to build them."
NOT_YET = "Press Take it out to see whom it feeds, and what rises when it is gone."

VIEW = [
    html.P(
        "A behaviour is a set of edges, from queries to keys: in induction, from a token that "
        "comes again to where induction heads look. Heads that put at least "
        f"{bars.LOOKS} of their attention on them look along the edges; at most {bars.MOST}, the "
        "strongest, are looked at."
    ),
    html.P(
        "For each of them earlier heads are proposed by attribution, and then really taken out, "
        "one after the other. An earlier head builds a query or a key if without it the contrast "
        "of that side falls (the logit of the edge less the mean logit of all keys that the query "
        f"may see) by at least {bars.SHARE:.0%}, and clearly above chance: the 95 % interval over "
        "passages leaves out zero and, where other edges can be compared, what happens to those."
    ),
]
GRAPH = [
    html.P(
        "Layers go upward. An arrow goes from a head that builds to the head whose query (blue) "
        "or key (orange) it builds; the thicker, the more logits of contrast go without it. Point "
        "at an arrow for its numbers. A click on a head opens it; the open one has a frame."
    ),
    html.P(
        "An arrow counts all that the head does, also by way of others in between: so a row of "
        "arrows may be one path. MLPs are not drawn. Heads that lower the contrast have no arrow."
    ),
]
NOTHING = "Choose a rule on this text, another rule, or another model."
READ = (
    "An arrow: without the lower head, the query (blue, left) or the key (orange, right) of the "
    "upper one matches worse. The thicker, the more. Click a head to open it."
)
WITHOUT = [
    html.P(
        "Takes one head out of every passage and reads all later heads along the same edges, "
        "whether they are in the graph or not."
    ),
]
FED = [
    html.P(
        "Later heads whose query or key loses contrast without it, by at least "
        f"{bars.SHARE:.0%} and above chance, as in the graph. Attention: when only this side "
        "goes without the head."
    ),
]
RISES = [
    html.P(
        "Later heads whose attention along these edges rises when it is gone: by "
        f"{bars.RISE} at least, with a 95 % interval over passages above 0 and, where other edges "
        "can be compared, more than there."
    ),
    html.P(
        "Such heads are candidates for backup heads, no more: that a head looks more there does "
        "not say that it does the work of the one that is gone."
    ),
]


def head(at: tuple[int, int]) -> str:
    """Return the name of a head."""
    return f"L{at[0]}H{at[1]}"


def whole(found: Graph, only: tuple[int, int] | None, is_whole: bool) -> str:
    """Say what a graph shows; of one that is still being measured, so far."""
    count = int(found.looks.sum())
    if not count:
        return f"{sentence(found)} So there is nothing to draw. {NOTHING}"
    if not is_whole and not found.measured:
        look = "head looks" if count == 1 else "heads look"
        return f"{count} {look} along {found.words}. Earlier heads are being taken out …"
    return ("" if is_whole else "So far: ") + _said(found, only)


def _said(found: Graph, only: tuple[int, int] | None) -> str:
    if only is None:
        return f"{sentence(found)} {_strongest(found)}".strip()
    own = int(np.flatnonzero(found.looks)[0])
    attention = found.attention[own]
    lead = f"Only {head(only)}, with attention {attention:.2f} on {found.words}"
    if np.isnan(attention):
        lead = f"Only {head(only)}, which doesn't see all of {found.words}"
    if not len(found.ends):
        return f"{lead}: of {found.measured} earlier heads that were taken out none builds it."
    return f"{lead}. {_strongest(found)}"


def _strongest(found: Graph) -> str:
    for one in arrows(found):
        row = found.ends[0, 1]
        return (
            f"The strongest arrow: without {head(one.builder[:2])} in the {one.side} of "
            f"{head(one.looking[:2])}, {signed(one.effect, 1)} of "
            f"{signed(found.contrast[row], 1)} logits of its contrast go."
        )
    return ""


def notes(found: Graph, only: tuple[int, int] | None, of_text: bool) -> str:
    """Say what should be known of the numbers besides."""
    unit = "passage" if of_text else "sequence"
    how = "its mean over the passage" if found.method == "mean" else "zero"
    were = "head was" if found.measured == 1 else "heads were"
    taken = f"{found.measured:,} earlier {were} taken out, one at a time, each replaced by {how}."
    said = [
        f"{found.edges:,} edges in {found.passages:,} {unit}{'' if found.passages == 1 else 's'}; "
        f"{taken if found.measured else 'There was no earlier head to take out.'}",
        *found.notes,
    ]
    looks = found.attention[found.looks]
    if only is not None and len(looks) and looks[0] < bars.LOOKS:
        said.insert(0, "This head hardly looks along these edges, so there is little to build.")
    return " ".join(said)


def node_said(node: Node) -> str:
    """Say what a head of the graph does, for the card under the mouse."""
    does = {"builds": "only builds", "looks": "looks along the edges"}
    role = does.get(node.role, "looks along the edges, and builds others")
    known = np.isfinite(node.attention)
    attention = f", attention there {node.attention:.2f}" if known else ""
    return f"L{node.layer}H{node.head}: {role}{attention}<br>a click opens it"


def arrow_said(one: Arrow) -> str:
    """Say what an arrow means, for the card under the mouse."""
    between = f" ({interval(one)})" if np.isfinite(one.low) else ""
    return (
        f"{head(one.builder[:2])} → {head(one.looking[:2])}, {one.side} side: "
        f"{signed(one.effect, 1)} logits{between}<br>attention "
        f"{went(one.looking.attention, one.attention)} without it"
    )


def interval(one: object) -> str:
    """Return the ends of an interval."""
    return f"{signed(one.low, 1)} … {signed(one.high, 1)}"


def went(before: float, change: float) -> str:
    """Return an attention before, and after some of it went."""
    if not np.isfinite(before):
        return "–"
    return f"{before:.2f} → {max(0.0, before - change):.2f}"


def fed(found: Taken, last: int) -> str:
    """Say how many later heads lose by it that some are gone."""
    gone = names(found.heads)
    if found.heads[0][0] == last:
        return f"{gone} is in the last layer: no head comes after it."
    there = feeding.fed(found)
    if not there:
        return (
            f"When {gone} is gone, no later head's query or key clearly loses contrast along "
            f"{found.words}."
        )
    count = len({one[:2] for one in there})
    return (
        f"Without {gone}, {count} later {'head loses' if count == 1 else 'heads lose'} contrast "
        f"along {found.words}."
    )


def rises(found: Taken, last: int) -> str:
    """Say which heads rise when some are gone, and no more than that."""
    gone = names(found.heads)
    if found.heads[0][0] == last:
        return f"{gone} is in the last layer: no head comes after it."
    more = " They are candidates for backup heads; what for is not measured."
    one = " It is a candidate for a backup head; what for is not measured."
    count = len(rising.rising(found))
    return rising.sentence(found) + ("" if not count else one if count == 1 else more)


def options(found: Graph, shown: tuple[int, int]) -> Iterator[tuple[str, str]]:
    """Yield the heads that can be taken out: builders, the strongest first, then the others."""
    known: dict[tuple[int, int], int] = {}
    for one in arrows(found):
        known[one.builder[:2]] = known.get(one.builder[:2], 0) + 1
    others = [tuple(at) for at in found.heads.tolist() if tuple(at) not in known]
    for at in dict.fromkeys([*known, *others, shown]):
        count = known.get(at, 0)
        said = f", {count} {'arrow' if count == 1 else 'arrows'} from it" if count else ""
        yield head(at), f"{head(at)}{said}{', the open head' if at == shown else ''}"
