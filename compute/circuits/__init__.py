"""Which heads work for one another: graphs of heads for a behaviour, measured.

From outside: `behaviours` says of which edges a behaviour is made; `building.build` measures who
builds the queries and keys of the heads that look along them; `taken.measure` takes heads out, of
which `feeding` reads who loses by it and `rising` who gains. ``reading`` is what all of these
measure, ``graph`` what is kept, ``drawing`` where its parts stand and ``rows`` their tables.
"""
