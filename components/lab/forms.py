"""The records of the induction lab's stores."""

from components.forms.fields import Flag, Key, Needs, Place, Record, Spec, few, one_of, whole
from components.forms.results import DoneOfModel
from compute import limits
from compute.trials import designs, head_ablation

Trials, Length, Seed = (whole(each) for each in (limits.TRIALS, limits.LENGTH, limits.SEED))
Way = one_of(head_ablation.ABLATIONS)


class Options(Record):
    """Which random sequences a model reads."""

    design: one_of(designs.COPIES)
    protocol: one_of(designs.PROTOCOLS)
    trials: Trials
    length: Length | None
    seed: Seed


class AblationOptions(Record):
    """The same for an ablation, and what the heads' outputs are replaced by."""

    design: one_of(designs.COPIES)
    trials: Trials
    length: Length | None
    seed: Seed
    method: Way


class Drawn(Record):
    """Settings of a measurement that has no others."""

    seed: Seed


class Asked(Record):
    """A measurement to be made."""

    spec: Spec
    options: Options


class Done(Record):
    """A measurement as `jobs.measuring.measure` describes it."""

    spec: Spec
    model: Spec
    causal: Flag
    scores: Key
    nulls: Key
    needs: Needs


class Measured(Done):
    """The open model's measurement, and how it was made."""

    options: Options


class Ablate(Record):
    """Heads to be switched off."""

    spec: Spec
    heads: few(tuple[Place, Place], limits.HEADS)
    text: Spec
    options: AblationOptions


class Follow(Record):
    """A curve to be measured."""

    spec: Spec
    options: AblationOptions


class Beside(Record):
    """Models to be laid side by side."""

    specs: few(Spec, limits.MODELS)
    options: Options


class CopiesAsked(Record):
    """The copying sign to be measured."""

    spec: Spec
    options: Drawn


class Copies(CopiesAsked, DoneOfModel):
    """The copying sign, measured."""


class ContextAsked(CopiesAsked):
    """The ICL score to be measured."""

    text: Spec


class Context(ContextAsked, DoneOfModel):
    """The ICL score, measured."""
