"""The buttons that the server hears of: it is told how often each was pressed."""

from components.forms.fields import Clicks
from components.forms.form import Form
from components.parts.save_table import FORMATS

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
    *("save-map", "save-heatmap", "save-scores", "alike", "alike-pair"),
    *("lab", "lab-ablated", "lab-curve", "lab-copies", "lab-icl", "lab-side"),
    *("scale-grids", "scale-curves", "scale-maps", "scale-methods"),
    *("patterns-found", "patterns-classed", "patterns-by-cell"),
    *("patterns-offsets", "patterns-positions"),
)

_CLICKED = Form(Clicks)

BUTTONS: dict[tuple[str, str], Form] = {
    (id, "n_clicks"): _CLICKED
    for id in (
        *STARTS,
        *(f"{name}-cancel" for name in JOBS),
        *(f"{name}-{kind}" for name in TABLES for kind, _ in FORMATS),
    )
}
