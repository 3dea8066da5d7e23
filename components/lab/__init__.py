"""The stage "Induction lab": read-outs of all heads with nulls, ablation, models side by side.

``stage`` is what is there; ``callbacks``, ``ablation``, ``models``, ``extras``, ``detect`` and
``table`` what it does; ``measurement`` reads what was measured, ``figures`` and ``words`` say how
it looks, ``saved`` its tables. The page takes `STAGE`, the head grid the scores.
"""

from dash import Input

from components.forms import opened
from components.forms.fields import Flag, few, one_of, text
from components.forms.form import Form
from components.forms.results import DoneOfModel
from components.forms.typed import TYPED, longest, number
from components.lab import ablation, callbacks, extras, forms, models, saved, stage
from components.parts.jobs import Job
from components.parts.part import Field, Stage
from compute import limits

SETTINGS = (
    f"The lab takes {limits.TRIALS.low} to {limits.TRIALS.high} trials, a length of "
    f"{limits.LENGTH.low} to {limits.LENGTH.high:,} (or none: fitted) and a seed from 0 on, all "
    "whole numbers. Change them, then press Measure."
)
WAY = "There is no such ablation: heads are replaced by zero, or by their mean."


def _kept(name: str, form: Form | None = None, kind: str = "text") -> Field:
    return Field(f"lab-{name}", form, f"lab-{name}", kind)


STAGE = Stage(
    name="lab",
    title="Lab",
    build=stage.lab,
    register=callbacks.register,
    tables=saved.TABLES,
    jobs=(
        Job(
            "lab-measured",
            callbacks.measure,
            forms.Measured,
            Form(forms.Asked, SETTINGS),
            by="lab-asked",
            shared=True,
        ),
        Job(
            "lab-shown", callbacks.read_trials, DoneOfModel, inputs=(Input("lab-measured", "data"),)
        ),
        Job("lab-ablated", ablation.ablate, DoneOfModel, Form(forms.Ablate), by="lab-ablate"),
        Job(
            "lab-followed", ablation.measure_curve, DoneOfModel, Form(forms.Follow), by="lab-follow"
        ),
        Job(
            "lab-side",
            models.measure_all,
            forms.Done,
            Form(forms.Beside),
            by="lab-beside",
            most=limits.MODELS,
        ),
        Job(
            "lab-copies", extras.measure_copies, forms.Copies, Form(forms.CopiesAsked), shared=True
        ),
        Job("lab-icl", extras.measure_icl, forms.Context, Form(forms.ContextAsked)),
    ),
    fields=(
        _kept("design"),
        _kept("protocol"),
        _kept("trials"),
        _kept("length"),
        _kept("seed", TYPED),
        _kept("view", Form(text(300))),
        _kept("readout", Form(text(300) | None), "free"),  # its options come with a measurement
        _kept("number", Form(one_of("012"), "There is no such trial: choose 1, 2 or 3.")),
        _kept("unframed", Form(Flag), "flag"),
        _kept("off", longest("The list of heads", limits.HEADS * 8)),
        _kept("method", Form(forms.Way, WAY)),
        _kept(
            "models",
            Form(
                few(text(limits.MODEL), limits.MODELS) | None,
                f"Choose at most {limits.MODELS} models.",
            ),
            "list",
        ),
        _kept(
            "models-other",
            longest("The list of models", limits.MODELS * limits.MODEL),
            "models",
        ),
        Field("lab-off-count", number("How many heads", limits.STRONGEST)),
        Field("lab-off-which", number("Layer", limits.LAYER)),
    ),
    stores={"lab-run": Form(opened.Run | None), "lab-head": Form(opened.Head | None)},
)
