"""The records of the scale stage's stores."""

from components.forms.fields import Flag, Needs, Theme, one_of
from components.forms.opened import Head
from components.scale.stage import WHICH
from compute.maps import projection

Method = one_of(name for name, method in projection.METHODS.items() if method.over_scales)


class MapsAsked(Head):
    """Maps of a head at each scale c."""

    method: Method


class Maps(MapsAsked):
    """Such maps, measured."""

    needs: Needs


class MethodsAsked(Head):
    """A head's maps by all methods."""

    tsne: Flag


class Methods(MethodsAsked):
    """Such maps, measured."""

    needs: Needs


class View(MapsAsked):
    """What the stage shows."""

    which: one_of(value for value, _ in WHICH)
    theme: Theme
