"""The tables of the stage "Corpus" as files."""

from dash import Dash, Input, Output, State, dcc
from dash.exceptions import PreventUpdate

from components.parts.save_table import Saved, SavedTable
from components.shown import corpora
from components.shown.records import model_of
from compute.corpus import views
from compute.corpus.findings import Findings
from compute.corpus.views import HeadView
from compute.corpus_files import page
from compute.errors import HeadscopeError
from compute.take_away import corpus_tables

NO_HEAD = "Nothing is kept of this head. Choose another, then save."
NOTHING = "No corpus is measured with this model yet. Measure one, then save."


def scores(name: str | None, run: dict | None) -> Saved:
    """Return all scores of all heads in all slices."""
    found = _found(name, run)
    return corpus_tables.scores(found), ("corpus", *_of(found, run))


def examples(name: str | None, head: dict | None, run: dict | None) -> Saved:
    """Return the open head's passages, each word of each with what it looks at."""
    return _of_head("corpus-examples", corpus_tables.examples, name, head, run)


def spread(name: str | None, head: dict | None, run: dict | None) -> Saved:
    """Return the open head's histograms."""
    return _of_head("corpus-histograms", corpus_tables.histograms, name, head, run)


def tokens(name: str | None, head: dict | None, run: dict | None) -> Saved:
    """Return the open head's tokens, as queries and as keys."""
    return _of_head("corpus-tokens", corpus_tables.tokens, name, head, run)


def pairs(name: str | None, head: dict | None, run: dict | None) -> Saved:
    """Return the open head's strongest pairs."""
    return _of_head("corpus-pairs", corpus_tables.pairs, name, head, run)


def classes(name: str | None, head: dict | None, run: dict | None) -> Saved:
    """Return the open head's attention between classes."""
    return _of_head("corpus-classes", corpus_tables.classes, name, head, run)


def send_page(clicks: int | None, name: str | None, head: dict | None, run: dict | None) -> dict:
    """Send what the open head does over the corpus as one HTML file that needs nothing else."""
    if not clicks:
        raise PreventUpdate
    found = _found(name, run)
    if not head:
        raise HeadscopeError(NO_HEAD)
    at = head["layer"], head["head"]
    file = "-".join(("corpus", *_of(found, run), f"L{at[0]}H{at[1]}"))
    return dcc.send_string(page.of_head(name, *at), f"{file}.html")


def register(app: Dash) -> None:
    """Wire the button that saves a page; those of the tables are wired with their stage."""
    states = (State(*place) for place in _HEAD)
    app.callback(
        Output("corpus-download", "data", allow_duplicate=True),
        Input("corpus-page", "n_clicks"),
        *states,
    )(send_page)


def _found(name: str | None, run: dict | None) -> Findings:
    found = corpora.of(name, run)
    if found is None:
        raise HeadscopeError(NOTHING)
    return found


def _of_head(what: str, make, name: str | None, head: dict | None, run: dict | None) -> Saved:
    found = _found(name, run)
    view: HeadView | None = views.view(name, head["layer"], head["head"]) if head else None
    if view is None:
        raise HeadscopeError(NO_HEAD)
    return make(view), (what, *_of(found, run), f"L{head['layer']}H{head['head']}")


def _of(found: Findings, run: dict) -> tuple[str, ...]:
    letters = (c if c.isalnum() else "-" for c in found.about["corpus"].lower())
    return model_of(run), "".join(letters)[:40].strip("-")


_RUN = ("corpus-run", "data")
_FOUND = ("corpus-found", "value")
_HEAD = (_FOUND, ("corpus-head", "data"), _RUN)
TABLES = (
    SavedTable("corpus-scores", "all scores of all heads", "corpus-grid", scores, (_FOUND, _RUN)),
    SavedTable("corpus-passages", "these passages", "corpus-examples", examples, _HEAD),
    SavedTable("corpus-histograms", "the histograms", "corpus-spread", spread, _HEAD),
    SavedTable(
        "corpus-of-tokens", "tokens by lift", "corpus-tokens-of", tokens, _HEAD, label="tokens"
    ),
    SavedTable(
        "corpus-of-pairs", "the strongest pairs", "corpus-tokens-of", pairs, _HEAD, label="pairs"
    ),
    SavedTable("corpus-of-classes", "this matrix", "corpus-classes", classes, _HEAD),
)
