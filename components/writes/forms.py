"""What the view asks its job for, and what that has made."""

from components.forms.fields import Flag, Index, Key, Needs, Place, Record, text, whole
from components.forms.opened import Head
from compute import limits
from compute.limits import Range

TOKEN = Range(0, limits.PASSAGE.high)
"""A place in a passage, special tokens counted."""
OF = text(20) | None
"""A token whose effect is split by word: ``next``, ``raised 0``, ``lowered 3``."""


class Asked(Head):
    """A head whose writing is measured over the text and, if both numbers are there, at a place."""

    passage: whole(limits.PASSAGE) | None
    place: whole(TOKEN) | None
    hide: Flag


class Seen(Record):
    """What is known so far of what a head writes: at a place of a passage (from 0), over a text."""

    run: Key
    layer: Place
    head: Place
    passage: Index | None
    place: Key | None
    text: Key | None


class Done(Seen):
    """What a head writes, measured."""

    needs: Needs
