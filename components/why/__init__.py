"""The stage "Why": what made a head's queries and keys match.

``stage`` is what is there, ``callbacks`` what it does, ``forms`` what the browser may ask for,
``figures``, ``tables`` and ``words`` how it looks, ``saved`` its tables. The page takes `STAGE`.
"""

from components.forms import opened
from components.forms.fields import one_of
from components.forms.form import Form
from components.forms.typed import TYPED
from components.parts.jobs import Job
from components.parts.part import Field, Stage
from components.why import callbacks, forms, saved, stage

STAGE = Stage(
    name="why",
    title="Why",
    build=stage.why_stage,
    register=callbacks.register,
    jobs=(
        Job(
            "why-match",
            callbacks.explain,
            forms.Done,
            Form(forms.Asked),
            frame="why-frame",
        ),
    ),
    tables=saved.TABLES,
    fields=(
        Field("why-kind", Form(one_of(forms.KINDS)), "why-kind"),
        Field("why-rule", Form(one_of(forms.RULES)), "why-rule"),
        Field("why-offset", Form(TYPED), "why-offset"),
        Field("why-passage", Form(TYPED), "why-passage"),
        Field("why-query", Form(TYPED), "why-query"),
        Field("why-key", Form(TYPED), "why-key"),
        Field("why-method", Form(one_of(forms.METHODS)), "why-method"),
        Field("why-source", Form(forms.SOURCE)),
    ),
    stores={
        "why-run": Form(opened.Run | None),
        "why-head": Form(opened.Head | None),
        "why-frame": Form(forms.Seen | None),
        "why-seen": Form(forms.Seen | None),
    },
)
