"""Attention given back from the vectors of a run: exact, of one head or all, whole or in parts.

From outside: `attention.of_passage`, `attend` and what else ``exact`` has. ``windows`` and
``overviews`` draw a part and the whole of a long passage, ``blocks`` run over a whole text,
``all_attention`` and ``one_token`` read all heads at once, ``heat_scales`` gives it colours.
"""

from compute.attention.exact import (
    attend,
    by_value_norm,
    check_whole,
    in_rows,
    of_passage,
    without_special,
)

__all__ = ["attend", "by_value_norm", "check_whole", "in_rows", "of_passage", "without_special"]
