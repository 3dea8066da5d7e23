"""The buttons that the server hears of: it is told how often each was pressed."""

from components.forms.fields import Clicks
from components.forms.form import Form
from components.heads import head_similarity
from components.lab import saved as lab_tables
from components.page import take_away
from components.parts.save_table import FORMATS
from components.patterns import saved as pattern_tables
from components.scale import saved as scale_tables

STARTS = (
    *("text-use", "induction-start", "heldout-start", "save-dossier", "alike-start"),
    *("lab-off-top", "lab-off-layer", "lab-off-none", "lab-ablate-start", "lab-curve-start"),
    *("lab-models-start", "lab-copies-start", "lab-icl-start", "lab-detected-start"),
    *("all-refine", "patterns-find", "patterns-classify"),
)
# Of the strips that show a running job (`parts.controls.job_bar`).
JOBS = (
    *("open", "open-b", "scores", "scores-b", "induction", "trusts", "map", "map-b", "ghost"),
    *("heldout", "dossier", "alike", "scale-scan", "scale-maps", "scale-methods"),
    *("lab-measured", "lab-shown", "lab-ablated", "lab-followed", "lab-side"),
    *("lab-copies", "lab-icl", "lab-detected", "all-laid", "all-refined"),
    *("patterns-averaged", "patterns-found", "patterns-classed"),
)
# Of the tables that can be saved (`parts.save_table`).
TABLES = (
    *(*take_away.TABLES, *head_similarity.TABLES, *lab_tables.TABLES),
    *(*scale_tables.TABLES, *pattern_tables.TABLES),
)

_CLICKED = Form(Clicks)

BUTTONS: dict[tuple[str, str], Form] = {
    (id, "n_clicks"): _CLICKED
    for id in (
        *STARTS,
        *(f"{name}-cancel" for name in JOBS),
        *(f"{table.name}-{kind}" for table in TABLES for kind, _ in FORMATS),
    )
}
