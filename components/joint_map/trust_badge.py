"""The badge in a map's corner: how far its distances can be read as attention."""

from dash import Dash, Input, Output, html

from components.parts.controls import table
from components.shown.pictures import measure, picture
from components.shown.records import COLUMNS, SIDES, HeadView, MapOptions
from compute.maps import projection
from compute.maps.left_out import left_out
from compute.trust.trust import Trust

KINDS = {
    "near means attended": "good",
    "roughly": "fair",
    "do not read distances": "poor",
}
MUCH = 0.3
"""From this share of attention on sinks the badge itself says that T leaves them out."""


def draw_badge(column, options, _fitted):
    """Say how far the map that is shown can be trusted."""
    view, options = HeadView.of(column), MapOptions(**options)
    found = measure(view, picture(view, options))
    if found is None:
        return "Trust: when the map is fitted", "badge-none", "The map is not ready yet."
    score = "" if found.score is None else f" {max(found.score, 0):.2f}"
    text = [html.B(f"Trust{score}"), f" {found.words}"]
    if found.sink_share is not None and found.sink_share >= MUCH:
        text.append(f", without sinks ({found.sink_share:.0%} of the attention)")
    details = _details(found, options.method, left_out(view.data.model, options.method))
    return text, f"badge-{KINDS.get(found.words, 'none')}", details


def _details(found: Trust, method: str, lacks: str) -> list:
    def share(value: float | None) -> str:
        return "–" if value is None else f"{value:.0%}"

    number = "–" if found.score is None else f"{found.score:z.3f}"
    full = "–" if found.score_all is None else f"{found.score_all:z.3f}"
    recall = [
        (
            f"Recall@{n}: of the {n} most attended keys, those among the {n} nearest",
            share(found.recall[n]),
            share(found.chance[n]),
        )
        for n in found.recall
    ]
    rows = [
        ("T, special tokens left out", number, "0"),
        ("T, special tokens included", full, "0"),
        *recall,
        ("Percentile of the 10 nearest keys, whole text", share(found.corpus), "50%"),
        ("Mixing of queries and keys", share(found.mixing), ""),
        (
            "Attention on sinks: special tokens, in causal models first ones",
            share(found.sink_share),
            "",
        ),
    ]
    return [
        html.P(
            "How far near means attended in this picture. It is a mark for the map, not for the "
            "head: whether that matters, or does anything, it does not say. 1 is the best that "
            "any picture could do, 0 is chance. From 0.85: near means attended; from "
            "0.60: roughly; below: do not read distances."
        ),
        html.P(
            "T looks at the tenth of its passage that lies nearest to each query: how much of its "
            "attention goes there, of what could go to so many tokens, above chance. Recall asks "
            "more: whether the very keys with most attention are the very nearest. It can be far "
            "below 100% where trust is 1.00."
        ),
        html.P(["T = Σ (got − chance) / Σ (best − chance), over queries with 8 or more keys."]),
        html.P(
            "The attention map was fitted to this very attention: its T is in-sample."
            if projection.METHODS[method].sees_attention
            else "This method never saw attention."
        ),
        *([html.P(f"{lacks} T counts all of it.")] if lacks else []),
        table(("", "value", "chance"), rows),
    ]


def register(app: Dash) -> None:
    """Wire the badges of both sides."""
    for side in SIDES:
        app.callback(
            Output(f"trust-badge{side}", "children"),
            Output(f"trust-badge{side}", "className"),
            Output(f"trust-details{side}", "children"),
            inputs={
                "column": COLUMNS[side],
                "options": MapOptions.inputs(),
                "_fitted": Input(f"fitted{side}", "data"),
            },
        )(draw_badge)
