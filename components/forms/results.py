"""The records of what a job has made: of which text or model, and what all it stands for."""

from components.forms.fields import Key, Needs, Record, Spec


class OfText(Record):
    """A run, by its key."""

    run: Key


class DoneOfText(OfText):
    """Something that a job has measured of a run."""

    needs: Needs


class DoneOfModel(Record):
    """Something that a job has measured of a model."""

    spec: Spec
    name: Key
    needs: Needs
