"""The view "What it writes" of the stage "Why": what a head does to the tokens that are predicted.

``view`` is what is there, ``callbacks`` what it does, ``forms`` what the browser may ask for,
``figures``, ``tables`` and ``words`` how it looks, ``saved`` its tables. The stage takes `VIEW`.
"""

from components.writes.view import VIEW

__all__ = ["VIEW"]
