"""Where requests come in: every value that a callback of the server takes is held against its form.

`guard.guard` does it. The forms are named where the values are: by the jobs, fields and stores of
the page's parts; ``table`` gathers them, and ``requests`` knows what a request of the page is.
"""

from components.entrance.guard import guard

__all__ = ["guard"]
