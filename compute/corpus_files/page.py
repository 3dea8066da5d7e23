"""What a head does over a corpus as one HTML file that needs nothing else: no script, no network.

All text in it may come from anybody who ever wrote something into the corpus: it is escaped.
"""

import re
from collections.abc import Sequence

import numpy as np

from compute.corpus import views
from compute.corpus.corpus_scores import CORPUS_SCORES
from compute.corpus.findings import FINDINGS, Findings
from compute.corpus.views import HeadView, PairRow, TokenRow
from compute.corpus_files import page_charts, page_examples
from compute.corpus_files.page_style import STYLE
from compute.errors import HeadscopeError
from compute.take_away import html_page
from compute.take_away.markup import Markup, join, table, tag
from compute.version import code_version

SLICES = 6
"""Slices that are shown beside one another, at most: the largest."""
LISTED = 15
"""Tokens and pairs that are listed."""
_NAME = re.compile(r"L\d{1,4}H\d{1,4}\.html")


def is_name(name: str) -> bool:
    """Tell whether a file is called as these pages are."""
    return _NAME.fullmatch(name) is not None


def of_head(name: str, layer: int, head: int) -> str:
    """Return the page of a head, from findings that are in the store.

    Raises
    ------
    HeadscopeError
        If they are not, or the model has no such head.
    """
    found = FINDINGS.get(name)
    if found is None:
        raise HeadscopeError("What was found in this corpus is not kept any more. Measure again.")
    check_head(found.about, layer, head)
    view = views.view(name, layer, head)
    if view is None:
        raise HeadscopeError("What was found in this corpus is not kept any more. Measure again.")
    return page(found, view, layer, head)


def check_head(about: dict, layer: int, head: int) -> None:
    """Refuse a head that the model does not have."""
    layers, heads = about["layers"], about["heads"]
    if not (0 <= layer < layers and 0 <= head < heads):
        raise HeadscopeError(
            f"{about['name']} has no head L{layer}H{head}: its layers are 0 to {layers - 1}, the "
            f"heads of each 0 to {heads - 1}."
        )


def page(found: Findings, view: HeadView, layer: int, head: int) -> str:
    """Return the page of a head as HTML."""
    title = f"Head L{layer}H{head} of {found.about['name']} over “{found.about['corpus']}”"
    body = [
        tag("h1", title),
        _facts(found),
        _section("Scores", _scores(found, layer, head)),
        _section("Passages", page_examples.examples(view)),
        _section("How its attention is spread", page_charts.histograms(view)),
        _section("Tokens", _tokens(view)),
        _section("Pairs", _pairs(view.pairs)),
        _section("Classes of tokens", _classes(view)),
        _section("Methods", tag("p", _methods(found))),
        _section("What the scores mean", _definitions(found)),
    ]
    return html_page.document(title, body, STYLE)


def _section(title: str, content: Markup) -> Markup:
    return tag("section", tag("h2", title), content)


def _facts(found: Findings) -> Markup:
    about = found.about
    facts = {
        "Model": f"{about['name']}, {about['layers']} layers of {about['heads']} heads; sees "
        + ("only earlier tokens (causal)" if about["causal"] else "all tokens of its passage"),
        "Identity": about["identity"],
        "Corpus": f"{about['corpus']}: {about['tokens']:,} tokens in {about['passages']:,} "
        f"passages of at most {about['length']:,}, of {about['documents']:,} documents",
    }
    if about["broken"]:
        facts["Left out"] = f"{about['broken']:,} broken lines"
    if about["left_out"]:
        lost = "; ".join(f"{what}: {why}" for what, why in about["left_out"])
        facts["Not read"] = f"{len(about['left_out']):,} stretches of text. {lost}"
    if about["notes"]:
        facts["Note"] = " ".join(about["notes"])
    return tag("dl", *(join([tag("dt", name), tag("dd", said)]) for name, said in facts.items()))


def _scores(found: Findings, layer: int, head: int) -> Markup:
    rows = []
    for name in found.names:
        score, own = CORPUS_SCORES[name], found.of(name)
        mean, low, high = (float(part[layer, head]) for part in own)
        if np.isnan(mean):
            continue
        place = int((own.mean > mean).sum()) + 1
        n = int(found.n[0, found.names.index(name), layer])
        unit = "" if score.unit == "share" else f" {score.unit}"
        range_ = _range(low, high)
        rows.append(
            (score.title, f"{mean:.3f}{unit}", range_, f"{place} of {own.mean.size}", f"{n:,}")
        )
    columns = ("Score", "Mean", "95 % interval", "Place among all heads", "Tokens")
    every = table(columns, rows, "Over all of the corpus. The largest value has place 1.")
    return join([every, _by_slice(found, layer, head)])


