"""The stage "Corpus": what heads do over many texts, with intervals.

``stage`` is what is asked for, ``asking`` its job; ``views`` is what is shown of findings,
``callbacks`` what all heads do there, ``of_head`` the open one with ``examples``, ``bins`` and
``tables``; ``going`` leads to one text. ``figures`` and ``words`` are how it looks, ``saved`` its
tables. The page takes `STAGE`.
"""

from components.corpus import asking, callbacks, examples, forms, going, saved, stage, views
from components.corpus.of_head import VIEWS
from components.forms import opened
from components.forms.fields import Flag, Key, few, one_of, text
from components.forms.form import Form
from components.forms.results import DoneOfModel
from components.forms.typed import TYPED, Option, files
from components.gate import limits as gate
from components.parts.jobs import Job
from components.parts.part import Field, Stage
from compute import limits


def _kept(name: str, kind: object = None, how: str = "text", **more: object) -> Field:
    form = None if kind is None else Form(kind)
    return Field(f"corpus-{name}", form, f"corpus-{name}", how, **more)


def _chosen(name: str, options: list[tuple[str, str]]) -> Field:
    return _kept(name, one_of(value for value, _ in options))


_FOUND = Key | one_of([""]) | None
_SLICE = forms.Slice | None
_NAMES = Form(few(text(300), limits.CORPUS_FILES) | None)

STAGE = Stage(
    name="corpus",
    title="Corpus",
    build=stage.build,
    register=callbacks.register,
    tables=saved.TABLES,
    jobs=(
        Job("corpus-measured", asking.measure, DoneOfModel, Form(forms.Asked), shared=True),
        Job("corpus-sampled", going.sample, forms.Sample, Form(forms.SampleAsked)),
    ),
    fields=(
        _kept("found", _FOUND, "free"),
        _kept("part", _SLICE, "free", usual=views.WHOLE[0]),
        _chosen("score", views.SCORES),
        _kept("apart", Flag | None, "flag"),
        _chosen("x", views.SCORES),
        _chosen("y", views.SCORES),
        _chosen("colour", views.COLOURS),
        _kept("bars", Flag | None, "flag"),
        _kept("view"),
        _chosen("group", examples.GROUPS),
        _chosen("shade", examples.SHADES),
        _kept("b-found", _FOUND, "free"),
        _kept("b-part", _SLICE, "free", usual=views.WHOLE[0]),
        Field("corpus-b-layer", TYPED, "corpus-b-layer"),
        Field("corpus-b-head", TYPED, "corpus-b-head"),
        Field("corpus-which", Form(forms.Corpus | None), "corpus-which"),
        Field("corpus-which", Form(few(Option, 1_000)), prop="options"),
        _kept("tokens"),
        Field(
            "corpus-files",
            files("These texts", gate.FILE_BYTES, limits.CORPUS_FILES),
            prop="contents",
        ),
        Field("corpus-files", _NAMES, prop="filename"),
    ),
    stores={
        "corpus-run": Form(opened.Run | None),
        "corpus-head": Form(opened.Head | None),
        "corpus-offered": Form(forms.Offered | None),
        "corpus-sequence": Form(forms.Sequence | None),
        **{f"corpus-at-{name}": Form(forms.At | None) for name in ("head", *VIEWS)},
    },
)
