"""What `benchmarks/reach.py` is made of: tiny models of all families, their own attention, ours.

`shrink` makes the settings of any family tiny by the names of its fields, `special` knows the few
that need more, `families` builds the nets, `truth` asks a net for its own attention (`pairs` an
encoder-decoder, `pictures` a model of pictures), `by_hand` switches a head off, `ours` goes the way
of the product, `table` judges, `printed` shows it. `paths` reads a long text and a large model, of
which `peaks` tells the memory, and `loading_times` opens models.
"""
