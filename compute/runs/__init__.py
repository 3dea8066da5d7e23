"""A run: a text as one model reads it, on the disk, and what is computed of its attention directly.

From outside: `runs.load`, `joined`, `key_of`, `Run`, `RUNS`. ``vectors`` makes one, and
``picture_vectors`` one of pictures, ``unrotated`` and ``ablated_runs`` their variants;
``attention``, ``windows`` and ``blocks`` give attention back; ``labels`` put its tokens into
classes; ``token_alignment`` and ``paired_attention`` match those of two runs; ``cost`` says
beforehand what is stored, and ``by_layer`` reads runs of some layers alone.
"""

from compute.runs.run import RUNS, VERSION, Run, joined, key_of, load

__all__ = ["RUNS", "VERSION", "Run", "joined", "key_of", "load"]
