"""The one kind of error that is meant for the person at the page."""


class HeadscopeError(Exception):
    """Something the user can understand and act on.

    The message is one or two plain sentences: what happened, and what to try.
    """
