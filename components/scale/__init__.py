"""The stage "Methods", `scale` in addresses: which c each criterion chooses, what it does to maps.

``stage`` is what is there, ``callbacks`` and ``methods`` what it does, ``figures`` and ``words``
how it looks, ``saved`` its tables. The page takes `STAGE`.
"""

from components.forms.form import Form
from components.forms.results import DoneOfText, OfText
from components.parts.jobs import Job
from components.parts.part import Field, Stage
from components.scale import callbacks, forms, methods, saved, stage

STAGE = Stage(
    name="scale",
    title="Methods",
    build=stage.scale_stage,
    register=callbacks.register,
    tables=saved.TABLES,
    jobs=(
        Job("scale-scan", callbacks.scan, DoneOfText, Form(OfText)),
        Job("scale-maps", callbacks.lay_out, forms.Maps, Form(forms.MapsAsked)),
        Job("scale-methods", methods.try_methods, forms.Methods, Form(forms.MethodsAsked)),
    ),
    fields=(
        Field("scale-which", address="scale-which"),
        Field("scale-method", address="scale-method"),
    ),
    stores={"scale-view": Form(forms.View | None)},
)
