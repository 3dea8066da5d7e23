"""Which store has which form. One that nothing was put into yet sends nothing: that is None."""

from components.forms import lab, maps, opened, results
from components.forms.fields import few
from components.forms.form import Form
from compute import limits

LONG = f"A sentence can have at most {limits.SENTENCE:,} characters. Make it shorter."
OPENED = (
    "What names a model or a text can have at most "
    f"{limits.MODEL:,} characters, all on one line. Check the spelling."
)
LAB = (
    f"The lab takes {limits.TRIALS.low} to {limits.TRIALS.high} trials, a length of "
    f"{limits.LENGTH.low} to {limits.LENGTH.high:,} (or none: fitted) and a seed from 0 on, all "
    "whole numbers. Change them, then press Measure."
)

# What starts a job, or is drawn only when it is there: never empty.
FULL = {
    "request": Form(opened.Request, OPENED),
    "linked": Form(opened.Linked, OPENED),
    "wanted": Form(maps.Wanted),
    "wanted-b": Form(maps.Wanted),
    "trusts-asked": Form(maps.TrustAsked),
}
MAYBE = {
    # What is open
    **dict.fromkeys(("run", "run-b", "b-unscored", "patterns-run", "lab-run"), opened.Run),
    "selection": opened.Selection,
    "selection-b": opened.Selection,
    "lassoed": opened.Lassoed,
    "ghost-asked": opened.Request,
    "ghost": opened.Ghost,
    # The second column
    "b-asked": opened.Asked,
    "b-runs": opened.Pair,
    "b-side": opened.Column,
    "b-other": opened.Column,
    "b-over": opened.Over,
    "b-differ": opened.Chosen,
    # Maps and scores
    **dict.fromkeys(("fitted", "fitted-b"), maps.Fitted),
    **dict.fromkeys(("frame", "frame-b"), maps.Step),
    **dict.fromkeys(("scores", "scores-b", "alike"), results.DoneOfText),
    "trusts": maps.Trusts,
    "induction": results.DoneOfModel,
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
    "lab-detected-asked": results.OfText,
    "lab-detected": results.DoneOfText,
}
SAID = {
    "ghost-sentence": Form(opened.Sentence | None, LONG),
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
