"""Maps of one head beside each other: by other methods, and over the scale c.

``comparison`` fits several and measures them, ``scales`` has the criteria by which a c is chosen,
and ``all_scales`` chooses it for every head.
"""
