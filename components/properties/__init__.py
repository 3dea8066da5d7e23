"""The view "Which property of the tokens" of the stage "Why": what makes queries and keys match.

``view`` is what is there, ``callbacks`` what it does, ``forms`` what the browser may ask for,
``figures``, ``tables`` and ``words`` how it looks, ``saved`` its tables. The stage takes `VIEW`.
"""

from components.properties.view import VIEW

__all__ = ["VIEW"]
