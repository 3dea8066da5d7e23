"""The maps of all heads of a run.

``tiles`` lays them out without a fit, to be seen at once; ``all_maps`` fits them and measures their
trust, and ``refining`` does so piece by piece, while one looks.
"""
