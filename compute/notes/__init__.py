"""What a person keeps: stars and notes on heads, and named selections of points.

``on_disk`` reads and writes small files in the cache folder, which no sweep deletes; ``heads`` has
the stars and notes of a model's heads, ``selections`` the points of a run that were given a name.
"""
