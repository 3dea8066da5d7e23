"""The one kind of error that is meant for the person at the page."""


class HeadscopeError(Exception):
    """Something the user can understand and act on.

    The message is one or two plain sentences: what happened, and what to try.
    """


def first_line(error: Exception) -> str:
    """Return the first line of what another library says, to be told in brackets."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
