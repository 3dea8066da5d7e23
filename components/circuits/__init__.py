"""The view "A graph of heads" of the stage "Why": which heads work for one another.

``view`` is what is there, ``callbacks`` what it does, ``forms`` what the browser may ask for,
``figures``, ``tables`` and ``words`` how it looks, ``saved`` its tables. The stage takes `VIEW`.
"""

from components.circuits.view import VIEW

__all__ = ["VIEW"]
