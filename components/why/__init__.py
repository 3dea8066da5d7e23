"""The stage "Why": what made a head's queries and keys match, and what it does with them.

``stage`` puts its views together: ``match`` is the first, others have folders of their own (see
`stage.VIEWS`). Of the first, ``callbacks`` is what it does, ``forms`` what the browser may ask
for, ``figures``, ``tables`` and ``words`` how it looks, ``saved`` its tables. The page takes
`STAGE`.
"""

from components.why.stage import STAGE

__all__ = ["STAGE"]
