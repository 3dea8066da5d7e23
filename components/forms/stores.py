"""Which store has which form. One that nothing was put into yet sends nothing: that is None."""

from components.forms import lab, maps, opened, results
from components.forms.fields import few
from components.forms.form import Form
from compute import limits

LONG = f"A sentence can have at most {limits.SENTENCE:,} characters. Make it shorter."
LAB = (
    f"The lab takes {limits.TRIALS.low} to {limits.TRIALS.high} trials, a length of "
    f"{limits.LENGTH.low} to {limits.LENGTH.high:,} (or none: fitted) and a seed from 0 on, all "
    "whole numbers. Change them, then press Measure."
)

# What starts a job, or is drawn only when it is there: never empty.
FULL = {}
MAYBE = {
    # What is open
    **dict.fromkeys(("patterns-run", "lab-run"), opened.Run),
    # The second column
    # Maps and scores
    # All heads, patterns, the scale
    "all-asked": maps.AllAsked,
    "all-frame": maps.AllFrame,
    **dict.fromkeys(("all-laid", "all-refined"), maps.Laid),
    "patterns-asked": results.OfText,
    "patterns-head": opened.Head,
    "patterns-averaged": results.DoneOfText,
    "patterns-found": maps.Found,
    "patterns-classed": maps.Classed,
    # The lab
    "lab-head": opened.Head,
    "lab-measured": lab.Measured,
    "lab-shown": results.DoneOfModel,
    "lab-ablate": lab.Ablate,
    "lab-ablated": results.DoneOfModel,
    "lab-follow": lab.Follow,
    "lab-followed": results.DoneOfModel,
    "lab-beside": lab.Beside,
    "lab-side": few(lab.Done, limits.MODELS),
    "lab-copies-asked": lab.CopiesAsked,
    "lab-copies": lab.Copies,
    "lab-icl-asked": lab.ContextAsked,
    "lab-icl": lab.Context,
}
SAID = {
    "lab-asked": Form(lab.Asked | None, LAB),
}

STORES: dict[tuple[str, str], Form] = {
    (id, "data"): form
    for id, form in {
        **FULL,
        **{id: Form(kind | None) for id, kind in MAYBE.items()},
        **SAID,
    }.items()
}
