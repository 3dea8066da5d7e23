"""One function over many items: in this process, on this machine's cores, or on a cluster.

``crew`` hires who does it, ``tries`` says how often an item is tried; ``here`` is this process,
``on_dask`` works with a Dask scheduler, which ``local_cluster`` starts and ``joining`` finds.
``at_work`` is what a worker runs, ``gpus`` counts a machine's, ``shared`` knows whether a worker
sees this cache folder and has this code.
"""

from compute.engine.crew import Crew, Failed, hire

__all__ = ["Crew", "Failed", "hire"]
