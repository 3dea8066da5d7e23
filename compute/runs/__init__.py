"""A run: a text as one model reads it, with the queries and keys of all heads, on the disk.

From outside: `runs.load`, `joined`, `key_of`, `Run`, `RUNS`. ``vectors`` makes one, and
``picture_vectors`` one of pictures, ``pair_vectors`` those of an encoder–decoder's parts;
``unrotated`` and ``ablated_runs`` make variants. ``labels`` put its tokens into classes,
``cost`` says beforehand what is stored, ``by_layer`` reads runs of some layers alone.
"""

from compute.runs.run import RUNS, VERSION, Run, joined, key_of, load

__all__ = ["RUNS", "VERSION", "Run", "joined", "key_of", "load"]