def _by_slice(found: Findings, layer: int, head: int) -> Markup:
    if len(found.slices) < 2:
        return Markup("")
    order = (1 + np.argsort(-found.tokens[1:], kind="stable"))[:SLICES].tolist()
    rows = []
    for number, name in enumerate(found.names):
        cells = [[float(a[at, number, layer, head]) for a in (found.mean, found.low, found.high)]
                 for at in order]  # fmt: skip
        if not np.isnan([mean for mean, _, _ in cells]).all():
            rows.append((CORPUS_SCORES[name].title, *map(_cell, cells)))
    columns = ("Score", *(f"{found.slices[at]} ({found.tokens[at]:,} tokens)" for at in order))
    more = len(found.slices) - 1 - len(order)
    told = "By slice, with 95 % intervals over its documents."
    return table(columns, rows, told + (f" {more:,} smaller slices are not shown." if more else ""))


def _cell(numbers: Sequence[float]) -> str:
    mean, low, high = numbers
    if np.isnan(mean):
        return ""
    return f"{mean:.3f}" + ("" if np.isnan(low) else f" ({_range(low, high)})")


def _range(low: float, high: float) -> str:
    return "" if np.isnan(low) else f"{low:.3f} to {high:.3f}"


def _tokens(view: HeadView) -> Markup:
    told = (
        "Lift is the mean over that of all tokens. As a query: the most it gives to one ordinary "
        "token. As a key: all that it gets. Tokens that occur fewer than "
        f"{views.RARE} times are left out."
    )
    sides = (("As queries", view.queries), ("As keys", view.keys))
    tables = tag("div", *(_listed(title, rows) for title, rows in sides), class_="side")
    return join([tables, tag("p", told, class_="faint")])


def _listed(title: str, rows: Sequence[TokenRow]) -> Markup:
    cells = [
        (row.token, f"× {row.lift:.1f}", f"{row.mean:.3f}", f"{row.count:,}")
        for row in rows[:LISTED]
    ]
    return table(("Token", "Lift", "Mean", "Occurs"), cells, title)


def _pairs(pairs: Sequence[PairRow]) -> Markup:
    cells = [
        (f"{row.query} → {row.key}", f"{row.attention:.3f}", f"{row.count:,}", f"× {row.lift:.1f}")
        for row in pairs[:LISTED]
    ]
    told = (
        "From a query to a key, in the kept passages: mean attention where it is above .005, how "
        "often that is so, and attention over what either token alone would lead to."
    )
    return table(("Pair", "Attention", "Times", "Lift"), cells, told)


def _classes(view: HeadView) -> Markup:
    rows = []
    for number, name in enumerate(view.classes):
        pairs = zip(view.attention[number], view.chance[number], strict=True)
        cells = [_share(float(mean), float(chance)) for mean, chance in pairs]
        if any(cells):
            rows.append((name, *cells))
    told = (
        "Mean attention from the row's tokens to the column's, and in brackets its lift: how many "
        "times what equal attention to all tokens in view would give."
    )
    return table(("from \\ to", *view.classes), rows, told)


def _share(mean: float, chance: float) -> str:
    if np.isnan(mean) or not chance:
        return ""
    return f"{mean:.3f} (× {mean / chance:.1f})"


def _methods(found: Findings) -> str:
    about = found.about
    return (
        f"Every passage was read by {about['name']} on its own; attention is the model's, summed "
        "layer by layer as it was made. Scores are means over ordinary tokens: special tokens, "
        "and in causal models the first token of each passage, are left out. Intervals are over "
        "documents, which are taken as independent (first-order, with Student's t). Passages are "
        "the strongest of the corpus for this head, and a random sample that is the same for all "
        f"heads. Headscope code {code_version()}."
    )


def _definitions(found: Findings) -> Markup:
    scores = (CORPUS_SCORES[name] for name in found.names)
    return tag(
        "dl",
        *(
            join([tag("dt", s.title), tag("dd", f"{s.definition} Source: {s.source}.")])
            for s in scores
        ),
    )
