"""The controls of the page: selectors, switches, fields that a person types in, files."""

from components.all_heads.stage import SCALES as TILE_SCALES
from components.forms.fields import (
    Colouring,
    Method,
    few,
    one_of,
    text,
)
from components.forms.form import Form
from components.forms.lab import Way
from components.forms.typed import FILE_NAME, TYPED, file, longest, number
from components.patterns.stage import BY as CLASS_COLOURS
from components.patterns.stage import KEYS as CLASS_KEYS
from components.patterns.stage import SOURCES, WHERES
from compute import limits
from compute.scores.pattern_rules import RULES
from compute.scores.patterns import PAINTED

CONTROLS: dict[tuple[str, str], Form] = {
    # The lab
    ("lab-seed", "value"): TYPED,
    ("lab-view", "value"): Form(text(300)),
    ("lab-readout", "value"): Form(text(300) | None),
    ("lab-number", "value"): Form(one_of("012"), "There is no such trial: choose 1, 2 or 3."),
    ("lab-off", "value"): longest("The list of heads", limits.HEADS * 8),
    ("lab-method", "value"): Form(
        Way, "There is no such ablation: heads are replaced by zero, or by their mean."
    ),
    ("lab-off-count", "value"): number("How many heads", limits.STRONGEST),
    ("lab-off-which", "value"): number("Layer", limits.LAYER),
    ("lab-models", "value"): Form(
        few(text(limits.MODEL), limits.MODELS) | None,
        f"Choose at most {limits.MODELS} models.",
    ),
    ("lab-models-other", "value"): longest("The list of models", limits.MODELS * limits.MODEL),
    # All heads
    ("all-method", "value"): Form(Method),
    ("all-colour", "value"): Form(Colouring),
    ("all-scale", "value"): Form(one_of(value for value, _ in TILE_SCALES)),
    ("all-find", "value"): longest("A token", limits.MODEL),
    # Patterns
    ("patterns-rule", "value"): Form(one_of([PAINTED, *RULES])),
    ("patterns-where", "value"): Form(one_of(value for value, _ in WHERES)),
    ("patterns-offset", "value"): TYPED,
    ("patterns-passage", "value"): TYPED,
    ("patterns-least", "value"): TYPED,
    ("patterns-cells", "value"): Form(
        text(limits.CELLS * 12) | None,
        f"At most {limits.CELLS:,} cells can be painted. Press Clear and paint fewer.",
    ),
    ("patterns-source", "value"): Form(one_of(value for value, _ in SOURCES)),
    ("patterns-rules", "value"): longest("The patterns of classes", limits.RULES),
    ("patterns-keys", "value"): Form(one_of(value for value, _ in CLASS_KEYS)),
    ("patterns-by", "value"): Form(one_of(value for value, _ in CLASS_COLOURS)),
    ("patterns-cell", "value"): Form(text(1_000) | None),
    ("patterns-file", "contents"): file("The file of labels", limits.LABELS_FILE),
    ("patterns-file", "filename"): FILE_NAME,
}
