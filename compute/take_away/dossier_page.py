"""A head's dossier as one HTML file that needs nothing else: no script, no font, no network."""

from collections.abc import Iterable

import numpy as np

from compute.maps.left_out import left_out
from compute.maps.projection import METHODS
from compute.models.model import ModelInfo
from compute.pictures.grid import PLACES
from compute.runs import Run
from compute.scores.aggregate import REACH
from compute.scores.classes import FEW
from compute.scores.cross_scores import described, known_of
from compute.scores.head_similarity import Neighbour
from compute.scores.intervals import RESAMPLES
from compute.scores.pattern_rules import RULES
from compute.take_away import charts, dossier_pictures, dossier_why, html_page
from compute.take_away.dossier import LONGEST, METHOD, SEED, Dossier, Passage
from compute.take_away.markup import Markup, join, table, tag
from compute.why.results import Explained


def page(found: Dossier, why: Explained | str | None = None) -> str:
    """Return the dossier as HTML; all text in it that came from a person or a model is escaped.

    Parameters
    ----------
    why : Explained or str, optional
        From `dossier_why.gather`; without, nothing is said of it.
    """
    name = f"L{found.layer}H{found.head}"
    title = f"Head {name} of {named(found.run.model)} on “{found.run.title}”"
    body = [
        tag("h1", title),
        tag("p", found.run.model.note, class_="faint"),
        _facts(found),
        _strengths(found),
        _section("Scores", _scores(found)),
        _section("Map", _map(found)),
        _section("Attention by offset", _spectrum(found)),
        _section(f"Three telling {_units(found.run)}", _passages(found)),
        _section("Patterns", _rules(found)),
        _section("Who attends to whom", _classes(found)),
        _section("Heads like it and unlike it", _likeness(found)),
        *([] if why is None else [_section("Why it looks there", dossier_why.section(why))]),
        *ends(found, why),
    ]
    return html_page.document(title, body)


def named(model: ModelInfo) -> str:
    """Return a model's name, with the part that layers and heads are of."""
    return f"{model.name} ({model.part})" if model.part else model.name


def pictures(found: Dossier) -> list[Markup]:
    """Return what a page of several heads shows of each: its scores, map, offsets, passages."""
    return [
        _strengths(found),
        _section("Map", _map(found), "h3"),
        _section("Scores", _scores(found), "h3"),
        _section("Attention by offset", _spectrum(found), "h3"),
        _section(f"Three telling {_units(found.run)}", _passages(found), "h3"),
    ]


def ends(found: Dossier | None, why: Explained | str | None = None) -> list[Markup]:
    """Return what stands at the end of a page: methods, which are of no single head."""
    told = [] if why is None or isinstance(why, str) else [tag("p", dossier_why.METHOD)]
    methods = [_section("Methods", join([_methods(found), *told]))] if found else []
    names = known_of(True) if found is None else found.scores.names
    return [*methods, _section("What the scores mean", _definitions(names))]


def _section(title: str, content: Markup, heading: str = "h2") -> Markup:
    return tag("section", tag(heading, title), content)


def _facts(found: Dossier) -> Markup:
    model, run = found.run.model, found.run
    passages = len(run.tokens.starts) - 1
    sees = (
        "only earlier tokens (causal)" if model.causal else f"all tokens of its {_units(run)[:-1]}"
    )
    if not run.square:
        sees = "from a token of the target all tokens of its source (cross-attention)"
    facts = {
        "Model": f"{model.name} ({model.spec}), {model.family}",
        "Identity": model.identity,
        "Head": f"layer {found.layer} of 0 to {model.layers - 1}, head {found.head} of 0 to "
        f"{model.heads - 1}; sees {sees}",
        "Text": f"{run.title}: {_counted(run)} in {passages:,} {_units(run)}",
    }
    facts |= {"Part": model.part} if model.part else {}
    facts |= {"Note": " ".join(run.notes)} if run.notes else {}
    return tag("dl", *_pairs(facts))


def _units(run: Run) -> str:
    return "passages" if run.grid is None else "pictures"


def _counted(run: Run) -> str:
    n = f"{len(run.tokens):,} tokens"
    return n if run.square else f"{n} of targets and {len(run.keys):,} of sources"


def _pairs(facts: dict[str, str]) -> list[Markup]:
    return [join([tag("dt", name), tag("dd", value)]) for name, value in facts.items()]


