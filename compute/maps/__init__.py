"""Joint maps of a head's queries and keys.

``projection`` has all methods under one call (`projection.METHODS`, `fit`); ``cloud`` is what they
lay out; ``left_out`` says what a map does not show; ``out_of_sample`` adds tokens to a map,
``procrustes`` lays one over another; ``points`` colours, ``raster`` draws many as density,
``selection`` counts what was selected.
"""
