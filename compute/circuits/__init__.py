"""Which heads work for one another: graphs of heads for a behaviour, measured.

From outside: `behaviours` says of which edges a behaviour is made; `building.build` measures who
builds the queries and keys of the heads that look along them; `taking.measure` takes heads out, of
which `feeding` reads who loses by it and `rising` who gains. ``reading`` is what all of these
measure, ``graph`` and ``taken`` are what is kept; ``drawing`` says where the parts of a graph
stand, ``rows`` makes tables.
"""