def _strengths(found: Dossier) -> Markup:
    """Return by which scores the head is among the first three."""
    names = found.scores.names
    places = sorted((found.place(name), described(name).title.lower()) for name in names)
    named = [f"{_ORDER[place]} by “{title}”" for place, title in places if 0 < place <= 3]
    if not named:
        return tag("p", "By none of the scores below it is among the first three heads.")
    every = found.scores.mean[0].size
    return tag("p", f"Of all {every} heads it is {', '.join(named)}.")


_ORDER = ("", "first", "second", "third")


def _scores(found: Dossier) -> Markup:
    rows = []
    every = found.scores.mean[0].size
    for name in found.scores.names:
        mean, low, high = (float(part[found.layer, found.head]) for part in found.scores.of(name))
        if np.isnan(mean):
            continue
        measure = described(name)
        n = int(found.scores.n[found.scores.names.index(name), found.layer])
        unit = "" if measure.unit in ("share", "correlation") else f" {measure.unit}"
        place = f"{found.place(name)} of {every}"
        rows.append((measure.title, f"{mean:.3f}{unit}", _range(low, high), place, f"{n:,}"))
    columns = ("Score", "Mean", "95 % interval", "Place among all heads", "Tokens")
    return table(columns, rows, "The largest value has place 1.")


def _map(found: Dossier) -> Markup:
    keys = found.received.copy()
    keys[found.run.keys.sinks(found.run.model.causal)] = -1
    order = np.argsort(-keys, kind="stable")[:60]
    names = [(int(i), found.run.keys.strings[i]) for i in order if keys[i] >= 0]
    of_pictures = found.run.grid is not None
    if of_pictures:
        names = dossier_pictures.patches(found.run, [key for key, _ in names])
    picture = charts.scatter(found.layout.q, found.layout.k, names, images=of_pictures)
    trust = found.trust
    score = "not measured" if trust.score is None else f"{trust.score:z.2f}"
    told = (
        f"Trust {score}: {trust.words}. Trust is the attention that lies on the nearest tenth of "
        "the keys of a query's passage, of the most it could be: 0 is chance, 1 the best any map "
        f"could do, over {trust.queries:,} queries, special tokens left out. On those, the others "
        f"rest {trust.sink_share:.0%} of their attention. {METHODS[METHOD].definition} "
        f"{left_out(found.run.model, METHOD)}"
    ).strip()
    legend = join(
        [
            tag("span", "Queries", class_="query"),
            " and ",
            tag("span", "keys", class_="key"),
            f" of all tokens; {'as patches' if of_pictures else 'named'} are keys that get much "
            "attention. ",
        ]
    )
    return tag("figure", picture, tag("figcaption", legend, told))


def _spectrum(found: Dossier) -> Markup:
    averages = found.averages
    own = tuple(np.asarray(part)[found.layer, found.head] for part in averages.spectrum)
    picture = charts.spectrum(averages.offsets, type(averages.spectrum)(*own))
    told = (
        f"Mean attention of a token to the one so many places before (−) or after (+) it, up to "
        f"{REACH}, both ordinary; lines are 95 % intervals over passages."
    )
    if found.run.grid is not None:
        told += f" {PLACES} −{found.run.grid.columns} is the patch above."
    if not found.run.square:
        told += " Places are counted in target and source, each from its beginning: 0 is the same."
    return tag("figure", picture, tag("figcaption", told))


def _passages(found: Dossier) -> Markup:
    if (grid := found.run.grid) is not None:
        seen = (dossier_pictures.passage(each, grid) for each in found.passages)
        return join([tag("p", dossier_pictures.TOLD, class_="faint"), *seen])
    told = (
        "Where the head does most that position does not explain: the mean Jensen–Shannon "
        "divergence (0 to 1) of its attention from what its offsets and resting places over the "
        f"whole text would give. Rows are queries, columns keys; only passages of up to {LONGEST} "
        "tokens if there are any."
    )
    legend = tag("figure", charts.key_of_shades())
    shown = (_passage(p, found.run.square) for p in found.passages)
    return join([tag("p", told, class_="faint"), legend, *shown])


