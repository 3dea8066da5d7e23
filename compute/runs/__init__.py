"""A run: a text as one model reads it, on the disk, and what is computed of its attention directly.

From outside: `runs.load`, `key_of`, `Run`, `RUNS`. ``vectors`` makes one, ``unrotated`` and
``ablated_runs`` its variants; ``attention`` and ``blocks`` give attention back; ``labels`` put its
tokens into classes; ``token_alignment`` and ``paired_attention`` match those of two runs.
"""

from compute.runs.run import RUNS, VERSION, Run, key_of, load

__all__ = ["RUNS", "VERSION", "Run", "key_of", "load"]
