"""What the head grid can be coloured by, in groups, for each kind of model."""

import dash_bootstrap_components as dbc

from components.grid import head_scores
from compute.lab.readouts import INDUCTION
from compute.scores.cross_scores import known_of
from compute.scores.head_scores import REPETITION

# What the head grid can be coloured by besides the scores on the text.
INDUCTION_SCORE, TRUST_SCORE = "induction-grid", "trust"
OTHER_SCORES = (
    (INDUCTION_SCORE, INDUCTION, REPETITION),
    (TRUST_SCORE, "Trust", "Map"),
)
# Offers the scores that the open model can have; keeps the chosen one if it is among them.
OFFER = """(run, chosen, kinds) => {
    const skip = window.dash_clientside.no_update;
    if (!run) return [skip, skip];
    const {weights, task, causal, part} = run.model;
    const without = weights && task !== "pairs" ? "" : "untried ";
    const own = ["cross", "picture"].find(kind => kind === part || kind === task);
    const options = kinds[own || without + (causal ? "causal" : "masked")];
    const first = options.find(o => !o.disabled).value;
    return [options, options.some(o => o.value === chosen) ? skip : first];
}"""


def chooser() -> dbc.Select:
    """Return the selector, the first score chosen."""
    # An address is read before anything is open: it may name a score of cross-attention.
    every = (*options(), *options(trials=False, square=False))
    once = {option["value"]: option for option in every}
    return dbc.Select(
        id="score-select", options=[*once.values()], value=all_scores()[0][0], size="sm"
    )


def all_scores(causal: bool | None = None) -> list[tuple[str, str]]:
    """Return (value, title) of all that the head grid can be coloured by, for a kind of model.

    Those of cross-attention and of pictures are among them where no kind is named.
    """
    kinds = [_groups(causal)]
    if causal is None:
        kinds += [_groups(None, False, square=False), _groups(None, False, pictures=True)]
    return [*dict.fromkeys(each for kind in kinds for some in kind.values() for each in some)]


def _groups(
    causal: bool | None, trials: bool = True, square: bool = True, pictures: bool = False
) -> dict[str, list[tuple[str, str]]]:
    """Return value and title of all scores, by what kind of score they are.

    `trials`: whether the model can be tried on other texts; `square`: not in cross-attention.
    """
    known, words = known_of(square, pictures), square and not pictures
    of_text = [(name, each.title, each.group) for name, each in known.items()]
    of_lab = [
        (name, title, head_scores.LAB_SCORES[name].group)
        for name, title in (head_scores.offered(causal, trials) if words else ())
    ]
    others = OTHER_SCORES if trials else [each for each in OTHER_SCORES if each[0] == TRUST_SCORE]
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, title, group in (*of_text, *others, *of_lab):
        groups.setdefault(group, []).append((name, title))
    return groups


def options(
    causal: bool | None = None, trials: bool = True, square: bool = True, pictures: bool = False
) -> list[dict]:
    """Return the options of the head grid's colours, under headings that can't be chosen."""
    return [
        option
        for group, some in _groups(causal, trials, square, pictures).items()
        for option in (
            {"value": f"group: {group}", "label": f"— {group} —", "disabled": True},
            *({"value": value, "label": title} for value, title in some),
        )
    ]


def kinds() -> dict[str, list[dict]]:
    """Return the options of the head grid's colours for each kind of model."""
    within = {
        f"{what}{kind}": options(causal, not what)
        for what in ("", "untried ")
        for kind, causal in (("causal", True), ("masked", False))
    }
    across = {"cross": options(trials=False, square=False)}
    return within | across | {"picture": options(trials=False, pictures=True)}