def _passage(passage: Passage, square: bool) -> Markup:
    beyond = "not measured" if np.isnan(passage.beyond) else f"{passage.beyond:.3f}"
    sides = zip((passage.tokens, passage.keys), passage.lengths, strict=True)
    sizes = [
        f"{length} tokens" + ("" if len(shown) == length else f", its first {len(shown)}")
        for shown, length in sides
    ]
    size = sizes[0] if square else f"target {sizes[0]}, source {sizes[1]}"
    told = f"Passage {passage.number + 1}, {size}; beyond position: {beyond}"
    picture = charts.heatmap(passage.tokens, passage.keys, passage.attention)
    return tag("figure", picture, tag("figcaption", told))


def _rules(found: Dossier) -> Markup:
    rows = []
    for rule in found.rules:
        row = rule.row
        rows.append(
            (
                RULES[rule.name].title,
                f"{row.mean:.3f}",
                f"{row.expected:.3f} by {_BASELINES[rule.baseline]}",
                f"{row.excess:+z.3f}",
                _range(row.excess_low, row.excess_high),
                rule.place,
                f"{row.n:,}",
            )
        )
    columns = ("Pattern", "Attention", "Expected", "Excess", "95 % interval", "Place", "Queries")
    return table(columns, rows, "Place is the head's among all heads, by excess.")


_BASELINES = {"position": "position alone", "uniform": "equal attention"}


def _share(mean: float, lift: float, few: bool) -> str:
    """Say attention and its lift; a class that no query may see has neither, or no lift.

    A star marks what rests on few tokens.
    """
    if np.isnan(mean):
        return ""
    return f"{mean:.2f}" + ("" if np.isnan(lift) else f" (×{lift:.1f})") + ("*" if few else "")


def _classes(found: Dossier) -> Markup:
    matrix, names = found.classes, found.classes.names
    mean, lift = (np.asarray(a)[found.layer, found.head] for a in (matrix.mean, matrix.lift))
    few = matrix.rests_on(found.layer) < FEW
    rows = [
        (
            f"{name} ({int(matrix.tokens[i]):,})",
            *(_share(mean[i, j], lift[i, j], few[i, j]) for j in range(len(names))),
        )
        for i, name in enumerate(names)
    ]
    of = "" if found.run.square else " of the sources"
    told = (
        "Mean attention from the row's tokens to the column's, and in brackets its lift: how many "
        "times what equal attention to all tokens in view would give. In the first column, how "
        f"many tokens{of} are in a class. *: rests on fewer than "
        f"{FEW} queries or keys."
    )
    return table(("from \\ to", *names), rows, told)


def _likeness(found: Dossier) -> Markup:
    def listed(title: str, heads: tuple[Neighbour, ...]) -> Markup:
        names = ", ".join(f"L{n.layer}H{n.head} ({n.divergence:.3f})" for n in heads)
        return tag("p", tag("strong", title), f" {names or 'none'}")

    told = (
        "In brackets the Jensen–Shannon divergence of attention, in bits, mean over "
        f"{found.compared:,} queries: 0 is equal attention, 1 no key in common."
    )
    return join(
        [
            listed("Nearest to it:", found.most),
            listed("Farthest from it:", found.least),
            tag("p", told, class_="faint"),
        ]
    )


def _methods(found: Dossier) -> Markup:
    model, run = found.run.model, found.run
    added = model.adds or run.biases
    more = ", and of what the model adds to them," if added else ""
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    told = (
        f"Queries and keys of all heads of {model.name} ({model.spec}; identity {model.identity}) "
        f"were recorded, after all position encoding, in one pass over the {_counted(run)} "
        f"of “{run.title}”, each {_units(run)[:-1]} read on its own; attention is the softmax of "
        f"their scaled products{more} under the model's own mask. Scores are means over ordinary "
        "tokens: special tokens, and in causal models each passage's first token, are left out. "
        f"Intervals are 95 % percentile bootstrap intervals over passages ({RESAMPLES:,} "
        f"resamples, seed 0). The map is the {METHODS[METHOD].title.lower()} in two dimensions, "
        f"seed {SEED}. Text and vectors: entry {run.key} of the cache. Versions: {versions}."
    )
    return tag("p", told)


def _definitions(names: Iterable[str]) -> Markup:
    known = map(described, names)
    return tag("dl", *_pairs({m.title: f"{m.definition} Source: {m.source}." for m in known}))


def _range(low: float, high: float) -> str:
    return "" if np.isnan(low) else f"{low:.3f} to {high:.3f}"
