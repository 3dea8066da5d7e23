"""The stage "Patterns": heads found by a pattern, attention between classes, averages.

``stage`` is what is there, ``callbacks`` what it does, ``figures`` and ``words`` how it looks,
``saved`` its tables. The page takes `STAGE`.
"""

from components.forms import opened
from components.forms.fields import one_of, text
from components.forms.form import Form
from components.forms.typed import FILE_NAME, TYPED, file, longest
from components.parts.part import Field, Stage
from components.patterns import callbacks, saved, stage
from compute import limits
from compute.scores.pattern_rules import RULES
from compute.scores.patterns import PAINTED

PAINT = f"At most {limits.CELLS:,} cells can be painted. Press Clear and paint fewer."


def _kept(name: str, form: Form | None = None) -> Field:
    return Field(f"patterns-{name}", form, address=f"patterns-{name}")


def _chosen(name: str, options: list[tuple[str, str]]) -> Field:
    return _kept(name, Form(one_of(value for value, _ in options)))


STAGE = Stage(
    name="patterns",
    title="Patterns",
    build=stage.patterns_stage,
    register=callbacks.register,
    jobs=callbacks.JOBS,
    tables=saved.TABLES,
    fields=(
        _kept("view"),
        _kept("rule", Form(one_of([PAINTED, *RULES]))),
        _kept("offset", TYPED),
        _chosen("where", stage.WHERES),
        _kept("passage", TYPED),
        _kept("cells", Form(text(limits.CELLS * 12) | None, PAINT)),
        _chosen("order", stage.ORDERS),
        _chosen("source", stage.SOURCES),
        _kept("rules", longest("The patterns of classes", limits.RULES)),
        _chosen("keys", stage.KEYS),
        _chosen("by", stage.BY),
        _kept("cell", Form(text(1_000) | None)),
        _kept("least", TYPED),
        Field("patterns-file", file("The file of labels", limits.LABELS_FILE), prop="contents"),
        Field("patterns-file", FILE_NAME, prop="filename"),
    ),
    stores={
        "patterns-run": Form(opened.Run | None),
        "patterns-head": Form(opened.Head | None),
    },
)
