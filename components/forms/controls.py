"""The controls of the page: selectors, switches, fields that a person types in, files."""

from typing import Annotated

from pydantic import Field

from components.all_heads.stage import SCALES as TILE_SCALES
from components.forms.fields import (
    Colouring,
    Flag,
    Method,
    Record,
    Spec,
    Theme,
    Typed,
    Words,
    few,
    one_of,
    text,
    whole,
)
from components.forms.form import Form
from components.forms.lab import Way
from components.grid import grids
from components.patterns.stage import BY as CLASS_COLOURS
from components.patterns.stage import KEYS as CLASS_KEYS
from components.patterns.stage import SOURCES, WHERES
from compute import limits, texts
from compute.limits import Range
from compute.scores.pattern_rules import RULES
from compute.scores.patterns import PAINTED

SCALES = ("none", "norm", "0.2", "0.4", "0.8", "1.25", "2.5", "5")
ASK = "Give a whole number from {:,} to {:,}."


class Option(Record):
    """One line of a selector."""

    value: Spec
    label: Words


def number(name: str, limit: Range) -> Form:
    """Return the form of a field for a whole number, which may be empty."""
    return Form(whole(limit) | None, f"{name}: {ASK.format(*limit)}")


def longest(what: str, most: int) -> Form:
    """Return the form of a field for text, which may be empty."""
    return Form(text(most) | None, f"{what} can have at most {most:,} characters.")


def file(what: str, size: int) -> Form:
    """Return the form of an uploaded file: a data URL in base64."""
    url = Annotated[
        str,
        Field(
            strict=True,
            max_length=limits.encoded(size),
            pattern=r"^data:[^,]{0,250};base64,[A-Za-z0-9+/]*={0,2}$",
        ),
    ]
    sentence = f"{what} could not be read. Choose a file of at most {size:,} bytes, once again."
    return Form(url | None, sentence)


_HEAD = Form(text(300) | whole(limits.LAYER))
_FILE_NAME = Form(text(5_000) | None)
_TYPED = Form(Typed)

CONTROLS: dict[tuple[str, str], Form] = {
    ("theme", "data"): Form(Theme),
    # The panel of maps
    ("layer-select", "value"): _HEAD,
    ("head-select", "value"): _HEAD,
    ("method-select", "value"): Form(Method),
    ("dims-select", "value"): Form(one_of(["2", "3"])),
    ("steps-input", "value"): _TYPED,
    ("scale-select", "value"): Form(one_of(SCALES)),
    ("rotation-select", "value"): Form(one_of(["after", "before"])),
    ("colour-select", "value"): Form(Colouring),
    ("score-select", "value"): Form(one_of(name for name, _ in grids.all_scores())),
    **{(id, "value"): Form(Flag) for id in ("hide-special", "by-value", "density")},
    ("dim-untrusted", "value"): Form(Flag),
    # One's own text
    ("text-input", "value"): Form(
        text(texts.LONGEST) | None,
        f"The text is longer than {texts.LONGEST:,} characters. "
        "Cut out the part you want to look at.",
    ),
    ("text-file", "contents"): file("This file", 4 * texts.LONGEST),
    ("text-file", "filename"): _FILE_NAME,
    ("text-by", "value"): Form(one_of(["auto", "line", "paragraph"])),
    ("text-select", "options"): Form(Annotated[few(Option, 10_000), Field(min_length=1)]),
    # Induction
    ("induction-trials", "value"): number("Trials", limits.TRIALS),
    ("induction-length", "value"): number("Length", limits.LENGTH),
    ("induction-seed", "value"): number("Seed", limits.SEED),
    # The lab
    ("lab-seed", "value"): _TYPED,
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
    ("patterns-offset", "value"): _TYPED,
    ("patterns-passage", "value"): _TYPED,
    ("patterns-least", "value"): _TYPED,
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
    ("patterns-file", "filename"): _FILE_NAME,
}
